import type { Picture } from '../../../drivers/face/embedder.ts';

const ORIENTATION_TAG = 0x0112;

/** The orientation in the EXIF part of a JPEG, 1 to 8 (CIPA DC-008, tag 274); 1 where it tells none. */
export function exifOrientation(jpeg: Uint8Array): number {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  let at = 2;
  while (at + 10 < view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xda) break;
    if (marker === 0xe1 && view.getUint32(at + 4) === 0x45786966)
      return orientationIn(view, at + 10);
    at += 2 + view.getUint16(at + 2);
  }
  return 1;
}

/** @param start of the TIFF header, from which all its offsets count */
function orientationIn(view: DataView, start: number): number {
  if (start + 8 > view.byteLength) return 1;
  const little = view.getUint16(start) === 0x4949;
  const directory = start + view.getUint32(start + 4, little);
  if (directory + 2 > view.byteLength) return 1;
  const entries = view.getUint16(directory, little);
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + 12 * entry;
    if (at + 12 > view.byteLength) return 1;
    if (view.getUint16(at, little) !== ORIENTATION_TAG) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** The picture as it is meant to be seen. */
export function turned(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture;
  const { width: w, height: h } = picture;
  const isSideways = orientation >= 5;
  const [width, height] = isSideways ? [h, w] : [w, h];
  const from = wholePixels(picture.data);
  const to = new Uint32Array(w * h);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [sx, sy] = sourceOf(orientation, x, y, w, h);
      to[y * width + x] = from[sy * w + sx] ?? 0;
    }
  return { data: new Uint8Array(to.buffer), width, height };
}

/** Four bytes at a time; copied, since a view of them may begin nowhere else than at a multiple of four. */
function wholePixels(data: Picture['data']): Uint32Array {
  return new Uint32Array(new Uint8Array(data).buffer);
}

function sourceOf(
  orientation: number,
  x: number,
  y: number,
  w: number,
  h: number,
): readonly [number, number] {
  switch (orientation) {
    case 2:
      return [w - 1 - x, y];
    case 3:
      return [w - 1 - x, h - 1 - y];
    case 4:
      return [x, h - 1 - y];
    case 5:
      return [y, x];
    case 6:
      return [y, h - 1 - x];
    case 7:
      return [w - 1 - y, h - 1 - x];
    default:
      return [w - 1 - y, x];
  }
}
