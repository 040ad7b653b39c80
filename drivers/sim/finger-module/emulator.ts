import type { DriverEnv } from '../../contract/env.ts';
import { instructions } from '../../finger/codes.ts';
import { createPacketReader, formatPacket, type Packet, packetKinds } from '../../finger/packet.ts';
import { damaged, faultCodes, type PlannedFault } from './faults.ts';
import { createLibrary, type Obeyed } from './library.ts';
import type { ModuleMemory } from './memory.ts';
import type { ModuleProfile } from './profile.ts';

/** Later than any driver waits for an answer. */
export const LATE_REPLY_MS = 3_500;
/** From power to the first command that is obeyed. */
export const START_MS = 60;
/** Faults that wait for their command; more are refused. */
export const MAX_PLANNED_FAULTS = 64;

export type ModuleEmulator = {
  /** Bytes from the till. */
  receive(bytes: Uint8Array): void;
  place(finger: string, isPoor?: boolean): void;
  lift(): void;
  /** @throws beyond `MAX_PLANNED_FAULTS` */
  plan(fault: PlannedFault): void;
  /** Forgets what was planned. */
  heal(): void;
  /** Power goes and comes back: what is not in flash is gone. */
  restart(): void;
  /** Instructions obeyed so far, in order; the latest thousand. */
  obeyed(): readonly number[];
};

type Wiring = {
  readonly profile: ModuleProfile;
  readonly memory: ModuleMemory;
  readonly env: Pick<DriverEnv, 'timers' | 'random'>;
  /** Bytes to the till. */
  readonly send: (bytes: Uint8Array) => void;
  /** The cable is pulled. */
  readonly unplug: () => void;
  /** Something in flash has changed. */
  readonly onFlash?: () => void;
};

const KEPT_OBEYED = 1_000;
const flashing: readonly number[] = [
  instructions.store,
  instructions.delete,
  instructions.empty,
  instructions.setPassword,
  instructions.writeNotepad,
];

/**
 * A fingerprint module in bytes: frames in, frames out, on the till's own parser. Fingers are drawn (`drawn-finger.ts`), so
 * no person is in it.
 */
export const createModuleEmulator = ({
  profile,
  memory,
  env,
  send,
  unplug,
  onFlash = () => {},
}: Wiring): ModuleEmulator => {
  const reader = createPacketReader();
  const library = createLibrary(profile, memory, env.random);
  const planned: { fault: PlannedFault['fault']; on?: number | undefined; left: number }[] = [];
  const obeyed: number[] = [];
  let taking: { buffer: number; pieces: Uint8Array[] } | null = null;
  let isUp = true;
  /** Grows with each restart: an answer of before it is never sent. */
  let life = 0;

  const later = (delayMs: number, run: () => void): void => {
    const mine = life;
    env.timers.set(() => {
      if (mine === life) run();
    }, delayMs);
  };

  const frame = (kind: number, payload: Uint8Array): Uint8Array =>
    formatPacket({ address: memory.address, kind, payload });

  const dataFrames = (data: Uint8Array): readonly Uint8Array[] => {
    const size = 32 << profile.packetCode;
    return Array.from({ length: Math.ceil(data.length / size) }, (_, at) =>
      frame(
        (at + 1) * size >= data.length ? packetKinds.lastData : packetKinds.data,
        data.subarray(at * size, (at + 1) * size),
      ),
    );
  };

  const restart = (): void => {
    life += 1;
    isUp = false;
    taking = null;
    reader.reset();
    library.restart();
    later(START_MS, () => {
      isUp = true;
      if (profile.startByte !== undefined) send(Uint8Array.of(profile.startByte));
    });
  };

  const faultFor = (instruction: number): PlannedFault['fault'] | undefined => {
    const at = planned.findIndex((one) => one.on === undefined || one.on === instruction);
    const found = planned[at];
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) planned.splice(at, 1);
    return found.fault;
  };

  const answer = (
    { code, body = [], data }: Obeyed,
    fault: PlannedFault['fault'] | undefined,
  ): void => {
    const head = frame(packetKinds.acknowledge, Uint8Array.of(code, ...body));
    const sent =
      data !== undefined && fault === 'other-template-size'
        ? data.subarray(0, data.length / 2)
        : data;
    const frames = [head, ...(sent === undefined ? [] : dataFrames(sent))];
    const whole = new Uint8Array(frames.reduce((sum, one) => sum + one.length, 0));
    let at = 0;
    for (const one of frames) {
      whole.set(one, at);
      at += one.length;
    }
    const bytes = damaged(fault, whole, env.random);
    if (bytes !== undefined) send(bytes);
    if (fault === 'unplug') unplug();
  };

  const obey = (instruction: number, given: Uint8Array): void => {
    const fault = faultFor(instruction);
    if (fault === 'power-loss') return restart();
    if (fault === 'power-loss-torn') {
      if (instruction === instructions.store)
        library.tear(((given[1] ?? 0) << 8) | (given[2] ?? 0));
      onFlash();
      return restart();
    }
    const instead = fault === undefined ? undefined : faultCodes[fault];
    const done = instead === undefined ? library.obey(instruction, given) : { code: instead };
    obeyed.push(instruction);
    if (obeyed.length > KEPT_OBEYED) obeyed.shift();
    const isFlash = flashing.includes(instruction);
    if (isFlash) onFlash();
    if (fault === 'power-loss-after') return restart();
    if ('takesInto' in done && done.takesInto !== undefined)
      taking = { buffer: done.takesInto, pieces: [] };
    const usualMs =
      instruction === instructions.getImage && done.code === 0
        ? profile.captureMs
        : isFlash
          ? profile.flashMs
          : 0;
    const delayMs = fault === 'late-reply' ? LATE_REPLY_MS : usualMs;
    if (delayMs === 0) answer(done, fault);
    else later(delayMs, () => answer(done, fault));
  };

  const take = ({ kind, payload }: Packet): void => {
    if (taking === null) return;
    taking.pieces.push(payload);
    if (kind !== packetKinds.lastData) return;
    const { buffer, pieces } = taking;
    taking = null;
    library.took(buffer, Uint8Array.from(pieces.flatMap((piece) => [...piece])));
  };

  return {
    receive(bytes) {
      if (!isUp) return;
      for (const packet of reader.feed(bytes)) {
        if (packet.address !== memory.address) continue;
        const [instruction] = packet.payload;
        if (packet.kind === packetKinds.command && instruction !== undefined)
          obey(instruction, packet.payload.subarray(1));
        else take(packet);
      }
    },
    place: (finger, isPoor = false) => library.lay({ finger, isPoor }),
    lift: () => library.lay(null),
    plan({ fault, on, times = 1 }) {
      if (planned.length >= MAX_PLANNED_FAULTS)
        throw new Error(`broken invariant: more than ${MAX_PLANNED_FAULTS} faults are planned`);
      planned.push({ fault, on, left: times });
    },
    heal() {
      planned.length = 0;
    },
    restart,
    obeyed: () => obeyed,
  };
};
