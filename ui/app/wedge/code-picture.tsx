import { encode } from 'uqr';
import { code128 } from './code-128.ts';
import css from './wedge-dialog.module.css';

/** Light modules that a reader needs around a QR code and beside bars. */
const QR_QUIET = 4;
const BARS_QUIET = 10;
const BARS_HEIGHT = 24;

/** A QR code, dark on light whatever the colours of the screen. */
export function QrPicture({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, data } = encode(text, { ecc: 'M', border: QR_QUIET });
  const path = data
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  return (
    <svg className={css['square']} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}

/** Code 128 bars, dark on light. */
export function BarsPicture({ text, label }: { readonly text: string; readonly label: string }) {
  const widths = code128(text) ?? [];
  const bars: string[] = [];
  let at = BARS_QUIET;
  for (const [index, width] of widths.entries()) {
    if (index % 2 === 0) bars.push(`M${at} 2h${width}v${BARS_HEIGHT - 4}h-${width}z`);
    at += width;
  }
  const total = at + BARS_QUIET;
  return (
    <svg
      className={css['bars']}
      viewBox={`0 0 ${total} ${BARS_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <rect width={total} height={BARS_HEIGHT} fill="#fff" />
      <path d={bars.join('')} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}
