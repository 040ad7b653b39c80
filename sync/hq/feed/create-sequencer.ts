import type { HqDatabase } from '../database/database.ts';
import type { HqLog, HqTimers } from '../deps.ts';
import {
  BATCH_MAX_BYTES,
  BATCH_MAX_ROWS,
  type Batch,
  type BatchLimits,
  OUTBOX_CHANNEL,
  sequenceBatch,
} from './sequence-batch.ts';
import { createTableCare } from './table-care.ts';

/** The sequencer looks so often even where nobody woke it, in milliseconds: a notification may be lost. */
export const LOOK_EVERY_MS = 1_000;
/** Rows counted as waiting at most: above it the figure says "at least". */
export const WAITING_COUNT_MAX = 100_000;

export interface SequencerDeps {
  readonly db: HqDatabase;
  readonly log: HqLog;
  /** Epoch milliseconds. */
  nowMs(): number;
  readonly timers: HqTimers;
  /** Told after every batch that took rows. */
  readonly onBatch?: (batch: Batch & { readonly tookMs: number }) => void;
  readonly limits?: Partial<BatchLimits>;
}

/** Numbers committed changes while it is open. Several may run, in several processes: one at a time works. */
export interface Sequencer {
  /** Resolves when the outbox was found empty, or another sequencer at work, after this call. */
  drain(): Promise<void>;
  /** Changes that wait for their number, {@link WAITING_COUNT_MAX} at most. */
  waiting(): Promise<number>;
  /** When it last looked into the outbox without an error, epoch milliseconds; null = never. */
  lastLookMs(): number | null;
  close(): Promise<void>;
}

/** Starts a sequencer: woken by every commit that wrote to the outbox, and every {@link LOOK_EVERY_MS}. */
export async function createSequencer(deps: SequencerDeps): Promise<Sequencer> {
  const { db, log, nowMs, timers, onBatch } = deps;
  const limits = { maxRows: BATCH_MAX_ROWS, maxBytes: BATCH_MAX_BYTES, ...deps.limits };
  const care = createTableCare(db);
  let closed = false;
  let lastLook: number | null = null;
  let running: Promise<void> | null = null;
  let again = false;

  async function look(): Promise<void> {
    while (!closed) {
      const startMs = nowMs();
      // Nearly every look finds nothing, and the batch is far dearer than this.
      const [any] = await db.query('SELECT 1 FROM outbox LIMIT 1');
      lastLook = nowMs();
      if (any === undefined) return;
      const batch = await sequenceBatch(db, limits);
      lastLook = nowMs();
      if (batch === null || batch.taken === 0) return;
      if (batch.unfit > 0)
        log('error', 'rows that no till can read were left out of the feed; see the alarms', {
          rows: batch.unfit,
        });
      onBatch?.({ ...batch, tookMs: lastLook - startMs });
      await care.after(batch.taken);
    }
  }

  /** Looks once more after a look that is running, since that may have missed what woke us. */
  function wake(): Promise<void> {
    if (running !== null) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        await look();
      } while (again && !closed);
    })().finally(() => {
      running = null;
    });
    return running;
  }

  function wakeQuietly(): void {
    wake().catch((error: Error) =>
      // The rows are still in the outbox; the next look takes them.
      log('error', 'the sequencer failed and will try again', { error: error.message }),
    );
  }

  const stopListening = await db.listen(OUTBOX_CHANNEL, wakeQuietly);
  const timer = timers.every(LOOK_EVERY_MS, wakeQuietly);
  wakeQuietly();

  return {
    async drain() {
      await wake();
    },
    async waiting() {
      const [row] = await db.query<{ n: number }>(
        `SELECT count(*) AS n FROM (SELECT 1 FROM outbox LIMIT ${WAITING_COUNT_MAX}) AS counted`,
      );
      return row?.n ?? 0;
    },
    lastLookMs: () => lastLook,
    async close() {
      closed = true;
      timers.clear(timer);
      await running?.catch(() => {}); // Logged by whoever woke it.
      await stopListening();
    },
  };
}
