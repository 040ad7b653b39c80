/**
 * Bar code families by the letter of the AIM symbology identifier
 * (ISO/IEC 15424, table of code characters).
 */
const families: Readonly<Record<string, string>> = {
  A: 'code-39',
  B: 'telepen',
  C: 'code-128',
  d: 'data-matrix',
  E: 'ean-upc',
  e: 'databar',
  F: 'codabar',
  G: 'code-93',
  H: 'code-11',
  h: 'han-xin',
  I: 'itf',
  J: 'dotcode',
  K: 'code-16k',
  L: 'pdf417',
  M: 'msi',
  O: 'codablock',
  o: 'ocr',
  Q: 'qr',
  R: 'straight-2-of-5',
  S: 'industrial-2-of-5',
  T: 'code-49',
  U: 'maxicode',
  z: 'aztec',
};

/** The family that an AIM identifier such as `]C1` names, or undefined. */
export const symbologyOf = (aim: string): string | undefined => families[aim.charAt(1)];

/**
 * Splits a leading AIM identifier (`]`, letter, modifier) from the data.
 * A reader that sends none gives `text` alone.
 */
export const splitAim = (text: string): { readonly aim?: string; readonly text: string } =>
  /^\][A-Za-z][0-9A-Za-z]/.test(text) ? { aim: text.slice(0, 3), text: text.slice(3) } : { text };
