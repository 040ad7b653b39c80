import type { ModelManifest } from './model-manifest.ts';

/** Pixels of one frame, four bytes each (red, green, blue, opacity), row by row from the top left. */
export interface Picture {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** In pixels of the picture, from its top left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface FoundFace {
  readonly box: Box;
  /** Confidence of the detector, 0 to 1: that this is a face, not whose. */
  readonly score: number;
  /** The 68 points of the iBUG annotation, in its order. */
  readonly landmarks: readonly Point[];
}

/** A model that finds faces and describes them. Descriptors of two models cannot be compared. */
export interface FaceEmbedder {
  readonly manifest: ModelManifest;
  /** All faces of the picture, largest first. */
  find(picture: Picture): Promise<FoundFace[]>;
  /** The descriptor of one found face, of `manifest.dimensions` numbers. */
  describe(picture: Picture, face: FoundFace): Promise<Float32Array>;
  close(): Promise<void>;
}

/** The area of a box in square pixels. */
export function areaOf({ width, height }: Box): number {
  return width * height;
}

/** Largest first, as `find` answers. */
export function largestFirst(faces: readonly FoundFace[]): FoundFace[] {
  return [...faces].sort((a, b) => areaOf(b.box) - areaOf(a.box));
}
