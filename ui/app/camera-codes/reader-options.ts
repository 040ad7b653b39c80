import type { ReaderOptions } from 'zxing-wasm/reader';

/** Codes that are told apart in one frame; what is beyond does not change that there are several. */
const CODES_PER_FRAME_MAX = 4;

/**
 * What the camera looks for: the codes of members, coupons and articles and no others, and no second harder look. All
 * formats together take many times as long a frame and read codes in wallpaper.
 */
export const READER_OPTIONS: ReaderOptions = {
  formats: ['QRCode', 'DataMatrix', 'Code128', 'EAN13', 'EAN8', 'UPCA', 'UPCE', 'DataBar'],
  tryHarder: false,
  tryInvert: false,
  maxNumberOfSymbols: CODES_PER_FRAME_MAX,
  // GS stays GS; brackets around application identifiers are for people.
  textMode: 'Plain',
};
