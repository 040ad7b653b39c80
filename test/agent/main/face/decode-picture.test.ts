import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import {
  decodePicture,
  PICTURE_MAX_MEGAPIXELS,
} from '../../../../agent/main/face/decode-picture.ts';
import { exifOrientation } from '../../../../agent/main/face/exif-orientation.ts';
import type { Picture } from '../../../../drivers/face/embedder.ts';

/** Four tiles of 8 pixels: red, green above blue, white; and one more row of black, so that width and height differ. */
const TILE = 8;
const COLOURS: Readonly<Record<string, readonly number[]>> = {
  r: [255, 0, 0],
  g: [0, 255, 0],
  b: [0, 0, 255],
  w: [255, 255, 255],
  k: [0, 0, 0],
};
const UPRIGHT = ['rg', 'bw', 'kk'];

function pictureOf(rows: readonly string[]): { data: Buffer; width: number; height: number } {
  const width = TILE * (rows[0]?.length ?? 0);
  const height = TILE * rows.length;
  const data = Buffer.alloc(4 * width * height, 255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data.set(
        COLOURS[rows[Math.floor(y / TILE)]?.[Math.floor(x / TILE)] ?? 'k'] ?? [],
        4 * (y * width + x),
      );
  return { data, width, height };
}

/** The tiles of a picture again, by the colour nearest to their middle. */
function tilesOf(picture: Picture | null): string[] {
  if (picture === null) return [];
  const { data, width, height } = picture;
  return Array.from({ length: height / TILE }, (_, row) =>
    Array.from({ length: width / TILE }, (_, column) => {
      const at = 4 * ((row * TILE + TILE / 2) * width + column * TILE + TILE / 2);
      const far = (colour: readonly number[]) =>
        colour.reduce(
          (sum, value, channel) => sum + Math.abs(value - (data[at + channel] ?? 0)),
          0,
        );
      return Object.entries(COLOURS).sort(([, a], [, b]) => far(a) - far(b))[0]?.[0];
    }).join(''),
  );
}

const jpegOf = (rows: readonly string[]) => jpeg.encode(pictureOf(rows), 95).data;

/** A JPEG with an EXIF part in front that holds one tag. */
function withExif(
  bytes: Uint8Array,
  value: number,
  { isLittle = true, tag = 0x0112, offset = 8, entries = 1 } = {},
): Buffer {
  const tiff = Buffer.alloc(26);
  const write16 = (number: number, at: number) =>
    isLittle ? tiff.writeUInt16LE(number, at) : tiff.writeUInt16BE(number, at);
  const write32 = (number: number, at: number) =>
    isLittle ? tiff.writeUInt32LE(number, at) : tiff.writeUInt32BE(number, at);
  tiff.write(isLittle ? 'II' : 'MM', 0, 'latin1');
  write16(42, 2);
  write32(offset, 4);
  write16(entries, 8);
  write16(tag, 10);
  write16(3, 12);
  write32(1, 14);
  write16(value, 18);
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([head, exif, bytes.subarray(2)]);
}

describe('the EXIF orientation', () => {
  // How a camera that was held so stores the picture whose upright form is `UPRIGHT` (CIPA DC-008, tag 274).
  test.each([
    [1, ['rg', 'bw', 'kk']],
    [2, ['gr', 'wb', 'kk']],
    [3, ['kk', 'wb', 'gr']],
    [4, ['kk', 'bw', 'rg']],
    [5, ['rbk', 'gwk']],
    [6, ['gwk', 'rbk']],
    [7, ['kwg', 'kbr']],
    [8, ['kbr', 'kwg']],
  ])('%i is turned upright', (orientation, stored) => {
    for (const isLittle of [true, false]) {
      const bytes = withExif(jpegOf(stored), orientation, { isLittle });
      expect(exifOrientation(bytes)).toBe(orientation);
      expect(tilesOf(decodePicture(bytes))).toEqual(UPRIGHT);
    }
  });

  test('that tells nothing leaves the picture as it is', () => {
    const plain = jpegOf(UPRIGHT);
    const odd = [
      plain,
      withExif(plain, 0),
      withExif(plain, 9),
      withExif(plain, 6, { tag: 0x0110 }),
      withExif(plain, 6, { offset: 0xffff_fff0 }),
      withExif(plain, 9, { entries: 0xffff }),
    ];
    for (const bytes of odd) expect(tilesOf(decodePicture(bytes))).toEqual(UPRIGHT);
  });
});

test('a damaged picture is none: cut short, scrambled, or empty', () => {
  const whole = jpegOf(UPRIGHT);
  const png = PNG.sync.write(Object.assign(new PNG({ width: 16, height: 24 }), pictureOf(UPRIGHT)));
  expect(tilesOf(decodePicture(png))).toEqual(UPRIGHT);
  const bad = [
    new Uint8Array(0),
    new Uint8Array([0xff, 0xd8]),
    new Uint8Array([0x89, 0x50]),
    whole.subarray(0, 100),
    whole.subarray(0, whole.length - 40),
    png.subarray(0, 30),
    png.subarray(0, png.length - 20),
    png.fill(0, 50, 60),
    Buffer.from('GIF89a and so on'),
  ];
  expect(bad.map((bytes) => decodePicture(bytes))).toEqual(bad.map(() => null));
});

describe('a huge picture', () => {
  /** A JPEG whose header claims other sides than it has. */
  const claiming = (width: number, height: number) => {
    const bytes = Buffer.from(jpegOf(UPRIGHT));
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes.writeUInt16BE(height, frame + 5);
    bytes.writeUInt16BE(width, frame + 7);
    return bytes;
  };

  test('is refused before it is decoded', () => {
    expect(decodePicture(claiming(65_535, 65_535))).toBeNull();
    const png = new PNG({ width: 8, height: 8 });
    const bytes = PNG.sync.write(png);
    bytes.writeUInt32BE(60_000, 16);
    bytes.writeUInt32BE(60_000, 20);
    expect(decodePicture(bytes)).toBeNull();
  });

  test('of the limit is decoded, of one row more it is not', () => {
    const side = Math.sqrt(PICTURE_MAX_MEGAPIXELS * 1_000_000);
    const blank = (height: number) =>
      PNG.sync.write(new PNG({ width: side, height, fill: true }), { deflateLevel: 1 });
    expect(decodePicture(blank(side))).toMatchObject({ width: side, height: side });
    expect(decodePicture(blank(side + 1))).toBeNull();
  });
});
