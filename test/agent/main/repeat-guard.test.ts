import { expect, test } from 'vitest';
import { createRepeatGuard, REMEMBERED_SCANS } from '../../../agent/main/repeat-guard.ts';
import type { ScanEvent } from '../../../drivers/contract/event.ts';

const scan = (id: string, text: string, deviceId = 'sim'): ScanEvent => ({
  type: 'scan',
  id,
  deviceId,
  at: { monoMs: 0, wall: '2026-01-05T09:00:00.000Z' },
  source: 'simulated',
  text,
  sizeBytes: text.length,
  complete: true,
});

test('a scan whose message comes twice is one scan, for as many ids as are remembered', () => {
  const guard = createRepeatGuard(
    () => 0,
    () => 300,
  );
  expect(guard.repeats(scan('first', 'A'))).toBe(false);
  for (let index = 1; index < REMEMBERED_SCANS; index += 1) guard.repeats(scan(`s${index}`, 'B'));
  expect(guard.repeats(scan('first', 'A'))).toBe(true);
  guard.repeats(scan('one more', 'B'));
  expect(guard.repeats(scan('first', 'A'))).toBe(false);
});

test('a repetition on one scanner is none on another, and none under another symbology', () => {
  let nowMs = 0;
  const guard = createRepeatGuard(
    () => nowMs,
    () => 300,
  );
  guard.repeats(scan('1', 'A'));
  guard.repeats(scan('2', 'B', 'other'));
  guard.broke();
  nowMs = 5_000;
  guard.ready('sim');
  guard.ready('other');
  expect(guard.repeats(scan('3', 'A', 'other'))).toBe(false);
  expect(guard.repeats({ ...scan('4', 'A'), aim: ']E0' })).toBe(false);
});

test('two crashes before anything is read are one gap, and the time between them does not count', () => {
  let nowMs = 0;
  const guard = createRepeatGuard(
    () => nowMs,
    () => 300,
  );
  guard.repeats(scan('1', 'A'));
  nowMs = 100;
  guard.broke();
  nowMs = 1_000;
  guard.ready('sim');
  nowMs = 1_050;
  guard.broke();
  nowMs = 9_000;
  guard.ready('sim');
  nowMs = 9_200;
  expect(guard.repeats(scan('2', 'A'))).toBe(true);
  guard.broke();
  guard.ready('sim');
  nowMs = 9_501;
  expect(guard.repeats(scan('3', 'A'))).toBe(false);
});

test('a message of the ended driver that comes late is no end of the gap, and was read before it', () => {
  let nowMs = 0;
  const guard = createRepeatGuard(
    () => nowMs,
    () => 300,
  );
  expect(guard.repeats(scan('1', 'A'))).toBe(false);
  nowMs = 1_000;
  guard.broke();
  nowMs = 1_001;
  expect(guard.repeats(scan('2', 'B'))).toBe(false);
  nowMs = 1_400;
  guard.ready('sim');
  nowMs = 1_450;
  expect(guard.repeats(scan('3', 'B'))).toBe(true);
});

test('a break that is taken back leaves no gap', () => {
  let nowMs = 0;
  const guard = createRepeatGuard(
    () => nowMs,
    () => 300,
  );
  guard.repeats(scan('1', 'A'));
  const goesOn = guard.broke();
  goesOn();
  nowMs = 5_000;
  guard.repeats(scan('2', 'A'));
  nowMs = 9_000;
  guard.broke();
  guard.ready('sim');
  expect(guard.repeats(scan('3', 'A'))).toBe(false);
});
