/** One pixel in so many is looked at: a thousand of them tell how light a frame is. */
const STEP_PIXELS = 997;
const BYTES_PER_PIXEL = 4;
/** Below this mean luma, of 255, codes on paper are not read reliably. */
export const DARK_LUMA = 32;
/** A frame with some light place in it, such as a phone's screen, is not dark: as many of a thousand pixels. */
const LIGHT_LUMA = 128;
const LIGHT_PER_MILLE = 20;

/**
 * Whether a frame is too dark to read.
 * @param rgba red, green, blue and alpha of each pixel, one byte each; luma by ITU-R BT.601
 */
export function isDark(rgba: Uint8ClampedArray): boolean {
  let sum = 0;
  let light = 0;
  let pixels = 0;
  for (let at = 0; at + 2 < rgba.length; at += STEP_PIXELS * BYTES_PER_PIXEL) {
    const luma =
      (299 * (rgba[at] ?? 0) + 587 * (rgba[at + 1] ?? 0) + 114 * (rgba[at + 2] ?? 0)) / 1_000;
    sum += luma;
    if (luma >= LIGHT_LUMA) light += 1;
    pixels += 1;
  }
  return pixels > 0 && sum / pixels < DARK_LUMA && light * 1_000 < pixels * LIGHT_PER_MILLE;
}
