import type {
  CameraTrouble,
  ChallengeStep,
  FaceFrame,
  FaceModel,
} from '../../../agent/contract/index.ts';

/** The worker's one order. The stream moves to the worker, so that no frame is ever in the page. */
export interface CaptureOrder {
  readonly frames: ReadableStream<VideoFrame>;
  /** Address of the folder of a model pack, with a slash at its end; absent = the model that comes with the program. */
  readonly pack?: string;
  /** The model that the till compares by: another one is refused before it is loaded. Absent = any. */
  readonly model?: FaceModel;
  /** Movements to ask for, in this order; none = no challenge. */
  readonly challenge: readonly ChallengeStep[];
}

/** What the member is asked to do now, and how far they are. */
export interface ChallengeProgress {
  /** `look` = look straight ahead, before the first movement and after the last one. */
  readonly asked: ChallengeStep | 'look';
  readonly done: number;
  readonly of: number;
}

/** What the worker tells; a frame is never part of it. */
export type CaptureNews =
  /** Models are loaded and warm; from here on it depends on the camera. */
  | { readonly kind: 'ready'; readonly dimensions: number }
  | {
      readonly kind: 'frame';
      /** Passes on to the agent as it is. */
      readonly frame: FaceFrame;
      readonly dark: boolean;
      /** Milliseconds from the pixels to the answer. */
      readonly tookMs: number;
      /** null = no challenge was asked for, or it is over. */
      readonly progress: ChallengeProgress | null;
    }
  /** The end of the challenge; told once. */
  | { readonly kind: 'challenge'; readonly frame: FaceFrame & { readonly kind: 'challenge' } }
  /** The stream ended: the camera is gone. */
  | { readonly kind: 'ended' }
  | {
      readonly kind: 'failed';
      readonly trouble: CameraTrouble & ('model-missing' | 'failed');
      readonly why: string;
    };
