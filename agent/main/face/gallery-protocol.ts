import type { Neighbour } from '../../domain/face/gallery.ts';

/** What the thread is told when it is started. */
export interface GalleryData {
  readonly dimensions: number;
  readonly maxPeople: number;
}

/** What the thread is asked; it answers in the order in which it is asked. Arrays of numbers move to it. */
export type GalleryRequest =
  /** Templates of `people`, one after the other in `flat`; not answered. */
  | { readonly call: 'load'; readonly people: readonly string[]; readonly flat: Float32Array }
  | { readonly call: 'put'; readonly person: string; readonly template: Float32Array }
  | { readonly call: 'remove'; readonly person: string }
  | { readonly call: 'nearest'; readonly probe: Float32Array; readonly count: number }
  | { readonly call: 'distance'; readonly person: string; readonly probe: Float32Array }
  | { readonly call: 'size' }
  | { readonly call: 'close' };

/** The answer to each call. */
export interface GalleryAnswers {
  /** False where the gallery is full. */
  readonly put: boolean;
  readonly remove: boolean;
  readonly nearest: readonly Neighbour[];
  readonly distance: number | null;
  readonly size: number;
  readonly close: null;
}

export type AnsweredCall = keyof GalleryAnswers;
