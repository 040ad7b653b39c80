import type { ByteLink, ByteTransport, LinkHandlers, OpenFailure } from '../contract/byte-link.ts';
import type { DriverEnv } from '../contract/env.ts';
import { err, type Result } from '../contract/result.ts';
import { instructions, moduleCodeOf } from './codes.ts';
import { nobodyAnswers, passwordRefused } from './finger-advice.ts';
import { createPacketReader, formatPacket, packetKinds } from './packet.ts';

/** Speeds in the order in which they are tried: those that modules come with, then the rest of 9,600 x 1..12. */
export const PROBED_BAUD_RATES = [
  57_600, 115_200, 9_600, 19_200, 38_400, 28_800, 48_000, 67_200, 76_800, 86_400, 96_000, 105_600,
] as const;
export const DEFAULT_ADDRESS = 0xffff_ffff;
export const DEFAULT_PASSWORD = 0;
/** How long a module takes to answer a password. */
export const PROBE_ANSWER_MS = 250;
/** One opening asks for no longer than this, and the next one goes on where it ended. */
export const PROBE_LIMIT_MS = 3_500;

export type FingerSettings = {
  /** Absent = all speeds are tried. */
  readonly baudRate?: number;
  /** Absent = the address that every module answers to as delivered. */
  readonly address?: number;
  /** Absent = none was set. */
  readonly password?: number;
};

/** How a module was reached. */
export type Reached = { readonly baudRate: number; readonly address: number };

type Candidate = Reached & { readonly passwords: readonly number[] };

export type FingerTransport = ByteTransport & {
  /** How the open module was reached; how the last one was, while none is open. */
  reached(): Reached;
};

const candidatesOf = (settings: FingerSettings): readonly Candidate[] => {
  const speeds = settings.baudRate === undefined ? PROBED_BAUD_RATES : [settings.baudRate];
  const { address = DEFAULT_ADDRESS, password = DEFAULT_PASSWORD } = settings;
  // A module that was reset to what it came with is found all the same.
  const addresses = [...new Set([address, DEFAULT_ADDRESS])];
  const passwords = [...new Set([password, DEFAULT_PASSWORD])];
  return speeds.flatMap((baudRate) =>
    addresses.map((one) => ({ baudRate, address: one, passwords })),
  );
};

/** What one password was answered. */
type Said = 'yes' | 'wrong-password' | 'nothing' | 'lost';

/**
 * The way to a module whose speed, address and password are found by asking: each opening tries one after the other with
 * VfyPwd until one answers. What was found last is tried first.
 * @param at the serial line at a speed
 */
export const createFingerTransport = (
  at: (baudRate: number) => ByteTransport,
  settings: FingerSettings,
  env: DriverEnv,
): FingerTransport => {
  const candidates = candidatesOf(settings);
  const lines = new Map(candidates.map(({ baudRate }) => [baudRate, at(baudRate)] as const));
  let first = 0;
  let reached: Reached = candidates[0] as Candidate;

  const lineOf = (baudRate: number): ByteTransport => lines.get(baudRate) as ByteTransport;

  /** Asks one line with one password; listens to it alone meanwhile. */
  const ask = (
    link: ByteLink,
    hear: (listener: ((bytes: Uint8Array) => void) | null) => void,
    { address }: Candidate,
    password: number,
  ): Promise<Said> =>
    new Promise((resolve) => {
      const reader = createPacketReader();
      const end = (said: Said): void => {
        env.timers.clear(timer);
        hear(null);
        resolve(said);
      };
      const timer = env.timers.set(() => end('nothing'), PROBE_ANSWER_MS);
      hear((bytes) => {
        for (const packet of reader.feed(bytes)) {
          if (packet.kind !== packetKinds.acknowledge || packet.address !== address) continue;
          const name = moduleCodeOf(packet.payload[0] ?? 0xff);
          if (name === 'ok') return end('yes');
          if (name === 'wrong-password') return end('wrong-password');
        }
      });
      const word = new DataView(new ArrayBuffer(4));
      word.setUint32(0, password);
      const payload = Uint8Array.of(instructions.verifyPassword, ...new Uint8Array(word.buffer));
      void link
        .write(formatPacket({ address, kind: packetKinds.command, payload }))
        .then((written) => (written.ok ? undefined : end('lost')));
    });

  const openAt = async (
    candidate: Candidate,
    handlers: LinkHandlers,
  ): Promise<Result<ByteLink, OpenFailure> | Exclude<Said, 'yes'>> => {
    let listener: ((bytes: Uint8Array) => void) | null = null;
    let isMine = false;
    let isLost = false;
    const opened = await lineOf(candidate.baudRate).open({
      onBytes(bytes) {
        if (isMine) handlers.onBytes(bytes);
        else listener?.(bytes);
      },
      onLost(loss) {
        isLost = true;
        if (isMine) handlers.onLost(loss);
      },
    });
    if (!opened.ok) return opened;
    let said: Said = 'nothing';
    for (const password of candidate.passwords) {
      const answer = await ask(
        opened.value,
        (next) => {
          listener = next;
        },
        candidate,
        password,
      );
      said = said === 'wrong-password' && answer === 'nothing' ? said : answer;
      if (answer !== 'wrong-password') break;
    }
    if (said === 'yes' && !isLost) {
      isMine = true;
      return opened;
    }
    await opened.value.close();
    return isLost ? 'lost' : (said as Exclude<Said, 'yes'>);
  };

  return {
    source: 'serial',
    identity: () => lineOf(reached.baudRate).identity(),
    exists: () => lineOf(reached.baudRate).exists(),
    reached: () => reached,
    async open(handlers) {
      const untilMs = env.clock.monoMs() + PROBE_LIMIT_MS;
      let refused = false;
      for (let tried = 0; tried < candidates.length; tried += 1) {
        const index = (first + tried) % candidates.length;
        const candidate = candidates[index] as Candidate;
        if (env.clock.monoMs() >= untilMs) {
          first = index;
          break;
        }
        const answer = await openAt(candidate, handlers);
        if (answer === 'lost')
          return err({ code: 'absent', detail: 'unplugged while it was asked' });
        if (answer === 'wrong-password') refused = true;
        if (typeof answer === 'string') continue;
        if (answer.ok) {
          first = index;
          reached = candidate;
        }
        return answer;
      }
      return refused
        ? err({ code: 'unsupported', detail: 'the password was refused', advice: passwordRefused })
        : err({ code: 'failed', detail: 'no module answered', advice: nobodyAnswers });
    },
  };
};
