import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AccuracyCount } from '../../protocol/accuracy.ts';
import { type CheckRecord, type DriftKind, driftKindSchema } from '../../protocol/check.ts';
import type { FaceFigures } from '../../protocol/face-figures.ts';

type FaceGauges = Pick<FaceFigures, 'stored' | 'waitingTemplates' | 'lateTills' | 'oldestMs'>;

/** What the gauges of trigger accuracy show. */
type AccuracyFigures = Pick<AccuracyCount, 'rate' | 'causes' | 'engineDifferent'>;

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What HQ counts, for Prometheus. Labels are calls and codes of ours only: their number is bounded and they name nobody. */
export interface HqMetrics {
  /** A call was answered: `outcome` is `ok` or the code of the refusal. */
  answered(call: string, outcome: string, elapsedMs: number): void;
  streamOpened(): void;
  streamEnded(code: string): void;
  /** A page or express rows went to a till. */
  rowsSent(frame: 'page' | 'express', rows: number): void;
  /** Time from the commit of a row to the page that carries it, in milliseconds. */
  pageLatency(elapsedMs: number): void;
  headMoved(pos: number): void;
  batchNumbered(rows: number, elapsedMs: number): void;
  uploaded(items: number, entries: number): void;
  /** Called when the figures are read. */
  onScrape(read: () => Promise<void>): void;
  setWaiting(rows: number, oldestMs: number): void;
  setCertificateEnd(atMs: number): void;
  /** Of the last days: decisions as full data would have them, the others, and faults of the engine. */
  setAccuracy(count: AccuracyFigures): void;
  /** Cases that wait for a person, by code, all at once. */
  setExceptions(open: Readonly<Record<string, number>>): void;
  /** Bytes of a question of a full-volume check, and of its answer. */
  checkBytes(asked: number, answered: number): void;
  /** A till told of a check that has ended. */
  checkEnded(check: Pick<CheckRecord, 'kind' | 'outcome' | 'repaired' | DriftKind>): void;
  /** Registered tills by the age of their last full check, all at once. */
  setCheckAges(counts: Readonly<Record<string, number>>): void;
  /** People whose faces the chain keeps, and destructions that tills have yet to confirm. */
  setFaces(figures: FaceGauges): void;
  /** All states at once: one that no till has any more is gone. */
  setTills(counts: Readonly<Record<string, number>>): void;
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/**
 * One registry for each HQ, so that several in one process do not mix.
 * @param options.process false = nothing about the process itself
 */
export function createHqMetrics({ process = true } = {}): HqMetrics {
  const registers = [new Registry()];
  const [registry] = registers;
  if (registry === undefined) throw new Error('broken invariant: a list of one has a first');
  if (process) collectDefaultMetrics({ register: registry, prefix: 'tillside_hq_' });
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `tillside_hq_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `tillside_hq_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, labelNames: string[] = []) =>
    new Histogram({ name: `tillside_hq_${name}`, help, labelNames, registers, buckets: SECONDS });

