/** Full-width characters of a Chinese input method (U+FF01 to U+FF5E) mean their ASCII ones; the length stays. */
export function toAscii(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (wide) =>
    String.fromCharCode(wide.charCodeAt(0) - 0xfee0),
  );
}
