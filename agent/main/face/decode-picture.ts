import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import type { Picture } from '../../../drivers/face/embedder.ts';
import { exifOrientation, turned } from './exif-orientation.ts';

/** The largest picture that is decoded, in millions of pixels: four bytes each in memory. */
export const PICTURE_MAX_MEGAPIXELS = 25;

const MAX_PIXELS = PICTURE_MAX_MEGAPIXELS * 1_000_000;

/**
 * Decodes a JPEG or PNG, upright by its EXIF orientation; null where it is damaged, cut short, too large or something
 * else. Half a picture is none: its missing part would be described as if it had been seen.
 */
export function decodePicture(bytes: Uint8Array): Picture | null {
  try {
    if (bytes[0] === 0xff && bytes[1] === 0xd8) {
      const picture = jpeg.decode(bytes, {
        useTArray: true,
        formatAsRGBA: true,
        maxResolutionInMP: PICTURE_MAX_MEGAPIXELS,
      });
      return turned(picture, exifOrientation(bytes));
    }
    if (bytes[0] === 0x89 && bytes[1] === 0x50) {
      const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (header.readUInt32BE(16) * header.readUInt32BE(20) > MAX_PIXELS) return null;
      const { data, width, height } = PNG.sync.read(header);
      return { data, width, height };
    }
    return null;
  } catch {
    // Both decoders tell damage by throwing, in words of their own.
    return null;
  }
}
