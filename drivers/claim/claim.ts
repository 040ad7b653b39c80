import type { LinkHandlers, OpenFailure } from '../contract/byte-link.ts';
import { type DriverEnv, momentOf, type TimerHandle } from '../contract/env.ts';
import type { DeviceError, DeviceErrorCode } from '../contract/error-code.ts';
import type { DriverSink } from '../contract/event.ts';
import { err, ok, type Result } from '../contract/result.ts';
import type { DeviceSignal, DeviceState } from '../contract/state.ts';
import type { StatisticsTracker } from '../contract/statistics.ts';
import type { DeviceLife } from '../device-life.ts';
import { SECOND_LOOK_MS } from '../time-limit.ts';
import type { DeviceLine } from './device-line.ts';
import { createDrain, DRAIN_SILENCE_MS, type Drain } from './drain.ts';
import type { CallFailure, HeldLink, HeldTransport } from './held-transport.ts';
import { createRetryPace } from './retry-pace.ts';

/** From a change among the device nodes to the look that it asks for: udev sets the rights in between. */
export const NEWS_SETTLE_MS = 50;
/** How often a device that is `ready` and silent is checked. */
export const WATCHDOG_MS = 10_000;
/** Longest command sent to a device at once. */
export const MAX_SEND_BYTES = 4_096;

type Wiring = {
  readonly deviceId: string;
  readonly transport: HeldTransport;
  readonly env: DriverEnv;
  readonly life: DeviceLife;
  readonly line: DeviceLine;
  readonly statistics: StatisticsTracker;
  readonly sink: DriverSink;
};

export type Claim = {
  start(): void;
  stop(): Promise<void>;
  pause(): Promise<void>;
  resume(): void;
  send(bytes: Uint8Array): Promise<Result<void, DeviceError>>;
  /** The internal check; a device that fails it while `ready` is faulted and opened afresh. */
  check(): Promise<Result<void, CallFailure>>;
  /** The device's own answer; null where nothing is safe to ask. */
  probe(): Promise<Result<string, CallFailure> | null>;
  /** A held device that answers no more is let go and opened afresh. */
  giveUp(detail: string): void;
  /** As of the held link; a device that is let go meanwhile is told so with it. */
  pullTrigger: HeldLink['pullTrigger'];
  releaseTrigger: HeldLink['releaseTrigger'];
};

/** What a refused opening means for the state, and which UnifiedPOS code it is. */
const refusals: Readonly<
  Record<OpenFailure['code'], { readonly signal: DeviceSignal; readonly code: DeviceErrorCode }>
> = {
  absent: { signal: 'vanished', code: 'E_NOHARDWARE' },
  denied: { signal: 'claim-denied', code: 'E_NOSERVICE' },
  busy: { signal: 'claim-busy', code: 'E_CLAIMED' },
  ambiguous: { signal: 'claim-ambiguous', code: 'E_ILLEGAL' },
  unsupported: { signal: 'wrong-mode', code: 'E_ILLEGAL' },
  failed: { signal: 'claim-failed', code: 'E_FAILURE' },
};

/** States that something plugged in or given rights may end. A fault is not: it keeps its back-off. */
const endedByNews: readonly DeviceState[] = ['absent', 'denied', 'ambiguous', 'unsupported'];

