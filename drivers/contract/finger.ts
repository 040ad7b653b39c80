import type { Moment } from './env.ts';
import type { Result } from './result.ts';

/** Longest time that a person is waited for at the glass. */
export const MAX_PLACE_MS = 60_000;
/** Captures of one enrolment; the last is not merged but has to match what was stored. */
export const MIN_CAPTURES = 3;
export const MAX_CAPTURES = 6;
/** Templates that a search looks through: the store's list (1:N false hits grow with it; research: FMR 1e-5 for 200). */
export const MAX_SEARCHED_PAGES = 200;
/** Bytes of the note by which a till knows its library again. */
export const LIBRARY_MARK_BYTES = 16;

/** What a module is and can, as it says itself. */
export type FingerCapability = {
  /** Templates that its library holds, by its own word. */
  readonly capacity: number;
  /** 1 = takes most for the same finger, 5 = fewest. */
  readonly securityLevel: number;
  readonly baudRate: number;
  readonly packetBytes: number;
  readonly address: number;
  readonly systemId: number;
  /** Models that tell what they are; older ones have no such instruction. */
  readonly product?: {
    readonly model: string;
    readonly batch: string;
    readonly hardware: string;
    readonly sensor: string;
  };
  /**
   * Names model and firmware as far as the module tells them. Templates are the maker's own: one goes only to a module of
   * the same mark.
   */
  readonly mark: string;
  readonly light: 'aura' | 'lamp' | 'none';
  /** Captures that it can merge. */
  readonly buffers: number;
};

/** What a person is asked to do at the glass, and what came of it. */
export const fingerSteps = ['place', 'seen', 'again', 'lift', 'stored', 'done', 'failed'] as const;
export type FingerStep = (typeof fingerSteps)[number];

/** Why a capture has to be repeated. */
export const captureProblems = ['messy', 'few-features', 'capture-failed', 'residual'] as const;
export type CaptureProblem = (typeof captureProblems)[number];

/** Progress of an act that needs a finger. */
export type FingerEvent = {
  readonly type: 'finger';
  readonly deviceId: string;
  readonly at: Moment;
  readonly step: FingerStep;
  /** Which capture of how many, from 1. */
  readonly capture: number;
  readonly captures: number;
  /** With `again`. */
  readonly problem?: CaptureProblem;
};

/**
 * What a module is asked to do; one act at a time. `page` is a place in the library, from 0. Acts that need a finger wait
 * `placeMs` for it.
 */
export type FingerAct =
  | { readonly act: 'describe' }
  | {
      readonly act: 'enrol';
      readonly page: number;
      readonly captures: number;
      /** The first pages, which are searched for the same finger before anything is stored. */
      readonly searchPages: number;
      readonly placeMs: number;
    }
  | { readonly act: 'verify'; readonly page: number; readonly placeMs: number }
  | {
      readonly act: 'verify-template';
      readonly template: Uint8Array;
      readonly placeMs: number;
    }
  | { readonly act: 'identify'; readonly searchPages: number; readonly placeMs: number }
  | { readonly act: 'read'; readonly page: number }
  | { readonly act: 'store'; readonly page: number; readonly template: Uint8Array }
  | { readonly act: 'delete'; readonly page: number }
  | { readonly act: 'clear' }
  | { readonly act: 'index' }
  /** The note in the module's flash that names the library; all zeros = none yet. */
  | { readonly act: 'read-mark' }
  | { readonly act: 'write-mark'; readonly libraryMark: Uint8Array }
  | { readonly act: 'set-password'; readonly password: number };

/** What each act gives. Scores are the module's own and mean something only for its mark. */
export type FingerResults = {
  describe: FingerCapability;
  enrol: { readonly template: Uint8Array; readonly score: number; readonly retakes: number };
  verify: { readonly isMatch: boolean; readonly score: number };
  'verify-template': { readonly isMatch: boolean; readonly score: number };
  /** null = none of the searched templates. */
  identify: { readonly hit: { readonly page: number; readonly score: number } | null };
  read: { readonly template: Uint8Array };
  store: null;
  delete: null;
  clear: null;
  /** Pages in use, ascending. */
  index: { readonly pages: readonly number[] };
  'read-mark': { readonly libraryMark: Uint8Array };
  'write-mark': null;
  'set-password': null;
};

export const fingerFailureCodes = [
  /** Nobody placed a finger in time. */
  'no-finger',
  /** Captures stayed bad. */
  'poor-quality',
  /** Captures of one enrolment are not of one finger. */
  'captures-differ',
  /** The finger is in the library already. */
  'duplicate',
  /** What was stored does not match the finger, or is not what was sent. */
  'not-confirmed',
  'library-full',
  'page-empty',
  'page-out-of-range',
  'flash-fault',
  'sensor-fault',
  'wrong-password',
  /** The template is no template for this module. */
  'template-refused',
  'unsupported',
  'cancelled',
  /** Another act is under way. */
  'busy',
  /** The device is not `ready`, or was lost meanwhile. */
  'not-ready',
  /** It stopped answering, or answers came damaged again and again; it is opened afresh. */
  'silent',
  'garbled',
  /** A code that no manual gives. */
  'unknown-code',
  'bad-request',
] as const;
export type FingerFailureCode = (typeof fingerFailureCodes)[number];

export type FingerFailure = {
  readonly code: FingerFailureCode;
  /** In English, for the log and for IT. */
  readonly detail: string;
  /** Of `duplicate`: where the finger is. */
  readonly page?: number;
  /** The module's code, as it came. */
  readonly moduleCode?: number;
};

/** A fingerprint module under the agent. */
export type FingerReader = {
  /** Never throws; an act on a module that is not `ready` is answered `not-ready`. */
  run<Act extends FingerAct>(act: Act): Promise<Result<FingerResults[Act['act']], FingerFailure>>;
  /** Ends the act that waits for a finger; it is answered `cancelled`. */
  cancel(): void;
};
