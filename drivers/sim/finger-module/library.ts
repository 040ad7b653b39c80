import { instructions } from '../../finger/codes.ts';
import { drawTemplate, isTemplate, mergeTemplates, scoreOf } from './drawn-finger.ts';
import type { ModuleMemory } from './memory.ts';
import type { ModuleProfile } from './profile.ts';

/** What an obeyed command gives: its code, what follows, and what is sent after it or expected. */
export type Obeyed = {
  readonly code: number;
  readonly body?: readonly number[] | Uint8Array;
  /** Sent as data packets. */
  readonly data?: Uint8Array;
  /** The buffer into which the transfer goes that follows. */
  readonly takesInto?: number;
};

/** A finger on the glass. */
export type Laid = { readonly finger: string; readonly isPoor: boolean };

const OK: Obeyed = { code: 0x00 };
const say = (code: number): Obeyed => ({ code });
/** Scores that a match needs, by security level 1..5. */
const THRESHOLDS = [30, 40, 50, 60, 70] as const;
const PAGES_PER_INDEX = 256;
/** What a real module leaves behind a code that is no hit. */
const RUBBISH = [0x01, 0xe3, 0x00, 0x00] as const;

const u16 = (value: number): readonly number[] => [value >> 8, value & 0xff];
const at16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const at32 = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);

const ascii = (text: string, size: number): readonly number[] =>
  Array.from({ length: size }, (_, at) => (at < text.length ? text.charCodeAt(at) : 0));

