import { readFileSync } from 'node:fs';
import jpeg from 'jpeg-js';
import { decodePicture } from '../../agent/main/face/decode-picture.ts';
import type { Picture } from '../../drivers/face/embedder.ts';
import { sharedPath } from './shared.ts';

/** What a till's camera gives. */
export const FILM_SIZE = { width: 640, height: 480 } as const;
const GREY = 128;
const QUALITY = 95;

/** A photograph of the shared faces, such as `Abdullah_0001`. */
export function facePhoto(name: string): Picture {
  const picture = decodePicture(readFileSync(sharedPath(`data/faces/img/${name}.jpg`)));
  if (picture === null) throw new Error(`no photograph: ${name}`);
  return picture;
}

/** A grey frame with photographs beside each other, each as high as the frame or as `heightPx`. */
export function frameOf(photos: readonly Picture[], heightPx: number = FILM_SIZE.height): Picture {
  const { width, height } = FILM_SIZE;
  const data = new Uint8Array(4 * width * height).fill(GREY);
  for (let alpha = 3; alpha < data.length; alpha += 4) data[alpha] = 255;
  const sizes = photos.map((photo) => Math.round((photo.width * heightPx) / photo.height));
  let left = Math.round((width - sizes.reduce((sum, one) => sum + one, 0)) / 2);
  const top = Math.round((height - heightPx) / 2);
  photos.forEach((photo, index) => {
    const size = sizes[index] ?? 0;
    for (let y = 0; y < heightPx; y++)
      for (let x = 0; x < size; x++) {
        const [column, row] = [left + x, top + y];
        if (column < 0 || column >= width || row < 0 || row >= height) continue;
        for (let channel = 0; channel < 3; channel++)
          data[4 * (row * width + column) + channel] = bilinear(
            photo,
            ((x + 0.5) * photo.width) / size - 0.5,
            ((y + 0.5) * photo.height) / heightPx - 0.5,
            channel,
          );
      }
    left += size;
  });
  return { data, width, height };
}

function bilinear({ data, width, height }: Picture, x: number, y: number, channel: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - left, y - top];
  const column = (at: number): number => Math.min(width - 1, Math.max(0, at));
  const row = (at: number): number => width * Math.min(height - 1, Math.max(0, at));
  const [x0, x1, y0, y1] = [column(left), column(left + 1), row(top), row(top + 1)];
  const at = (place: number): number => data[4 * place + channel] ?? 0;
  return (
    (1 - fy) * ((1 - fx) * at(y0 + x0) + fx * at(y0 + x1)) +
    fy * ((1 - fx) * at(y1 + x0) + fx * at(y1 + x1))
  );
}

/** One frame as JPEG. A film for Chromium's camera (`.mjpeg`) is nothing but frames in a row, played again and again. */
export function jpegOf({ data, width, height }: Picture): Buffer {
  return Buffer.from(jpeg.encode({ data: Buffer.from(data), width, height }, QUALITY).data);
}

/** How a flat picture is held before the camera; angles in degrees. */
export interface HeldPicture {
  readonly yaw: number;
  readonly pitch: number;
}
/** From the camera, in widths of the picture, where it is as high as the frame. */
const HELD_DISTANCE = 2.2;

/** The frame of a camera before which a photograph is held as a print, turned and tilted in space. */
export function heldPhoto(photo: Picture, { yaw, pitch }: HeldPicture): Picture {
  const { width, height } = FILM_SIZE;
  const data = new Uint8Array(4 * width * height).fill(GREY);
  const focal = height * HELD_DISTANCE;
  const [a, b] = [(yaw * Math.PI) / 180, (pitch * Math.PI) / 180];
  // Where one step along the picture's sides leads in space.
  const right = [Math.cos(a), -Math.sin(a) * Math.sin(b), -Math.sin(a) * Math.cos(b)] as const;
  const down = [0, Math.cos(b), -Math.sin(b)] as const;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const pixel = 4 * (row * width + column);
      data[pixel + 3] = 255;
      const x = (column + 0.5 - width / 2) / focal;
      const y = (row + 0.5 - height / 2) / focal;
      // The point of the picture on the line of sight: two equations for its two sides.
      const [m11, m12] = [right[0] + x * right[2], down[0] + x * down[2]];
      const [m21, m22] = [right[1] + y * right[2], down[1] + y * down[2]];
      const determinant = m11 * m22 - m12 * m21;
      const u = (HELD_DISTANCE * (x * m22 - m12 * y)) / determinant;
      const v = (HELD_DISTANCE * (m11 * y - m21 * x)) / determinant;
      if (Math.abs(u) > 0.5 || Math.abs(v) > 0.5) continue;
      for (let channel = 0; channel < 3; channel++)
        data[pixel + channel] = bilinear(
          photo,
          (u + 0.5) * photo.width - 0.5,
          (v + 0.5) * photo.height - 0.5,
          channel,
        );
    }
  return { data, width, height };
}
