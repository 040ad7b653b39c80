import type { Picture } from '../../drivers/face/embedder.ts';

/** Where something of a face lies in clear. */
export interface FaceFinding {
  /** The name of what was searched. */
  readonly where: string;
  /** `image ...`, `pixels ...` or `descriptor ...`, with the form. */
  readonly form: string;
  readonly offset: number;
}

/** Something that is searched: a file, a row, a message, a line. */
export interface Searched {
  readonly where: string;
  readonly bytes: Buffer;
}

export interface FaceHunt {
  /** Findings in each of them, at most one of a form for each. */
  in(all: readonly Searched[]): FaceFinding[];
}

/** Numbers in a row that count as a part of a descriptor: every run of 16 bytes of float32 holds as many whole ones. */
const RUN_NUMBERS = 3;
/** Decimal digits that no two numbers share by chance. */
const DECIMAL_CHARS = 9;
/** Pixels of a run, and how many of its bytes differ, at least: a grey wall is no face. */
const RUN_PIXELS = 6;
const RUN_LEVELS = 8;
/** Every so many rows and columns one run of pixels is looked for. */
const PIXEL_STEP = 8;

/** Every needle has as many bytes, at least: what is indexed. */
const NEEDLE_MIN_BYTES = 8;

interface Needle {
  readonly form: string;
  readonly bytes: Buffer;
}

/**
 * Looks for pictures of any kind by their formats, for pixels of the given pictures as RGB, RGBA and grey, and for the
 * given descriptors as float32 and float64 in both orders and as decimal text: as bytes, hex and base64 at each of its three
 * alignments. A descriptor is found by any 16 bytes of it.
 */
export function huntFaces(
  descriptors: readonly Float32Array[],
  pictures: readonly Picture[],
): FaceHunt {
  // By the first three, four and eight bytes: nearly every place ends with the first look, and decimals begin alike.
  const byStart = new Map<number, Map<number, Needle[]>>();
  const starts = new Uint8Array(1 << 24);
  for (const needle of [
    ...descriptors.flatMap(descriptorNeedles),
    ...pictures.flatMap(pixelNeedles),
    ...FORMAT_NEEDLES,
  ]) {
    const start = needle.bytes.readUInt32BE(0);
    starts[start >>> 8] = 1;
    const nexts = byStart.get(start) ?? new Map<number, Needle[]>();
    byStart.set(start, nexts);
    const next = needle.bytes.readUInt32BE(4);
    nexts.set(next, [...(nexts.get(next) ?? []), needle]);
  }

  function inOne({ where, bytes }: Searched): FaceFinding[] {
    const found = new Map<string, number>();
    for (let at = 0; at + NEEDLE_MIN_BYTES <= bytes.length; at++) {
      if (starts[bytes.readUIntBE(at, 3)] === 0) continue;
      for (const { form, bytes: needle } of byStart
        .get(bytes.readUInt32BE(at))
        ?.get(bytes.readUInt32BE(at + 4)) ?? [])
        if (!found.has(form) && bytes.subarray(at, at + needle.length).equals(needle))
          found.set(form, at);
    }
    const jpeg = jpegAt(bytes);
    if (jpeg !== -1) found.set('image JPEG', jpeg);
    return [...found].map(([form, offset]) => ({ where, form, offset }));
  }
  return { in: (all) => all.flatMap(inOne) };
}

/** Formats with a signature that no other bytes have by chance; JPEG has too short a one, see {@link jpegAt}. */
const FORMAT_NEEDLES: readonly Needle[] = [
  { form: 'image PNG', bytes: Buffer.from('89504e470d0a1a0a', 'hex') },
  { form: 'image PNG, base64', bytes: Buffer.from('iVBORw0KGgo') },
  { form: 'image PNG, hex', bytes: Buffer.from('89504e470d0a1a0a') },
  ...[' ', 'L', 'X'].map((kind) => ({ form: 'image WebP', bytes: Buffer.from(`WEBPVP8${kind}`) })),
  { form: 'image JPEG, base64', bytes: Buffer.from('/9j/4AAQ') },
  { form: 'image JPEG, hex', bytes: Buffer.from('ffd8ffe000104a46') },
  { form: 'image in an address', bytes: Buffer.from('data:image/') },
];

/** Where a JPEG begins: its start, and three segments that follow each other by their lengths; -1 = nowhere. */
function jpegAt(bytes: Buffer): number {
  for (let at = bytes.indexOf('ffd8ff', 0, 'hex'); at !== -1; ) {
    if (hasSegments(bytes, at + 2, 3)) return at;
    at = bytes.indexOf('ffd8ff', at + 1, 'hex');
  }
  return -1;
}

