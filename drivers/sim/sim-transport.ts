import type { ByteTransport, LinkHandlers, OpenFailure } from '../contract/byte-link.ts';
import type { DriverEnv } from '../contract/env.ts';
import { err, ok } from '../contract/result.ts';

/** What waits in the system while nobody holds the device; older bytes are lost, as in a real driver. */
export const SYSTEM_BUFFER_BYTES = 4_096;
/** Bytes sent to the device that are kept for inspection. */
export const KEPT_WRITTEN_BYTES = 4_096;

/**
 * How a call to the device goes: well, late, when `until` ends, never to return, thrown, or refused.
 * A refusal says what an opening or a write answers, what a close throws, and that nothing is there
 * to be seen.
 */
export type Behaviour =
  | 'well'
  | 'hang'
  | 'throw'
  | { readonly afterMs: number }
  | { readonly until: Promise<void> }
  | OpenFailure;
export type DeviceCall = 'exists' | 'open' | 'write' | 'close';

export type SimTransport = ByteTransport & {
  /** The device sends these bytes. */
  send(bytes: Uint8Array): void;
  unplug(): void;
  plug(): void;
  /** For `forMs` no call is answered and nothing is sent. */
  stall(forMs: number): void;
  /** The cable stays, the transfer fails. */
  breakLine(detail: string): void;
  /** What the device received since it was plugged in, the latest bytes. */
  written(): Uint8Array;
  /** Handles open at this moment. */
  openHandles(): number;
};

const hang = (): Promise<never> => new Promise(() => {});

/**
 * A serial line without a device. It stands where the operating system stands for the real
 * driver: bytes enter before the parser, and every call can be made to fail by `behave`.
 */
export const createSimTransport = (
  env: DriverEnv,
  id: string,
  behave: (call: DeviceCall) => Behaviour = () => 'well',
): SimTransport => {
  let plugged = true;
  let stalledUntilMs = Number.NEGATIVE_INFINITY;
  let holder: LinkHandlers | null = null;
  let waiting: number[] = [];
  let received: number[] = [];
  let handles = 0;

  const wait = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      if (delayMs <= 0) resolve();
      else env.timers.set(resolve, delayMs);
    });

  /** Throws, hangs, or gives the refusal. */
  const meet = async (call: DeviceCall): Promise<OpenFailure | null> => {
    const behaviour = behave(call);
    await wait(stalledUntilMs - env.clock.monoMs());
    if (behaviour === 'hang') await hang();
    if (behaviour === 'throw') throw new Error(`simulated failure of ${call}`);
    if (typeof behaviour === 'string') return null;
    if ('code' in behaviour) return behaviour;
    await ('until' in behaviour ? behaviour.until : wait(behaviour.afterMs));
    return null;
  };

  const lose = (unplugged: boolean, detail: string): void => {
    const lost = holder;
    holder = null;
    waiting = [];
    lost?.onLost({ unplugged, detail });
  };

  return {
    source: 'simulated',
    identity: () => ({ transport: 'simulated', serial: id }),
    async exists() {
      return (await meet('exists')) === null && plugged;
    },
    async open(handlers) {
      const refusal = await meet('open');
      if (refusal !== null) return err(refusal);
      if (!plugged) return err({ code: 'absent', detail: 'unplugged' });
      if (holder !== null) return err({ code: 'busy', detail: 'held by another driver' });
      holder = handlers;
      handles += 1;
      let isOpen = true;
      const stale = Uint8Array.from(waiting);
      waiting = [];
      if (stale.length > 0) handlers.onBytes(stale);
      return ok({
        async write(bytes) {
          const refusal = await meet('write');
          if (refusal !== null) return err(refusal.detail);
          if (holder !== handlers) return err('the device is gone');
          received = [...received, ...bytes].slice(-KEPT_WRITTEN_BYTES);
          return ok(undefined);
        },
        async close() {
          const refusal = await meet('close');
          if (refusal !== null) throw new Error(refusal.detail);
          if (isOpen) handles -= 1;
          isOpen = false;
          if (holder === handlers) holder = null;
        },
      });
    },
    send(bytes) {
      if (!plugged) return;
      if (holder === null) waiting = [...waiting, ...bytes].slice(-SYSTEM_BUFFER_BYTES);
      else holder.onBytes(bytes);
    },
    unplug() {
      if (!plugged) return;
      plugged = false;
      received = [];
      lose(true, 'simulated unplug');
    },
    plug() {
      plugged = true;
    },
    stall(forMs) {
      stalledUntilMs = env.clock.monoMs() + forMs;
    },
    breakLine(detail) {
      lose(false, detail);
    },
    written: () => Uint8Array.from(received),
    openHandles: () => handles,
  };
};
