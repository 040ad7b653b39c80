import type { DriverEnv } from '../contract/env.ts';
import type { HidInterface } from '../scanner/hid-device.ts';
import type { HidHandlers, HidSystem } from '../scanner/hid-system.ts';
import type { TriggerReports } from '../scanner/hid-trigger.ts';

/** Reports that the kernel keeps for an open node that nobody reads; later ones are lost (measured). */
export const KERNEL_REPORTS = 63;
/** Reports sent to a device that are kept for inspection. */
export const KEPT_REPORTS = 256;

const UNPLUGGED = 'could not read from HID device: (device disconnected)';

export type HidCall =
  | 'list'
  | 'access'
  | 'descriptor'
  | 'mark'
  | 'open'
  | 'feature'
  | 'write'
  | 'close';

/** How a call goes: well, never to return, thrown (an error, or a string as node-hid has it), or late. */
export type HidBehaviour =
  | 'well'
  | 'hang'
  | 'throw'
  | { readonly says: string }
  | { readonly afterMs: number }
  | { readonly until: Promise<void> };

export type SimHidDevice = HidInterface & {
  readonly descriptor?: Uint8Array;
  /** Set for a node that this user may not open. */
  readonly denied?: boolean;
  /** The output reports between which the device reads; without them it reads always. */
  readonly trigger?: TriggerReports;
};

export type SimHidSystem = HidSystem & {
  plug(device: SimHidDevice): void;
  /** Takes the device at `path` away; whoever holds it hears `detail`, by default in the words of Linux. */
  unplug(path: string, detail?: string): void;
  /** The device at `path` sends one input report; nothing where it waits for its trigger. */
  send(path: string, report: Uint8Array): void;
  /** The cable stays, the transfer fails. */
  fail(path: string, detail: string): void;
  /** For `forMs` no call is answered and nothing is sent. */
  stall(forMs: number): void;
  /** Output and feature reports that devices took, the latest ones. */
  sent(): readonly { readonly call: 'write' | 'feature'; readonly report: readonly number[] }[];
  openHandles(): number;
};

type Node = {
  readonly device: SimHidDevice;
  readonly mark: string;
  readonly holders: Set<HidHandlers>;
  waiting: Uint8Array[];
  /** Whether it reads what is held before it. */
  reading: boolean;
};

const isSame = (one: readonly number[], other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

/**
 * The HID layer of a computer without devices. It stands where `node-hid` and the kernel stand for
 * the real driver: input reports enter before the assembler, several handles may read one device,
 * and every call can be made to fail by `behave`.
 */
export const createSimHidSystem = (
  env: DriverEnv,
  behave: (call: HidCall) => HidBehaviour = () => 'well',
  platform = 'linux',
): SimHidSystem => {
  const nodes = new Map<string, Node>();
  const sent: { call: 'write' | 'feature'; report: number[] }[] = [];
  let stalledUntilMs = Number.NEGATIVE_INFINITY;
  let plugs = 0;
  let handles = 0;

  const wait = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      if (delayMs <= 0) resolve();
      else env.timers.set(resolve, delayMs);
    });

  const meet = async (call: HidCall): Promise<void> => {
    const behaviour = behave(call);
    await wait(stalledUntilMs - env.clock.monoMs());
    if (behaviour === 'hang') await new Promise(() => {});
    if (behaviour === 'throw') throw new Error(`simulated failure of ${call}`);
    if (typeof behaviour === 'string') return;
    // node-hid rejects and emits with strings too.
    if ('says' in behaviour) throw behaviour.says;
    await ('until' in behaviour ? behaviour.until : wait(behaviour.afterMs));
  };

  const tell = (node: Node, detail: string): void => {
    for (const holder of [...node.holders]) holder.onError(detail);
  };

  const take = (node: Node, call: 'write' | 'feature', taken: Uint8Array): void => {
    const report = [...taken];
    sent.push({ call, report });
    if (sent.length > KEPT_REPORTS) sent.shift();
    const { trigger } = node.device;
    if (call !== 'write' || trigger === undefined) return;
    if (isSame(report, trigger.pulled)) node.reading = true;
    else if (isSame(report, trigger.released)) node.reading = false;
  };

  return {
    platform,
    async list() {
      await meet('list');
      return [...nodes.values()].map(({ device }) => device);
    },
    async access(path) {
      await meet('access');
      const node = nodes.get(path);
      if (node === undefined) return 'absent';
      return node.device.denied === true ? 'denied' : 'open';
    },
    async descriptor(path) {
      await meet('descriptor');
      return nodes.get(path)?.device.descriptor;
    },
    async mark(path) {
      await meet('mark');
      return nodes.get(path)?.mark;
    },
    async open(path, handlers) {
      await meet('open');
      const node = nodes.get(path);
      if (node === undefined) throw new Error(`cannot open device with path ${path}: No such file`);
      node.holders.add(handlers);
      handles += 1;
      let isOpen = true;
      const stale = node.waiting;
      node.waiting = [];
      for (const report of stale) handlers.onReport(report);
      const use = async (call: 'write' | 'feature', report: Uint8Array): Promise<void> => {
        await meet(call);
        if (!isOpen || nodes.get(path) !== node)
          throw new Error('Cannot write to hid device: No such device');
        take(node, call, report);
      };
      return {
        write: (report) => use('write', report),
        sendFeature: (report) => use('feature', report),
        async close() {
          await meet('close');
          if (isOpen) handles -= 1;
          isOpen = false;
          node.holders.delete(handlers);
        },
      };
    },
    plug(device) {
      plugs += 1;
      nodes.set(device.path, {
        device,
        mark: `${plugs}`,
        holders: new Set(),
        waiting: [],
        reading: device.trigger === undefined,
      });
    },
    unplug(path, detail = UNPLUGGED) {
      const node = nodes.get(path);
      nodes.delete(path);
      if (node !== undefined) tell(node, detail);
    },
    send(path, report) {
      const node = nodes.get(path);
      if (node === undefined || !node.reading || env.clock.monoMs() < stalledUntilMs) return;
      if (node.holders.size > 0) for (const holder of [...node.holders]) holder.onReport(report);
      else if (node.waiting.length < KERNEL_REPORTS) node.waiting.push(report);
    },
    fail(path, detail) {
      const node = nodes.get(path);
      if (node !== undefined) tell(node, detail);
    },
    stall(forMs) {
      stalledUntilMs = env.clock.monoMs() + forMs;
    },
    sent: () => sent,
    openHandles: () => handles,
  };
};