function hasSegments(bytes: Buffer, at: number, count: number): boolean {
  if (count === 0) return true;
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] ?? 0) < 0xc0) return false;
  const length = bytes.readUInt16BE(at + 2);
  return length >= 2 && hasSegments(bytes, at + 2 + length, count - 1);
}

function descriptorNeedles(descriptor: Float32Array): Needle[] {
  const single = Buffer.alloc(descriptor.length * 4);
  const double = Buffer.alloc(descriptor.length * 8);
  descriptor.forEach((value, at) => {
    single.writeFloatLE(value, 4 * at);
    double.writeDoubleLE(value, 8 * at);
  });
  const swapped = Buffer.from(single).swap32();
  const swappedDouble = Buffer.from(double).swap64();
  const singles = [
    ['float32', single],
    ['float32 big-endian', swapped],
  ] as const;
  const doubles = [
    ['float64', double],
    ['float64 big-endian', swappedDouble],
  ] as const;
  return [
    ...singles.flatMap(([form, bytes]) => runsOf(form, bytes, 4, RUN_NUMBERS * 4)),
    ...doubles.flatMap(([form, bytes]) => runsOf(form, bytes, 8, 16)),
    ...decimals(descriptor),
  ];
}

/** Each run of `length` bytes that begins on a number, as bytes and as text. */
function runsOf(form: string, bytes: Buffer, step: number, length: number): Needle[] {
  const needles: Needle[] = [];
  for (let at = 0; at + length <= bytes.length; at += step) {
    const run = bytes.subarray(at, at + length);
    const hex = run.toString('hex');
    needles.push(
      { form: `descriptor ${form}`, bytes: run },
      { form: `descriptor ${form}, hex`, bytes: Buffer.from(hex) },
      { form: `descriptor ${form}, HEX`, bytes: Buffer.from(hex.toUpperCase()) },
    );
    for (const [alignment, text] of base64Cores(run).entries())
      needles.push(
        { form: `descriptor ${form}, base64 at ${alignment}`, bytes: Buffer.from(text) },
        {
          form: `descriptor ${form}, base64url at ${alignment}`,
          bytes: Buffer.from(text.replaceAll('+', '-').replaceAll('/', '_')),
        },
      );
  }
  return needles;
}

/** What base64 makes of bytes that stand 0, 1 or 2 behind a group of three, without the characters shared with others. */
function base64Cores(run: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const skipped = (3 - before) % 3;
    const whole = Math.floor((run.length - skipped) / 3) * 3;
    return run.subarray(skipped, skipped + whole).toString('base64');
  });
}

/** Numbers as text: each alone with many digits, and four in a row where they are rounded. */
function decimals(descriptor: Float32Array): Needle[] {
  const numbers = [...descriptor];
  const alone = numbers
    .map((value) => String(value))
    .filter((text) => text.length > DECIMAL_CHARS)
    .map((text) => ({ form: 'descriptor decimal', bytes: Buffer.from(text.slice(0, 10)) }));
  const rounded = [3, 4, 5].flatMap((digits) =>
    [',', ', ', ' '].flatMap((between) =>
      numbers.slice(0, -3).map((_, at) => ({
        form: `descriptor decimal, ${digits} digits`,
        bytes: Buffer.from(
          numbers
            .slice(at, at + 4)
            .map((value) => value.toFixed(digits))
            .join(between),
        ),
      })),
    ),
  );
  return [...alone, ...rounded];
}

function pixelNeedles({ data, width, height }: Picture): Needle[] {
  const needles: Needle[] = [];
  for (let y = 0; y < height; y += PIXEL_STEP)
    for (let x = 0; x + RUN_PIXELS * 3 <= width; x += PIXEL_STEP) {
      const at = 4 * (y * width + x);
      const rgba = Buffer.from(data.subarray(at, at + 4 * RUN_PIXELS));
      if (new Set(rgba).size < RUN_LEVELS) continue;
      const rgb = Buffer.from(rgba.filter((_, place) => place % 4 !== 3));
      const grey = Buffer.from(
        Array.from({ length: RUN_PIXELS * 3 }, (_, pixel) => data[at + 4 * pixel + 1] ?? 0),
      );
      needles.push({ form: 'pixels RGBA', bytes: rgba }, { form: 'pixels RGB', bytes: rgb });
      if (new Set(grey).size >= RUN_LEVELS)
        needles.push({ form: 'pixels of one channel', bytes: grey });
    }
  return needles;
}
