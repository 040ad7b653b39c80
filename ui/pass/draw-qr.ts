import { encode } from 'uqr';

/** Modules of white around a code (ISO/IEC 18004 section 9.1). */
export const QUIET_MODULES = 4;

/**
 * Draws a code dark on light, level M, each module the same whole number of the screen's own pixels, so that no edge is
 * blurred; what is over of the room becomes margin.
 * @param roomPx the side of the place for it, in CSS pixels
 * @param ratio pixels of the screen in a CSS pixel
 */
export function drawQr(
  canvas: HTMLCanvasElement,
  text: string,
  roomPx: number,
  ratio: number,
): void {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_MODULES, boostEcc: false });
  const module = Math.max(1, Math.floor((roomPx * ratio) / size));
  const side = module * size;
  canvas.width = side;
  canvas.height = side;
  canvas.style.width = `${side / ratio}px`;
  canvas.style.height = `${side / ratio}px`;
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, side, side);
  pen.fillStyle = '#000';
  for (const [y, row] of data.entries())
    for (const [x, dark] of row.entries())
      if (dark) pen.fillRect(x * module, y * module, module, module);
}
