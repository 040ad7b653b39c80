import type { ByteLink, ByteTransport, LinkHandlers, OpenFailure } from '../contract/byte-link.ts';
import { type DriverEnv, momentOf, type TimerHandle } from '../contract/env.ts';
import type { DeviceError, DeviceErrorCode } from '../contract/error-code.ts';
import type { DriverSink } from '../contract/event.ts';
import { err, ok, type Result } from '../contract/result.ts';
import type { DeviceSignal } from '../contract/state.ts';
import type { StatisticsTracker } from '../contract/statistics.ts';
import type { DeviceLife } from '../device-life.ts';
import { timeLimitDetail, withTimeLimit } from '../time-limit.ts';
import type { ScanLine } from './scan-line.ts';

/** How often to look for a device that is not there. */
export const ABSENT_POLL_MS = 1_000;
/** First wait after a failure; doubled up to the maximum. */
export const RETRY_MIN_MS = 250;
export const RETRY_MAX_MS = 5_000;
/** Before the first scan counts, the line must have been silent this long: what waited in the system is old. */
export const DRAIN_SILENCE_MS = 50;
/** A device that never falls silent is claimed anyway after this time. */
export const DRAIN_LIMIT_MS = 1_000;
export const LOOK_TIMEOUT_MS = 2_000;
export const OPEN_TIMEOUT_MS = 5_000;
export const CLOSE_TIMEOUT_MS = 2_000;
export const WRITE_TIMEOUT_MS = 1_000;
/** Longest command sent to a scanner. */
export const MAX_SEND_BYTES = 4_096;

type Wiring = {
  readonly deviceId: string;
  readonly transport: ByteTransport;
  readonly env: DriverEnv;
  readonly life: DeviceLife;
  readonly line: ScanLine;
  readonly statistics: StatisticsTracker;
  readonly sink: DriverSink;
};

export type Claim = {
  start(): void;
  stop(): Promise<void>;
  pause(): Promise<void>;
  resume(): void;
  send(bytes: Uint8Array): Promise<Result<void, DeviceError>>;
};

/** What a refused opening means for the state, and which UnifiedPOS code it is. */
const refusals: Readonly<
  Record<OpenFailure['code'], { readonly signal: DeviceSignal; readonly code: DeviceErrorCode }>
> = {
  absent: { signal: 'vanished', code: 'E_NOHARDWARE' },
  denied: { signal: 'claim-denied', code: 'E_NOSERVICE' },
  busy: { signal: 'claim-busy', code: 'E_CLAIMED' },
  unsupported: { signal: 'wrong-mode', code: 'E_ILLEGAL' },
  failed: { signal: 'claim-failed', code: 'E_FAILURE' },
};

/**
 * Looks for a device, claims it, keeps it, gets it back. One attempt runs at a time, and
 * each belongs to a *turn*: stop, pause and loss begin another turn, and whatever an older
 * one still brings home (a late open, late bytes) is closed or dropped.
 */
