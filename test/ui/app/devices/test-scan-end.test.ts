import { expect, test } from 'vitest';
import type { DeviceCheck } from '../../../../agent/contract/index.ts';
import { testScanEnd } from '../../../../ui/app/devices/test-scan-end.ts';

const BEFORE = '2026-11-21T06:29:59.000Z';
const BEGUN = '2026-11-21T06:30:00.000Z';
const LATER = '2026-11-21T06:30:09.000Z';

const check = (outcome: DeviceCheck['outcome'], more: Partial<DeviceCheck> = {}): DeviceCheck => ({
  level: 'interactive',
  outcome,
  at: LATER,
  text: { 'zh-CN': '', en: '' },
  challenge: 'TILLSIDE-CHECK-000001',
  checks: [],
  ...more,
});
const begun = check('waiting', { at: BEGUN });
const ready = { state: 'ready', since: BEFORE } as const;

test('a test scan waits until a list says how its own check ended', () => {
  expect(testScanEnd(begun, { ...ready, check: begun })).toBeNull();
  expect(testScanEnd(begun, ready)).toBeNull();
  expect(testScanEnd(begun, { ...ready, check: check('failed', { at: BEFORE }) })).toBeNull();
  expect(
    testScanEnd(begun, { ...ready, check: check('passed', { level: 'internal', at: BEGUN }) }),
  ).toBeNull();
  expect(testScanEnd(begun, { ...ready, check: check('passed') })).toBe('passed');
  expect(testScanEnd(begun, { ...ready, check: check('failed') })).toBe('failed');
});

test('a check that was refused at once has ended', () => {
  expect(testScanEnd(check('failed'), ready)).toBe('failed');
});

test('another page that tests the same device takes the check over, and what it reads proves nothing here', () => {
  for (const outcome of ['waiting', 'passed', 'failed'] as const) {
    const theirs = check(outcome, { challenge: 'TILLSIDE-CHECK-000002' });
    expect(testScanEnd(begun, { ...ready, check: theirs })).toBe('lost');
  }
});

test('a check of another kind that another page asked for has ended this one', () => {
  for (const level of ['internal', 'external'] as const)
    expect(testScanEnd(begun, { ...ready, check: check('passed', { level }) })).toBe('lost');
});

test('a device that went away or was let go meanwhile is said, though it is back by now', () => {
  expect(testScanEnd(begun, { ...ready, state: 'absent' })).toBe('lost');
  expect(testScanEnd(begun, { ...ready, since: LATER })).toBe('lost');
});