  const calls = counter('calls_total', 'Calls answered, by call and outcome', ['call', 'outcome']);
  const refusals = counter('refusals_total', 'Calls refused, by code', ['code']);
  const callSeconds = histogram('call_seconds', 'Time to answer a call', ['call']);
  const streams = gauge('streams_open', 'Streams of tills that are open');
  const streamEnds = counter('streams_ended_total', 'Streams that ended, by code', ['code']);
  const rows = counter('rows_sent_total', 'Feed rows sent on streams', ['frame']);
  const latency = histogram('commit_to_page_seconds', 'From the commit of a row to its page');
  const head = gauge('feed_head', 'Number of the last row in the feed');
  const numbered = counter('rows_numbered_total', 'Rows numbered by the sequencer of this process');
  const batchSeconds = histogram('batch_seconds', 'Time of a sequencer batch');
  const waiting = gauge('outbox_rows', 'Committed rows that wait for their number');
  const lag = gauge('feed_lag_seconds', 'Age of the oldest row that waits for its number');
  const uploads = counter('uploads_total', 'Uploads taken');
  const items = counter('upload_items_total', 'Outbox items received');
  const entries = counter('entries_total', 'Ledger entries received');
  const tills = gauge('tills', 'Tills by state; online counts those heard lately', ['state']);
  const certificateEnd = gauge(
    'certificate_end_timestamp_seconds',
    'When the server certificate ends',
  );
  const accuracy = gauge(
    'trigger_accuracy_ratio',
    'Sales of the last seven days decided as full and fresh data would have it; NaN without sales',
  );
  const inaccurate = gauge('trigger_inaccurate_sales', 'Sales of the last seven days by cause', [
    'cause',
  ]);
  const engineDiffers = gauge(
    'engine_different_sales',
    'Sales of the last seven days that the engine does not give again; must be 0',
  );
  const exceptions = gauge('exceptions_open', 'Bookings that wait for a person, by code', ['code']);
  const checkBytes = counter('check_bytes_total', 'Bytes of full-volume checks, by direction', [
    'direction',
  ]);
  const checks = counter('checks_total', 'Full-volume checks that tills told of', [
    'kind',
    'outcome',
  ]);
  const drift = counter('drift_rows_total', 'Rows that walks found to differ at tills, by kind', [
    'kind',
  ]);
  const repaired = counter('repaired_rows_total', 'Rows that walks put right at tills');
  const checkAges = gauge(
    'tills_by_check_age',
    'Registered tills by the age of their last full check',
    ['within'],
  );
  const faces = gauge('faces_stored', 'People whose faces the chain keeps, each once');
  const destructions = gauge(
    'face_destructions_waiting',
    'Keys of ended templates that tills have yet to destroy',
  );
  const lateTills = gauge(
    'face_tills_late',
    'Tills that have yet to destroy such a key after a week',
  );
  const destructionAge = gauge(
    'face_destruction_oldest_seconds',
    'Age of the oldest destruction that is waited for',
  );
  const readers: (() => Promise<void>)[] = [];

  return {
    answered(call, outcome, elapsedMs) {
      calls.inc({ call, outcome });
      callSeconds.observe({ call }, elapsedMs / 1_000);
      if (outcome !== 'ok') refusals.inc({ code: outcome });
    },
    streamOpened: () => streams.inc(),
    streamEnded(code) {
      streams.dec();
      streamEnds.inc({ code });
    },
    rowsSent: (frame, count) => rows.inc({ frame }, count),
    pageLatency: (elapsedMs) => latency.observe(Math.max(0, elapsedMs) / 1_000),
    headMoved: (pos) => head.set(pos),
    batchNumbered(count, elapsedMs) {
      numbered.inc(count);
      batchSeconds.observe(elapsedMs / 1_000);
    },
    uploaded(itemCount, entryCount) {
      uploads.inc();
      items.inc(itemCount);
      entries.inc(entryCount);
    },
    onScrape: (read) => void readers.push(read),
    setWaiting(count, oldestMs) {
      waiting.set(count);
      lag.set(oldestMs / 1_000);
    },
    setCertificateEnd: (atMs) => certificateEnd.set(atMs / 1_000),
    setAccuracy({ rate, causes, engineDifferent }) {
      accuracy.set(rate ?? Number.NaN);
      inaccurate.reset();
      for (const [cause, sales] of Object.entries(causes)) inaccurate.set({ cause }, sales);
      engineDiffers.set(engineDifferent);
    },
    setExceptions(open) {
      exceptions.reset();
      for (const [code, count] of Object.entries(open)) exceptions.set({ code }, count);
    },
    checkBytes(asked, answered) {
      checkBytes.inc({ direction: 'asked' }, asked);
      checkBytes.inc({ direction: 'answered' }, answered);
    },
    checkEnded(check) {
      checks.inc({ kind: check.kind, outcome: check.outcome });
      // What a scrub suspects a walk judges, and entries of a ledger are no rows of the feed.
      if (check.kind !== 'walk') return;
      repaired.inc(check.repaired);
      for (const kind of driftKindSchema.options) drift.inc({ kind }, check[kind]);
    },
    setCheckAges(counts) {
      checkAges.reset();
      for (const [within, count] of Object.entries(counts)) checkAges.set({ within }, count);
    },
    setFaces({ stored, waitingTemplates, lateTills: late, oldestMs }) {
      faces.set(stored);
      destructions.set(waitingTemplates);
      lateTills.set(late);
      destructionAge.set(oldestMs / 1_000);
    },
    setTills(counts) {
      tills.reset();
      for (const [state, count] of Object.entries(counts)) tills.set({ state }, count);
    },
    async text() {
      for (const read of readers) await read();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}