export const createClaim = (wiring: Wiring): Claim => {
  const { deviceId, transport, env, life, line, statistics, sink } = wiring;
  let wanted = false;
  let paused = false;
  let turn = 0;
  let link: ByteLink | null = null;
  let timer: TimerHandle | null = null;
  let retryMs = RETRY_MIN_MS;
  let opens = 0;
  let readyAtMs = Number.NEGATIVE_INFINITY;
  /** Attempts follow one another: an old one may still hold what it opened too late. */
  let inFlight: Promise<void> = Promise.resolve();
  /** The closing of the last handle; a fresh open waits for it, or it would find itself `busy`. */
  let closing: Promise<void> = Promise.resolve();

  const fail = (code: DeviceErrorCode, detail: string): void =>
    sink({ type: 'error', deviceId, at: momentOf(env), code, retryable: true, detail });

  const later = (delayMs: number, run: () => void): void => {
    if (timer !== null) env.timers.clear(timer);
    timer = env.timers.set(() => {
      timer = null;
      run();
    }, delayMs);
  };

  const begin = (): void => {
    turn += 1;
    const mine = turn;
    inFlight = inFlight.then(() => attempt(mine));
  };

  const backOff = (): void => {
    later(retryMs, begin);
    retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
  };

  const closeLink = (old: ByteLink): Promise<void> => {
    closing = withTimeLimit(env, CLOSE_TIMEOUT_MS, () => old.close()).then((closed) => {
      if (closed.ok) return;
      env.log('warn', 'a device did not close', {
        deviceId,
        detail: timeLimitDetail(closed.error),
      });
    });
    return closing;
  };

  /** Ends this turn: no timer, no handle, no half code. */
  const release = (unplugged: boolean): void => {
    turn += 1;
    if (timer !== null) env.timers.clear(timer);
    timer = null;
    line.closed(unplugged);
    const old = link;
    link = null;
    if (old !== null) void closeLink(old);
  };

  const lost = (unplugged: boolean, detail: string): void => {
    if (unplugged) statistics.count('unplugs');
    else statistics.count('commErrors');
    release(unplugged);
    life.signal(unplugged ? 'vanished' : 'io-failed', detail);
    // A device that fails right after each claim must not be claimed four times a second.
    if (unplugged || env.clock.monoMs() - readyAtMs >= RETRY_MAX_MS) retryMs = RETRY_MIN_MS;
    backOff();
  };

  const refused = (failure: OpenFailure): void => {
    const { signal, code } = refusals[failure.code];
    const before = life.state();
    life.signal(signal, failure.detail);
    if (failure.code === 'absent') return later(ABSENT_POLL_MS, begin);
    statistics.count('claimFailures');
    // Retries that end as the last one did are counted, not announced.
    if (life.state() !== before) fail(code, failure.detail);
    backOff();
  };

  /** Throws away what the system kept from before, until the line has been silent. */
  const drainThenReady = (mine: number, drain: { lastByteAtMs: number }): void => {
    const startedAtMs = env.clock.monoMs();
    drain.lastByteAtMs = startedAtMs;
    const look = (): void => {
      if (mine !== turn) return;
      const nowMs = env.clock.monoMs();
      const silentMs = nowMs - drain.lastByteAtMs;
      if (silentMs < DRAIN_SILENCE_MS && nowMs - startedAtMs < DRAIN_LIMIT_MS) {
        return later(Math.max(1, Math.ceil(DRAIN_SILENCE_MS - silentMs)), look);
      }
      line.claimed();
      opens += 1;
      if (opens > 1) statistics.count('reopens');
      readyAtMs = env.clock.monoMs();
      life.signal('claimed');
    };
    later(DRAIN_SILENCE_MS, look);
  };

  const handlersOf = (mine: number, drain: { lastByteAtMs: number }): LinkHandlers => ({
    onBytes(bytes) {
      if (mine !== turn) return;
      if (life.state() === 'ready') return line.receive(bytes);
      drain.lastByteAtMs = env.clock.monoMs();
      line.drain(bytes);
    },
    onLost({ unplugged, detail }) {
      if (mine === turn) lost(unplugged, detail);
    },
  });

  /** Whether the device is there; null when the question itself failed and was dealt with. */
  const look = async (mine: number): Promise<boolean | null> => {
    const seen = await withTimeLimit(env, LOOK_TIMEOUT_MS, () => transport.exists());
    if (mine !== turn) return null;
    if (seen.ok) return seen.value;
    statistics.count('commErrors');
    life.signal('io-failed', timeLimitDetail(seen.error));
    backOff();
    return null;
  };

  const attempt = async (mine: number): Promise<void> => {
    await closing;
    if (mine !== turn) return;
    const there = await look(mine);
    if (there === null) return;
    if (!there) return refused({ code: 'absent', detail: 'not found' });
    life.signal('appeared');
    life.signal('claim-started');
    const drain = { lastByteAtMs: 0 };
    const opened = await withTimeLimit(
      env,
      OPEN_TIMEOUT_MS,
      () => transport.open(handlersOf(mine, drain)),
      // An opening that comes home after its time limit would hold the device for nobody.
      (late) => void (late.ok && closeLink(late.value)),
    );
    if (mine !== turn) {
      if (opened.ok && opened.value.ok) await closeLink(opened.value.value);
      return;
    }
    if (!opened.ok) return refused({ code: 'failed', detail: timeLimitDetail(opened.error) });
    if (!opened.value.ok) return refused(opened.value.error);
    link = opened.value.value;
    drainThenReady(mine, drain);
  };

  const write = async (
    mine: number,
    held: ByteLink,
    bytes: Uint8Array,
  ): Promise<Result<void, DeviceError>> => {
    const written = await withTimeLimit(env, WRITE_TIMEOUT_MS, () => held.write(bytes));
    if (written.ok && written.value.ok) return ok(undefined);
    const detail = written.ok
      ? String(written.value.ok ? '' : written.value.error)
      : timeLimitDetail(written.error);
    const code = !written.ok && written.error.code === 'timed-out' ? 'E_TIMEOUT' : 'E_FAILURE';
    // The unsent rest sits in the handle's queue; only another handle is sure not to send it later.
    if (mine === turn) lost(false, detail);
    return err({ code, detail });
  };

  /** Settles when nothing holds the device: neither the last handle nor an opening under way. */
  const released = async (): Promise<void> => {
    await inFlight;
    await closing;
  };

  return {
    start() {
      if (wanted) return;
      wanted = true;
      paused = false;
      retryMs = RETRY_MIN_MS;
      begin();
    },
    async stop() {
      wanted = false;
      paused = false;
      release(false);
      life.signal('stopped');
      await released();
    },
    async pause() {
      if (!wanted || paused) return;
      paused = true;
      release(false);
      life.signal('paused');
      await released();
    },
    resume() {
      if (!wanted || !paused) return;
      paused = false;
      retryMs = RETRY_MIN_MS;
      life.signal('resumed');
      begin();
    },
    async send(bytes) {
      if (bytes.length > MAX_SEND_BYTES) {
        return err({ code: 'E_ILLEGAL', detail: `longer than ${MAX_SEND_BYTES} bytes` });
      }
      if (link === null || life.state() !== 'ready') {
        return err({ code: 'E_NOTCLAIMED', detail: `the device is ${life.state()}` });
      }
      return write(turn, link, bytes);
    },
  };
};
