/** What the data of a symbology is, told by its AIM identifier (GS1 General Specifications, section 5.1.3). */
export type Carrier =
  /** Application identifiers and nothing else. */
  | { readonly kind: 'elements' }
  /** Plain text, in which a Digital Link may stand. */
  | { readonly kind: 'link' }
  /** One number of this many digits; a composite part may follow as a message of its own. */
  | { readonly kind: 'number'; readonly length: number }
  /** Nothing of GS1: no AI is ever guessed in it. */
  | { readonly kind: 'plain' };

const carriers: ReadonlyMap<string, Carrier> = new Map<string, Carrier>([
  [']C1', { kind: 'elements' }],
  [']e0', { kind: 'elements' }],
  [']d2', { kind: 'elements' }],
  [']Q3', { kind: 'elements' }],
  [']J1', { kind: 'elements' }],
  [']Q1', { kind: 'link' }],
  [']d1', { kind: 'link' }],
  [']J0', { kind: 'link' }],
  [']E0', { kind: 'number', length: 13 }],
  [']E4', { kind: 'number', length: 8 }],
]);

const PLAIN: Carrier = { kind: 'plain' };

/** AIM identifier of a composite part. */
export const COMPOSITE_AIM = ']e0';

/** What an AIM identifier says; one that is not known says nothing. */
export function carrierOf(aim: string): Carrier {
  return carriers.get(aim) ?? PLAIN;
}

const AIM = /^\][A-Za-z][0-9A-Za-z]/;

/** The AIM identifier that a text begins with. */
export function aimOf(text: string): string | undefined {
  return AIM.exec(text)?.[0];
}

/** A text apart from the AIM identifier that it begins with; one with nothing behind its identifier is all text. */
export function splitAim(text: string): { readonly text: string; readonly aim?: string } {
  const aim = aimOf(text);
  return aim === undefined || aim === text ? { text } : { aim, text: text.slice(aim.length) };
}
