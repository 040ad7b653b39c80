import { describe, expect, test } from 'vitest';
import { deviceSignals, deviceStates, nextDeviceState } from '../../../drivers/contract/state.ts';
import { stateAdvice } from '../../../drivers/contract/state-advice.ts';

describe('the table of device life', () => {
  test('is total: every signal in every state leads to a known state', () => {
    for (const state of deviceStates) {
      for (const signal of deviceSignals) {
        expect(deviceStates, `${state} + ${signal}`).toContain(nextDeviceState(state, signal));
      }
    }
  });

  test('only a claim makes a device ready, and only after it was seen', () => {
    for (const state of deviceStates.filter((state) => state !== 'ready')) {
      for (const signal of deviceSignals.filter((signal) => signal !== 'claimed')) {
        expect(nextDeviceState(state, signal), `${state} + ${signal}`).not.toBe('ready');
      }
    }
    expect(nextDeviceState('absent', 'claimed')).toBe('absent');
    expect(nextDeviceState('present', 'claimed')).toBe('present');
    expect(nextDeviceState('paused', 'claimed')).toBe('paused');
  });

  test('stopping releases from every state, and a paused device moves only by resume and stop', () => {
    for (const state of deviceStates) expect(nextDeviceState(state, 'stopped')).toBe('absent');
    const moving = deviceSignals.filter((signal) => nextDeviceState('paused', signal) !== 'paused');
    expect(moving).toEqual(['resumed', 'stopped']);
  });

  test('a retry in the background does not show, its outcome does', () => {
    for (const state of ['busy', 'ambiguous', 'denied', 'faulted', 'unsupported'] as const) {
      expect(nextDeviceState(state, 'claim-started')).toBe(state);
      expect(nextDeviceState(state, 'claimed')).toBe('ready');
      expect(nextDeviceState(state, 'vanished')).toBe('absent');
    }
  });

  test('every state can be left for ready or absent', () => {
    for (const state of deviceStates) {
      const next = new Set(deviceSignals.map((signal) => nextDeviceState(state, signal)));
      expect(next.size, state).toBeGreaterThan(1);
    }
  });

  test('every state has a hint and a remedy in both languages', () => {
    for (const state of deviceStates) {
      const { hint, remedy } = stateAdvice[state];
      for (const text of [hint, remedy.text]) {
        expect(text['zh-CN'], state).toMatch(/\p{Script=Han}/u);
        expect(text.en, state).toMatch(/^[ -~“”’…]+$/);
      }
    }
  });
});
