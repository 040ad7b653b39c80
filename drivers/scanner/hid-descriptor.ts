/** Longest descriptor read; the kernel's own limit (HID_MAX_DESCRIPTOR_SIZE in linux/hid.h). */
export const MAX_DESCRIPTOR_BYTES = 4_096;
/** Fields told of one descriptor; scanners have a few dozen. */
export const MAX_FIELDS = 1_024;
/** Nested push items; the specification sets no limit. */
export const MAX_PUSHED = 16;
/** Usages kept for one main item; a longer range is cut. */
export const MAX_USAGES = 1_024;

/** One field of a report: where its bits lie and what they mean. */
export type ReportField = {
  readonly kind: 'input' | 'output' | 'feature';
  /** 0 where the device numbers no reports; then the data begins at byte 1 all the same. */
  readonly reportId: number;
  /** First bit, counted from the start of the report with its id byte in front. */
  readonly bitOffset: number;
  /** Bits of the whole field: elements times their size. */
  readonly bits: number;
  readonly elementBits: number;
  readonly constant: boolean;
  /** Usage page in the high 16 bits, usage in the low 16, one an element; the last one goes on. */
  readonly usages: readonly number[];
};

type Globals = {
  readonly usagePage: number;
  readonly reportSize: number;
  readonly reportCount: number;
  readonly reportId: number;
};

const MAIN = 0;
const GLOBAL = 1;
const LOCAL = 2;
/** Tag of an item that carries its own length and no meaning yet (HID 1.11, 6.2.2.3). */
const LONG_ITEM = 0xfe;
const ID_BITS = 8;

const mainKinds: Readonly<Record<number, ReportField['kind']>> = {
  8: 'input',
  9: 'output',
  11: 'feature',
};

const littleEndian = (bytes: Uint8Array): number =>
  bytes.reduceRight((value, byte) => value * 256 + byte, 0);

/**
 * The fields of a HID report descriptor (Device Class Definition for HID 1.11, section 6.2.2).
 * Pure and total: what cannot be read ends the list, and never throws, because a descriptor comes
 * from whatever was plugged in.
 */
export const readReportDescriptor = (descriptor: Uint8Array): readonly ReportField[] => {
  const bytes = descriptor.subarray(0, MAX_DESCRIPTOR_BYTES);
  const fields: ReportField[] = [];
  const usedBits = new Map<string, number>();
  const pushed: Globals[] = [];
  let globals: Globals = { usagePage: 0, reportSize: 0, reportCount: 0, reportId: 0 };
  let usages: number[] = [];
  let usageMinimum = 0;

  /** A usage of four bytes carries its page; a shorter one is on the page set before. */
  const usageOf = (value: number, size: number): number =>
    size === 4 ? value : globals.usagePage * 0x1_0000 + value;

  const addField = (kind: ReportField['kind'], flags: number): void => {
    const { reportId, reportSize, reportCount } = globals;
    const key = `${kind} ${reportId}`;
    const bitOffset = usedBits.get(key) ?? ID_BITS;
    const bits = reportSize * reportCount;
    usedBits.set(key, bitOffset + bits);
    fields.push({
      kind,
      reportId,
      bitOffset,
      bits,
      elementBits: reportSize,
      constant: (flags & 1) === 1,
      usages,
    });
  };

  const main = (tag: number, value: number): void => {
    const kind = mainKinds[tag];
    if (kind !== undefined) addField(kind, value);
    usages = [];
    usageMinimum = 0;
  };

  const global = (tag: number, value: number): void => {
    if (tag === 0) globals = { ...globals, usagePage: value };
    else if (tag === 7) globals = { ...globals, reportSize: value };
    else if (tag === 8) globals = { ...globals, reportId: value };
    else if (tag === 9) globals = { ...globals, reportCount: value };
    else if (tag === 10 && pushed.length < MAX_PUSHED) pushed.push(globals);
    else if (tag === 11) globals = pushed.pop() ?? globals;
  };

  const local = (tag: number, value: number, size: number): void => {
    const usage = usageOf(value, size);
    if (tag === 0 && usages.length < MAX_USAGES) usages.push(usage);
    else if (tag === 1) usageMinimum = usage;
    else if (tag === 2) {
      const room = usageMinimum + MAX_USAGES - usages.length;
      for (let next = usageMinimum; next <= usage && next < room; next += 1) usages.push(next);
    }
  };

  for (let at = 0; at < bytes.length && fields.length < MAX_FIELDS; ) {
    const prefix = bytes[at] ?? 0;
    if (prefix === LONG_ITEM) {
      at += 3 + (bytes[at + 1] ?? 0);
      continue;
    }
    const size = (prefix & 3) === 3 ? 4 : prefix & 3;
    if (at + 1 + size > bytes.length) break;
    const value = littleEndian(bytes.subarray(at + 1, at + 1 + size));
    const type = (prefix >> 2) & 3;
    const tag = prefix >> 4;
    if (type === MAIN) main(tag, value);
    else if (type === GLOBAL) global(tag, value);
    else if (type === LOCAL) local(tag, value, size);
    at += 1 + size;
  }
  return fields;
};
