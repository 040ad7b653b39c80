/** How pages come: each next one asks less of what stands between till and headquarters. */
export type TransportMode = 'stream' | 'long-poll' | 'poll';

/** Attempts in a row that brought nothing before the till goes down to the next mode. */
export const MODE_TRIES = 2;
/** After so long in a lower mode the stream is tried again, in milliseconds. */
export const PROMOTE_AFTER_MS = 60_000;

export interface ModeState {
  readonly mode: TransportMode;
  /** Attempts in a row in this mode that brought nothing. */
  readonly failures: number;
}

export type ModeEvent =
  /** A frame or an answer came. */
  | 'heard'
  /** An attempt ended and brought nothing, though headquarters itself was reached. */
  | 'fruitless'
  /** The lower mode has lasted {@link PROMOTE_AFTER_MS}. */
  | 'promote';

const LOWER: Readonly<Record<TransportMode, TransportMode>> = {
  stream: 'long-poll',
  'long-poll': 'poll',
  poll: 'poll',
};

export const FIRST_MODE: ModeState = { mode: 'stream', failures: 0 };

/** The mode after an event. */
export function nextMode(state: ModeState, event: ModeEvent): ModeState {
  switch (event) {
    case 'heard':
      return state.failures === 0 ? state : { ...state, failures: 0 };
    case 'promote':
      return FIRST_MODE;
    case 'fruitless':
      return state.failures + 1 < MODE_TRIES
        ? { ...state, failures: state.failures + 1 }
        : { mode: LOWER[state.mode], failures: 0 };
  }
}
