import { encode } from 'uqr';

/** A picture in shades of grey, a byte a pixel, row by row. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
}

/** Where and how a QR code stands in a picture; lengths in pixels. */
export interface PlacedQr {
  readonly text: string;
  readonly centreX: number;
  readonly centreY: number;
  readonly modulePx: number;
  readonly rotatedDeg?: number;
}

const QUIET_MODULES = 4;
const WHITE = 235;
const BLACK = 20;
const WALL = 110;
const NOISE = 24;

/** A wall with grain, the same for the same seed, as a camera sees it that nothing is held before. */
export function wallPicture(width: number, height: number, seed = 1, shade = WALL): GreyPicture {
  const luma = new Uint8Array(width * height);
  let state = seed;
  for (let at = 0; at < luma.length; at += 1) {
    // Numerical Recipes' linear congruential generator: grain, not secrecy.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    luma[at] = Math.max(0, shade + Math.floor(((state >>> 24) / 256) * NOISE) - NOISE / 2);
  }
  return { width, height, luma };
}

/** Draws a QR code with its quiet zone into the picture. */
export function placeQr(picture: GreyPicture, placed: PlacedQr): void {
  const { text, centreX, centreY, modulePx, rotatedDeg = 0 } = placed;
  const { size, data } = encode(text, { ecc: 'M', border: QUIET_MODULES });
  const radius = Math.ceil((size * modulePx * Math.SQRT2) / 2);
  const [cos, sin] = [
    Math.cos((rotatedDeg * Math.PI) / 180),
    Math.sin((rotatedDeg * Math.PI) / 180),
  ];
  for (let dy = -radius; dy <= radius; dy += 1)
    for (let dx = -radius; dx <= radius; dx += 1) {
      const column = Math.floor((dx * cos + dy * sin) / modulePx + size / 2);
      const row = Math.floor((dy * cos - dx * sin) / modulePx + size / 2);
      const dark = data[row]?.[column];
      const [x, y] = [Math.round(centreX) + dx, Math.round(centreY) + dy];
      if (dark === undefined || x < 0 || y < 0 || x >= picture.width || y >= picture.height)
        continue;
      picture.luma[y * picture.width + x] = dark ? BLACK : WHITE;
    }
}

/** The picture out of focus: each pixel the mean of those around it, twice. @param radiusPx how far around */
export function blurred(picture: GreyPicture, radiusPx: number): GreyPicture {
  const { width, height } = picture;
  const along = (
    from: Uint8Array,
    step: number,
    length: number,
    lines: number,
    lineStep: number,
  ) => {
    const to = new Uint8Array(from.length);
    for (let line = 0; line < lines; line += 1)
      for (let at = 0; at < length; at += 1) {
        let [sum, count] = [0, 0];
        for (
          let near = Math.max(0, at - radiusPx);
          near <= Math.min(length - 1, at + radiusPx);
          near += 1
        ) {
          sum += from[line * lineStep + near * step] ?? 0;
          count += 1;
        }
        to[line * lineStep + at * step] = sum / count;
      }
    return to;
  };
  let { luma } = picture;
  for (let pass = 0; pass < 2; pass += 1) {
    luma = along(luma, 1, width, height, width);
    luma = along(luma, width, height, width, 1);
  }
  return { width, height, luma };
}

/** The picture as `ImageData` holds it. */
export function rgbaOf({ width, height, luma }: GreyPicture): ImageData {
  const data = new Uint8ClampedArray(width * height * 4);
  for (const [at, value] of luma.entries()) data.fill(value, at * 4, at * 4 + 3);
  for (let at = 3; at < data.length; at += 4) data[at] = 255;
  return { data, width, height, colorSpace: 'srgb' } as ImageData;
}

/** One picture for so many frames. */
export interface Shot {
  readonly picture: GreyPicture;
  readonly frames: number;
}

/**
 * A film as YUV4MPEG2, which Chromium plays as a camera: 4:2:0, all colours grey. All pictures have one size, even in
 * both directions.
 */
export function y4mOf(shots: readonly Shot[], framesPerSecond: number): Buffer {
  const first = shots[0]?.picture;
  if (first === undefined) throw new Error('a film without a picture');
  const { width, height } = first;
  const grey = Buffer.alloc((width * height) / 2, 128);
  const parts = [
    Buffer.from(`YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`),
  ];
  for (const { picture, frames } of shots)
    for (let frame = 0; frame < frames; frame += 1)
      parts.push(Buffer.from('FRAME\n'), Buffer.from(picture.luma), grey);
  return Buffer.concat(parts);
}
