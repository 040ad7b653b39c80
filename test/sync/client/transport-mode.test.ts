import { describe, expect, test } from 'vitest';
import {
  FIRST_MODE,
  MODE_TRIES,
  type ModeState,
  nextMode,
} from '../../../sync/client/transport-mode.ts';

describe('the way in which pages come', () => {
  const fall = (state: ModeState, times: number): ModeState =>
    Array.from({ length: times }).reduce<ModeState>((at) => nextMode(at, 'fruitless'), state);

  test('goes down after attempts in a row that brought nothing, and no further than polls', () => {
    expect(fall(FIRST_MODE, MODE_TRIES - 1).mode).toBe('stream');
    expect(fall(FIRST_MODE, MODE_TRIES)).toEqual({ mode: 'long-poll', failures: 0 });
    expect(fall(FIRST_MODE, MODE_TRIES * 2).mode).toBe('poll');
    expect(fall(FIRST_MODE, MODE_TRIES * 9).mode).toBe('poll');
  });

  test('stays where something comes, and comes back to the stream', () => {
    const once = nextMode(fall(FIRST_MODE, MODE_TRIES - 1), 'heard');
    expect(fall(once, MODE_TRIES - 1).mode).toBe('stream');
    expect(nextMode(fall(FIRST_MODE, MODE_TRIES * 2), 'promote')).toEqual(FIRST_MODE);
  });
});