/** What a module knows and does, one instruction at a time; without line, time or faults. */
export const createLibrary = (
  profile: ModuleProfile,
  memory: ModuleMemory,
  random: () => number,
) => {
  let buffers = new Map<number, Uint8Array>();
  let image: Laid | null = null;
  let laid: Laid | null = null;
  let trace: string | null = null;
  let isOpen = memory.password === 0;

  const threshold = (): number => THRESHOLDS[memory.securityLevel - 1] ?? THRESHOLDS[2];
  const bufferOk = (number: number | undefined): number | undefined =>
    number !== undefined && number >= 1 && number <= profile.buffers ? number : undefined;

  const withBuffer = (number: number | undefined, act: (buffer: number) => Obeyed): Obeyed => {
    const buffer = bufferOk(number);
    return buffer === undefined ? say(0x1a) : act(buffer);
  };

  const bestOf = (probe: Uint8Array, from: number, count: number): Obeyed => {
    let best = { page: -1, score: 0 };
    for (const [page, template] of memory.pages) {
      if (page < from || page >= from + count) continue;
      const score = scoreOf(probe, template);
      if (score >= threshold() && score > best.score) best = { page, score };
    }
    return best.page < 0
      ? { code: 0x09, body: RUBBISH }
      : { code: 0x00, body: [...u16(best.page), ...u16(best.score)] };
  };

  const parameters = (): readonly number[] => [
    ...u16(0x0004),
    ...u16(profile.systemId),
    ...u16(profile.capacity),
    ...u16(memory.securityLevel),
    ...u16(memory.address >>> 16),
    ...u16(memory.address & 0xffff),
    ...u16(profile.packetCode),
    ...u16(profile.baudRate / 9_600),
  ];

  const obeyOpen = (instruction: number, given: Uint8Array): Obeyed => {
    switch (instruction) {
      case instructions.getImage:
        if (laid === null) return say(0x02);
        if (profile.tellsResidue && trace === laid.finger && laid.isPoor) return say(0x17);
        image = laid;
        return OK;
      case instructions.imageToTemplate:
        return withBuffer(given[0], (buffer) => {
          if (image === null) return say(0x15);
          if (image.isPoor) {
            trace = image.finger;
            return say(0x07);
          }
          buffers.set(buffer, drawTemplate(image.finger, profile.templateBytes, random));
          return OK;
        });
      case instructions.mergeTemplates: {
        const whole = mergeTemplates([...buffers.values()]);
        if (buffers.size < 2 || whole === undefined) return say(0x0a);
        for (const buffer of buffers.keys()) buffers.set(buffer, whole);
        return OK;
      }
      case instructions.match: {
        const [one, other] = [buffers.get(1), buffers.get(2)];
        const score = one === undefined || other === undefined ? 0 : scoreOf(one, other);
        return score >= threshold()
          ? { code: 0x00, body: u16(score) }
          : { code: 0x08, body: u16(0) };
      }
      case instructions.search:
        return withBuffer(given[0], (buffer) => {
          const probe = buffers.get(buffer);
          return probe === undefined ? say(0x15) : bestOf(probe, at16(given, 1), at16(given, 3));
        });
      case instructions.store:
        return withBuffer(given[0], (buffer) => {
          const page = at16(given, 1);
          const template = buffers.get(buffer);
          if (page >= profile.capacity) return say(0x0b);
          if (template === undefined || !isTemplate(template)) return say(0x0c);
          memory.pages.set(page, template);
          return OK;
        });
      case instructions.load:
        return withBuffer(given[0], (buffer) => {
          const page = at16(given, 1);
          if (page >= profile.capacity) return say(0x0b);
          const template = memory.pages.get(page);
          if (template === undefined || !isTemplate(template)) return say(0x0c);
          buffers.set(buffer, template);
          return OK;
        });
      case instructions.upload:
        return withBuffer(given[0], (buffer) => {
          const template = buffers.get(buffer);
          return template === undefined ? say(0x0d) : { code: 0x00, data: template };
        });
      case instructions.download:
        return withBuffer(given[0], (buffer) => ({ code: 0x00, takesInto: buffer }));
      case instructions.delete: {
        const [page, count] = [at16(given, 0), at16(given, 2)];
        if (page + count > profile.capacity) return say(0x10);
        for (let one = page; one < page + count; one += 1) memory.pages.delete(one);
        return OK;
      }
      case instructions.empty:
        memory.pages.clear();
        return OK;
      case instructions.setPassword:
        memory.password = at32(given, 0);
        return OK;
      case instructions.writeNotepad:
        memory.note = given.slice(1, 33);
        return OK;
      case instructions.readNotepad:
        return { code: 0x00, body: memory.note };
      case instructions.countTemplates:
        return { code: 0x00, body: u16(memory.pages.size) };
      case instructions.readIndex: {
        const first = (given[0] ?? 0) * PAGES_PER_INDEX;
        const table = new Uint8Array(PAGES_PER_INDEX / 8);
        for (const page of memory.pages.keys())
          if (page >= first && page < first + PAGES_PER_INDEX) {
            const at = page - first;
            table[at >> 3] = (table[at >> 3] ?? 0) | (1 << (at & 7));
          }
        return { code: 0x00, body: table };
      }
      case instructions.lampOn:
      case instructions.lampOff:
        return profile.light === 'lamp' ? OK : say(0xfc);
      case instructions.auraLight:
        return profile.light === 'aura' ? OK : say(0xfc);
      case instructions.productInfo: {
        const { product } = profile;
        if (product === undefined) return say(0xfc);
        const { model, sensor } = product;
        const sizes = [...u16(192), ...u16(192), ...u16(profile.templateBytes), ...u16(0)];
        const head = [...ascii(model, 16), ...ascii('T1', 4), ...ascii('12345678', 8), 1, 4];
        return { code: 0x00, body: [...head, ...ascii(sensor, 8), ...sizes] };
      }
      default:
        return say(0xfc);
    }
  };

  return {
    obey(instruction: number, given: Uint8Array): Obeyed {
      if (instruction === instructions.verifyPassword) {
        isOpen = given.length >= 4 && at32(given, 0) === memory.password;
        return isOpen ? OK : say(0x13);
      }
      if (!isOpen) return say(0x21);
      return instruction === instructions.readParameters
        ? { code: 0x00, body: parameters() }
        : obeyOpen(instruction, given);
    },
    /** The end of a transfer into a buffer. */
    took(buffer: number, template: Uint8Array): void {
      buffers.set(buffer, template);
    },
    lay(next: Laid | null): void {
      laid = next;
    },
    /** What is not in flash is gone. */
    restart(): void {
      buffers = new Map();
      image = null;
      isOpen = memory.password === 0;
    },
    /** Flash that was being written when the power went: the page is in use, and holds half a template. */
    tear(page: number): void {
      const half = new Uint8Array(profile.templateBytes);
      half.set(buffers.get(1)?.subarray(0, profile.templateBytes / 2) ?? []);
      memory.pages.set(page, half);
    },
  };
};
export type ModuleLibrary = ReturnType<typeof createLibrary>;
