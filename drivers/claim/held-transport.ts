import type { ByteLink, ByteTransport, LinkHandlers, OpenFailure } from '../contract/byte-link.ts';
import {
  type DeviceLock,
  type LockHolder,
  type LockRefusal,
  lockKeyOf,
} from '../contract/device-lock.ts';
import type { DriverEnv } from '../contract/env.ts';
import { err, ok, type Result } from '../contract/result.ts';
import { type StateAdvice, stateAdvice } from '../contract/state-advice.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { type TimeLimitError, timeLimitDetail, withTimeLimit } from '../time-limit.ts';
import { type WatchedCall, watchHangs } from './hang-watch.ts';
import { createSoftTrigger } from './soft-trigger.ts';

export const LOOK_TIMEOUT_MS = 2_000;
export const LOCK_TIMEOUT_MS = 2_000;
export const OPEN_TIMEOUT_MS = 5_000;
export const CLOSE_TIMEOUT_MS = 2_000;
export const WRITE_TIMEOUT_MS = 1_000;

/** Handles that would not close which are remembered; more of them are the system's to keep. */
export const MAX_UNCLOSED = 4;

/** A call to a device that failed; `timedOut` where it gave no answer at all. */
export type CallFailure = { readonly timedOut: boolean; readonly detail: string };

/** An open link under our own lock, each call of which ends. */
export type HeldLink = {
  write(bytes: Uint8Array): Promise<Result<void, CallFailure>>;
  /** Settles when a pulled trigger, handle and lock are given up, or have had their time. */
  close(): Promise<void>;
  /** Whether the handle works and leads to its device; sends nothing. */
  check(): Promise<Result<void, CallFailure>>;
  /** Asks the device itself; null where nothing is safe to ask. */
  probe(): Promise<Result<string, CallFailure> | null>;
  /** Has the scanner read as if its trigger was held; null where nothing is safe to say. */
  pullTrigger(): Promise<Result<void, CallFailure> | null>;
  /** Ends that; does nothing where it was not begun, and never fails. */
  releaseTrigger(): Promise<void>;
};

/** A transport whose every call ends, and whose open links no other agent shares. */
export type HeldTransport = {
  exists(): Promise<Result<boolean, CallFailure>>;
  open(handlers: LinkHandlers): Promise<Result<HeldLink, OpenFailure>>;
};

const heldByAgent = (holder: LockHolder): StateAdvice => ({
  hint: {
    'zh-CN': `设备正被本机另一个收银程序占用（进程 ${holder.pid}，设备名 ${holder.deviceId}）。`,
    en: `Another till program on this computer is using the device (process ${holder.pid}, as ${holder.deviceId}).`,
  },
  remedy: stateAdvice.busy.remedy,
});

/** Brings both ways in which a call with a time limit fails into one. */
const answerOf = <T>(done: Result<Result<T, string>, TimeLimitError>): Result<T, CallFailure> => {
  if (!done.ok)
    return err({ timedOut: done.error.code === 'timed-out', detail: timeLimitDetail(done.error) });
  return done.value.ok ? done.value : err({ timedOut: false, detail: done.value.error });
};

/** Runs one call with its time limit. */
const within = async <T>(
  env: DriverEnv,
  limitMs: number,
  work: () => Promise<Result<T, string>>,
): Promise<Result<T, CallFailure>> => answerOf(await withTimeLimit(env, limitMs, work));

/**
 * Puts time limits and our own lock around a transport. The lock is taken before the handle and
 * given up after it, on every path: a refusal, an opening that hangs, a close that hangs. One look,
 * one asking for the lock and one opening are under way at a time. `onHang` is told of each call that
 * does not come home long after its limit.
 */
