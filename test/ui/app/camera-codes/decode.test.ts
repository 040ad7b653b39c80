import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import {
  prepareZXingModule as prepareWriter,
  type WriterOptions,
  writeBarcode,
} from 'zxing-wasm/writer';
import { READER_OPTIONS } from '../../../../ui/app/camera-codes/reader-options.ts';
import { code128 } from '../../../../ui/app/wedge/code-128.ts';
import {
  blurred,
  type GreyPicture,
  placeQr,
  rgbaOf,
  wallPicture,
} from '../../../support/code-picture.ts';

const PASS_CHARS = 123;
const pass = (letter: string): string => `TSP1:${letter.repeat(PASS_CHARS)}`;
const [WIDTH, HEIGHT] = [640, 480];

beforeAll(async () => {
  const wasm = (name: string): ArrayBuffer =>
    new Uint8Array(readFileSync(createRequire(import.meta.url).resolve(`zxing-wasm/${name}`)))
      .buffer;
  await prepareZXingModule({
    overrides: { wasmBinary: wasm('reader/zxing_reader.wasm') },
    fireImmediately: true,
  });
  await prepareWriter({
    overrides: { wasmBinary: wasm('writer/zxing_writer.wasm') },
    fireImmediately: true,
  });
});

const read = async (picture: GreyPicture) =>
  (await readBarcodes(rgbaOf(picture), READER_OPTIONS)).map(({ text, symbologyIdentifier }) => ({
    text,
    aim: symbologyIdentifier,
  }));

const shown = (...codes: { text: string; x?: number; deg?: number }[]): GreyPicture => {
  const picture = wallPicture(WIDTH, HEIGHT);
  for (const { text, x = WIDTH / 2, deg = 0 } of codes)
    placeQr(picture, { text, centreX: x, centreY: HEIGHT / 2, modulePx: 4, rotatedDeg: deg });
  return picture;
};

/** Any symbol in the middle of a white picture. */
const printed = async (text: string, options: WriterOptions): Promise<GreyPicture> => {
  const { symbol } = await writeBarcode(text, { ...options, addHRT: false });
  const scale = 3;
  const picture: GreyPicture = {
    width: WIDTH,
    height: HEIGHT,
    luma: new Uint8Array(WIDTH * HEIGHT).fill(235),
  };
  const rows = symbol.height === 1 ? 40 : symbol.height;
  for (let y = 0; y < rows * scale; y += 1)
    for (let x = 0; x < symbol.width * scale; x += 1) {
      const row = symbol.height === 1 ? 0 : Math.floor(y / scale);
      const value = symbol.data[row * symbol.width + Math.floor(x / scale)] ?? 255;
      picture.luma[(y + 60) * WIDTH + x + 40] = value === 0 ? 20 : 235;
    }
  return picture;
};

describe('what the camera reads in one frame', () => {
  test('a clean member pass, by its AIM identifier a plain QR code', async () => {
    expect(await read(shown({ text: pass('A') }))).toEqual([{ text: pass('A'), aim: ']Q1' }]);
  });

  test.each([7, 30, 45, 90, 180, 233])('one that is turned by %i degrees', async (deg) => {
    expect(await read(shown({ text: pass('B'), deg }))).toMatchObject([{ text: pass('B') }]);
  });

  test('one that is a little out of focus, and none that is far out of it', async () => {
    expect(await read(blurred(shown({ text: pass('C') }), 1))).toMatchObject([{ text: pass('C') }]);
    expect(await read(blurred(shown({ text: pass('C') }), 6))).toEqual([]);
  });

  test('two codes, so that neither is taken for the only one', async () => {
    const both = await read(shown({ text: pass('D'), x: 160 }, { text: pass('E'), x: 480 }));
    expect(both.map(({ text }) => text).sort()).toEqual([pass('D'), pass('E')]);
  });

  test('nothing on a wall', async () => {
    expect(await read(wallPicture(WIDTH, HEIGHT))).toEqual([]);
  });

  test.each([
    ['Code128', 'CARD-0042', ']C0'],
    ['EAN13', '6901234567892', ']E0'],
    ['EAN8', '96385074', ']E4'],
    // With the zero in front that makes it an EAN-13.
    ['UPCA', '0036000291452', ']E0'],
    ['DataMatrix', 'CARD-0042', ']d1'],
    ['QRCode', '会员-0042', ']Q1'],
  ] as const)('%s with its identifier', async (format, text, aim) => {
    expect(await read(await printed(format === 'UPCA' ? text.slice(1) : text, { format }))).toEqual(
      [{ text, aim }],
    );
  });

  test('GS of a GS1 code, as it was written', async () => {
    const picture = await printed('(8018)401234523435439653(8019)7', {
      format: 'DataMatrix',
      options: 'gs1',
    });
    expect(await read(picture)).toEqual([
      { aim: ']d2', text: '8018401234523435439653\u001d80197' },
    ]);
  });

  test.each(['Code39', 'Code93', 'ITF', 'Codabar', 'PDF417', 'Aztec'] as const)(
    'no %s: no member or coupon has it',
    async (format) => {
      const text = format === 'Codabar' ? 'A123456B' : '12345678';
      expect(await read(await printed(text, { format }))).toEqual([]);
    },
  );

  test('the bars of the calibration code', async () => {
    const picture = wallPicture(WIDTH, HEIGHT, 1, 235);
    let at = 60;
    for (const [index, width] of (code128('Zy-09/[@]') ?? []).entries()) {
      for (let x = at; x < at + width * 3; x += 1)
        if (index % 2 === 0) for (let y = 100; y < 300; y += 1) picture.luma[y * WIDTH + x] = 20;
      at += width * 3;
    }
    expect(await read(picture)).toEqual([{ text: 'Zy-09/[@]', aim: ']C0' }]);
  });
});
