/**
 * One function of WebAssembly, four numbers at a time (SIMD 128): squared distances of a probe to rows that lie one after
 * the other. It is put together here from its instructions (WebAssembly core specification 2.0, section 5), so that no
 * build step and no file goes with it.
 *
 * `scan(row, end, probe, bytes, out)`: byte places in the memory; `bytes` of one row, a multiple of 64.
 */
export type Scan = (row: number, end: number, probe: number, bytes: number, out: number) => void;

/** Numbers that one turn of the inner loop takes: four sums of four, so that none waits for the one before. */
export const KERNEL_STEP = 16;

const I32 = 0x7f;
const V128 = 0x7b;
const EMPTY = 0x40;

/** Parameters and locals by place. */
const [ROW, END, PROBE, BYTES, OUT, AT, A, B, C, D, DIFFERENCE] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
];
const SUMS = [A, B, C, D] as const;

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const number = (value: number) => [0x41, value];
const add = [0x6a];
const simd = {
  load: (offset: number) => [0xfd, 0x00, 0x04, offset],
  zero: [0xfd, 0x0c, ...new Array<number>(16).fill(0)],
  lane: (lane: number) => [0xfd, 0x1f, lane],
  add: [0xfd, 0xe4, 0x01],
  sub: [0xfd, 0xe5, 0x01],
  mul: [0xfd, 0xe6, 0x01],
};
const addFloats = [0x92];
/** Repeats while the value on the stack is not zero. */
const loop = (body: readonly number[]) => [0x03, EMPTY, ...body, 0x0d, 0x00, 0x0b];
const below = [0x49];
const advance = (local: number, by: readonly number[]) => [
  ...get(local),
  ...by,
  ...add,
  ...set(local),
];

/** `sum += (row[at + 4 nth ...] - probe[at + 4 nth ...])²`, four numbers. */
const addSquares = (sum: number, nth: number) => [
  ...[...get(ROW), ...get(AT), ...add, ...simd.load(16 * nth)],
  ...[...get(PROBE), ...get(AT), ...add, ...simd.load(16 * nth)],
  ...[...simd.sub, ...set(DIFFERENCE)],
  ...[...get(sum), ...get(DIFFERENCE), ...get(DIFFERENCE), ...simd.mul, ...simd.add, ...set(sum)],
];

const body = [
  ...loop([
    ...SUMS.flatMap((sum) => [...simd.zero, ...set(sum)]),
    ...[...number(0), ...set(AT)],
    ...loop([
      ...SUMS.flatMap(addSquares),
      // 64 takes two bytes in this signed notation.
      ...advance(AT, [0x41, 0xc0, 0x00]),
      ...[...get(AT), ...get(BYTES), ...below],
    ]),
    ...[
      ...get(A),
      ...get(B),
      ...simd.add,
      ...get(C),
      ...get(D),
      ...simd.add,
      ...simd.add,
      ...set(A),
    ],
    ...get(OUT),
    ...[...get(A), ...simd.lane(0), ...get(A), ...simd.lane(1), ...addFloats],
    ...[...get(A), ...simd.lane(2), ...get(A), ...simd.lane(3), ...addFloats, ...addFloats],
    ...[0x38, 0x02, 0x00],
    ...advance(OUT, number(4)),
    ...advance(ROW, get(BYTES)),
    ...[...get(ROW), ...get(END), ...below],
  ]),
  0x0b,
];

/** An unsigned number of at most 14 bits in LEB128. */
function length(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...length(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text, 'latin1')];
}

const locals = [0x02, 0x01, I32, 0x05, V128];
const code = [...locals, ...body];
const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]),
  ...section(2, [1, ...name('m'), ...name('m'), 0x02, 0x00, 0x01]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...name('scan'), 0x00, 0]),
  ...section(10, [1, ...length(code.length), ...code]),
]);

/** Memory that grows where it is. */
export interface KernelMemory {
  /** Another one after each growth. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

// Node's types leave this part of the language to those of pages.
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  readonly Memory: new (limits: { readonly initial: number }) => KernelMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** A memory of so many pages of 64 KiB and the function on it; null on a processor or runtime without SIMD. */
export function loadKernel(pages: number): { memory: KernelMemory; scan: Scan } | null {
  if (!WebAssembly.validate(MODULE)) return null;
  const memory = new WebAssembly.Memory({ initial: pages });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(MODULE), { m: { m: memory } });
  return { memory, scan: instance.exports['scan'] as Scan };
}