export const holdTransport = (
  transport: ByteTransport,
  env: DriverEnv,
  deviceId: string,
  onHang: (call: WatchedCall) => void,
): HeldTransport => {
  const warn = (message: string, detail: string): void =>
    env.log('warn', message, { deviceId, detail });

  const watched = watchHangs(env, onHang);
  const looking = oneAtATime(env);
  const locking = oneAtATime(env);
  const opening = oneAtATime(env);

  /** Handles whose closing failed: they may still hold the device, and are closed again before it is opened. */
  const unclosed = new Set<ByteLink>();

  const closeLink = async (link: ByteLink): Promise<void> => {
    unclosed.delete(link);
    const closed = await withTimeLimit(
      env,
      CLOSE_TIMEOUT_MS,
      watched('close', () => link.close()),
    );
    if (closed.ok) return;
    warn('a device did not close', timeLimitDetail(closed.error));
    // One that gave no answer is still under way; asking again would only add to what hangs.
    if (closed.error.code === 'threw' && unclosed.size < MAX_UNCLOSED) unclosed.add(link);
  };

  const giveUp = async (lock: DeviceLock | null): Promise<void> => {
    if (lock === null) return;
    const released = await withTimeLimit(env, LOCK_TIMEOUT_MS, () => lock.release());
    if (!released.ok) warn('a lock was not given up', timeLimitDetail(released.error));
  };

  /** The lock, null where there is none to take, or why the device may not be opened. */
  const takeLock = async (): Promise<Result<DeviceLock | null, OpenFailure>> => {
    const key = lockKeyOf(transport.identity());
    if (key === undefined) return ok(null);
    const asked = await locking(
      LOCK_TIMEOUT_MS,
      watched('lock', () => env.locks.take(key, deviceId)),
      (late) => void (late.ok && late.value.release()),
    );
    // No answer is no leave: a computer that is slow for a moment would share a held device.
    if (!asked.ok) return err({ code: 'failed', detail: timeLimitDetail(asked.error) });
    const answer: Result<DeviceLock, LockRefusal> = asked.value;
    if (answer.ok) return answer;
    const { code, detail, holder } = answer.error;
    if (code === 'busy')
      return err({
        code,
        detail,
        ...(holder === undefined ? {} : { advice: heldByAgent(holder) }),
      });
    // A computer without such locks must still read: the worst is that two agents get one code.
    warn('a device is used without a lock', detail);
    return ok(null);
  };

  const hold = (link: ByteLink, lock: DeviceLock | null): HeldLink => {
    const trigger = createSoftTrigger(link, env, oneAtATime(env), (work) => watched('write', work));
    return {
      write: (bytes) =>
        within(
          env,
          WRITE_TIMEOUT_MS,
          watched('write', () => link.write(bytes)),
        ),
      async close() {
        // Whoever takes the device away from a person who tests it leaves no scanner behind that reads on.
        await trigger.release();
        await closeLink(link);
        await giveUp(lock);
      },
      check: () =>
        within(
          env,
          LOOK_TIMEOUT_MS,
          watched('check', async () => {
            if (link.check !== undefined) return link.check();
            return (await transport.exists()) ? ok(undefined) : err('the device is gone');
          }),
        ),
      probe: async () => {
        const { probe } = link;
        return probe === undefined
          ? null
          : within(
              env,
              WRITE_TIMEOUT_MS,
              watched('write', () => probe.call(link)),
            );
      },
      pullTrigger: async () => {
        const said = await trigger.pull();
        return said === null ? null : answerOf(said);
      },
      releaseTrigger: () => trigger.release(),
    };
  };

  return {
    exists: async () =>
      answerOf(
        await looking(
          LOOK_TIMEOUT_MS,
          watched('look', async () => ok(await transport.exists())),
        ),
      ),
    async open(handlers) {
      for (const link of [...unclosed]) await closeLink(link);
      const locked = await takeLock();
      if (!locked.ok) return locked;
      const opened = await opening(
        OPEN_TIMEOUT_MS,
        watched('open', () => transport.open(handlers)),
        // An opening that comes home after its time limit would hold the device for nobody.
        (late) => void (late.ok && closeLink(late.value)),
      );
      if (opened.ok && opened.value.ok) return ok(hold(opened.value.value, locked.value));
      await giveUp(locked.value);
      return opened.ok && !opened.value.ok
        ? opened.value
        : err({ code: 'failed', detail: opened.ok ? '' : timeLimitDetail(opened.error) });
    },
  };
};