const notReady = (state: DeviceState): CallFailure => ({
  timedOut: false,
  detail: `state ${state}`,
});

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
  let link: HeldLink | null = null;
  let timer: TimerHandle | null = null;
  /** The timer leads to another attempt, which news among the devices may hurry. */
  let waiting = false;
  let stopNews: (() => void) | null = null;
  const pace = createRetryPace();
  let opens = 0;
  /** Attempts follow one another: an old one may still hold what it opened too late. */
  let inFlight: Promise<void> = Promise.resolve();
  /** The closing of the last handle; a fresh open waits for it, or it would find itself `busy`. */
  let closing: Promise<void> = Promise.resolve();

  const fail = (code: DeviceErrorCode, detail: string): void =>
    sink({ type: 'error', deviceId, at: momentOf(env), code, retryable: true, detail });

  const noTimer = (): void => {
    if (timer !== null) env.timers.clear(timer);
    timer = null;
    waiting = false;
  };

  const later = (delayMs: number, run: () => void): void => {
    noTimer();
    timer = env.timers.set(() => {
      timer = null;
      run();
    }, delayMs);
  };

  const begin = (): void => {
    waiting = false;
    turn += 1;
    const mine = turn;
    inFlight = inFlight.then(() => attempt(mine));
  };

  const tryIn = (delayMs: number): void => {
    later(delayMs, begin);
    waiting = true;
  };

  const backOff = (): void => tryIn(pace.failureMs());

  /** Something was plugged, pulled or given rights somewhere: a reason to look before the time. */
  const hearNews = (): void => {
    if (!waiting || !endedByNews.includes(life.state())) return;
    later(NEWS_SETTLE_MS, begin);
  };

  const closeLink = (old: HeldLink): Promise<void> => {
    closing = old.close();
    return closing;
  };

  /** Ends this turn: no timer, no handle, no half code. */
  const release = (unplugged: boolean): void => {
    turn += 1;
    noTimer();
    line.closed(unplugged);
    const old = link;
    link = null;
    if (old !== null) void closeLink(old);
  };

  const lost = (unplugged: boolean, detail: string): void => {
    if (unplugged) statistics.count('unplugs');
    else statistics.count('commErrors');
    release(unplugged);
    pace.lost(env.clock.monoMs(), unplugged);
    life.signal(unplugged ? 'vanished' : 'io-failed', detail);
    backOff();
  };

  const refused = ({ code, detail, advice }: OpenFailure): void => {
    const refusal = refusals[code];
    const before = life.state();
    life.signal(refusal.signal, detail, advice);
    if (code === 'absent') return tryIn(pace.absentMs(env.clock.monoMs()));
    statistics.count('claimFailures');
    // Retries that end as the last one did are counted, not announced.
    if (life.state() !== before) fail(refusal.code, detail);
    backOff();
  };

  /** Asks a held device how it is; what fails ends the claim, what stays silent is asked again first. */
  const inspect = async (held: HeldLink): Promise<Result<void, CallFailure>> => {
    const mine = turn;
    let answer = await held.check();
    if (!answer.ok && answer.error.timedOut && mine === turn) answer = await held.check();
    if (!answer.ok && mine === turn) lost(false, answer.error.detail);
    return answer;
  };

  /** Silence alone is no fault; a handle that no longer leads to its device is. */
  const watch = (held: HeldLink): void =>
    later(WATCHDOG_MS, () => {
      const mine = turn;
      void inspect(held).then(() => {
        if (mine === turn) watch(held);
      });
    });

  /** Throws away what the system kept from before, until the line has been silent. */
  const drainThenReady = (mine: number, held: HeldLink, drain: Drain): void => {
    const look = (isSecond: boolean): void => {
      if (mine !== turn) return;
      const waitMs = drain.waitMs(env.clock.monoMs());
      if (waitMs > 0) return later(waitMs, () => look(false));
      // A timer that comes late runs before input that came in time: what waits there is old, too.
      if (!isSecond) return later(SECOND_LOOK_MS, () => look(true));
      line.claimed();
      opens += 1;
      if (opens > 1) statistics.count('reopens');
      pace.succeeded(env.clock.monoMs());
      life.signal('claimed');
      watch(held);
    };
    later(DRAIN_SILENCE_MS, () => look(false));
  };

  const handlersOf = (mine: number, drain: Drain): LinkHandlers => ({
    onBytes(bytes) {
      if (mine !== turn) return;
      if (life.state() === 'ready') return line.receive(bytes);
      drain.heard(env.clock.monoMs());
      line.drain(bytes);
    },
    onLost({ unplugged, detail }) {
      if (mine === turn) lost(unplugged, detail);
    },
  });

  const attempt = async (mine: number): Promise<void> => {
    await closing;
    if (mine !== turn) return;
    const seen = await transport.exists();
    if (mine !== turn) return;
    if (!seen.ok) {
      statistics.count('commErrors');
      life.signal('io-failed', seen.error.detail);
      return backOff();
    }
    if (!seen.value) return refused({ code: 'absent', detail: 'not found' });
    life.signal('appeared');
    life.signal('claim-started');
    const drain = createDrain(env.clock.monoMs());
    const opened = await transport.open(handlersOf(mine, drain));
    if (mine !== turn) {
      if (opened.ok) await closeLink(opened.value);
      return;
    }
    if (!opened.ok) return refused(opened.error);
    link = opened.value;
    drain.opened(env.clock.monoMs());
    drainThenReady(mine, opened.value, drain);
  };

  /** Settles when nothing holds the device: neither the last handle nor an opening under way. */
  const released = async (): Promise<void> => {
    await inFlight;
    await closing;
  };

  /** The handle of a device that may be used, or null. */
  const usable = (): HeldLink | null => (life.state() === 'ready' ? link : null);

  return {
    start() {
      if (wanted) return;
      wanted = true;
      paused = false;
      pace.restart();
      stopNews = env.onDeviceNews(hearNews);
      begin();
    },
    async stop() {
      wanted = false;
      paused = false;
      stopNews?.();
      stopNews = null;
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
      pace.restart();
      life.signal('resumed');
      begin();
    },
    async send(bytes) {
      if (bytes.length > MAX_SEND_BYTES) {
        return err({ code: 'E_ILLEGAL', detail: `longer than ${MAX_SEND_BYTES} bytes` });
      }
      const held = usable();
      if (held === null) {
        return err({ code: 'E_NOTCLAIMED', detail: `the device is ${life.state()}` });
      }
      const mine = turn;
      const written = await held.write(bytes);
      if (written.ok) return ok(undefined);
      // The unsent rest sits in the handle's queue; only another handle is sure not to send it later.
      if (mine === turn) lost(false, written.error.detail);
      const code = written.error.timedOut ? 'E_TIMEOUT' : 'E_FAILURE';
      return err({ code, detail: written.error.detail });
    },
    async check() {
      const held = usable();
      return held === null ? err(notReady(life.state())) : inspect(held);
    },
    async probe() {
      const held = usable();
      return held === null ? err(notReady(life.state())) : held.probe();
    },
    giveUp(detail) {
      if (usable() !== null) lost(false, detail);
    },
    pullTrigger: async () => (await usable()?.pullTrigger()) ?? null,
    releaseTrigger: async () => usable()?.releaseTrigger(),
  };
};
