import type { Ai } from './ai-table.ts';
import type { Gs1Error } from './gs1-error.ts';

/** One application identifier and its value. */
export interface Gs1Element {
  readonly ai: string;
  readonly value: string;
}

/** An element as it was cut out of a text, before anything of its value is checked. */
export interface CutElement extends Gs1Element {
  readonly entry: Ai;
  /** Offsets in the whole text, of the AI and of the value. */
  readonly position: number;
  readonly valueAt: number;
  /** The value stood in the text as it is, so that an offset in it is one in the text. */
  readonly isVerbatim: boolean;
  /** In the query of a Digital Link. */
  readonly isAttribute?: boolean;
}

/** What a text was cut into. */
export interface Cut {
  readonly elements: readonly CutElement[];
  /** Why parts of it could not be cut, in the order of the text. */
  readonly errors: readonly Gs1Error[];
}

/** The most elements that one message may hold; more is an attack or a broken reader. */
export const ELEMENTS_MAX = 64;
