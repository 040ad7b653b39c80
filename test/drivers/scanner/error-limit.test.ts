import { describe, expect, test } from 'vitest';
import type { DriverEvent, DropReason } from '../../../drivers/contract/event.ts';
import { ERROR_INTERVAL_MS, limitErrors } from '../../../drivers/scanner/error-limit.ts';
import { reportsOf } from '../../../drivers/sim/hid-reports.ts';
import { createManualEnv } from '../manual-env.ts';
import { createHidFixture, NODE } from './hid-fixture.ts';

const createLimited = () => {
  const env = createManualEnv();
  const told: [DropReason | undefined, number][] = [];
  const sink = (event: DriverEvent): void => {
    if (event.type === 'error') told.push([event.drop, event.count ?? 1]);
  };
  const limit = limitErrors(env, sink);
  const fail = (drop: DropReason): void =>
    limit.emit({
      type: 'error',
      deviceId: 'scanner-1',
      at: { wall: '2026-01-05T09:00:00.000Z', monoMs: env.clock.monoMs() },
      code: 'E_EXTENDED',
      retryable: true,
      detail: 'lost',
      drop,
    });
  return { env, told, limit, fail };
};

describe('errors of one kind', () => {
  test('are told at once the first time, and one by one when they are a whole interval apart', async () => {
    const { env, told, fail } = createLimited();
    fail('garbage');
    await env.advance(ERROR_INTERVAL_MS);
    fail('garbage');
    expect(told).toEqual([
      ['garbage', 1],
      ['garbage', 1],
    ]);
    expect(env.pendingTimers()).toBe(0);
  });

  test('closer than that are told together, with their number, when the interval ends', async () => {
    const { env, told, fail } = createLimited();
    fail('garbage');
    await env.advance(ERROR_INTERVAL_MS - 1);
    fail('garbage');
    fail('garbage');
    expect(told).toHaveLength(1);
    await env.advance(1);
    expect(told).toEqual([
      ['garbage', 1],
      ['garbage', 2],
    ]);
  });

  test('hold back no other kind', () => {
    const { told, fail } = createLimited();
    fail('garbage');
    fail('over-long');
    expect(told).toEqual([
      ['garbage', 1],
      ['over-long', 1],
    ]);
  });

  test('that were held back when the line went are told with the next one, and leave no timer', async () => {
    const { env, told, limit, fail } = createLimited();
    fail('garbage');
    fail('garbage');
    limit.rest();
    expect(env.pendingTimers()).toBe(0);
    await env.advance(ERROR_INTERVAL_MS);
    fail('garbage');
    expect(told).toEqual([
      ['garbage', 1],
      ['garbage', 2],
    ]);
  });
});

test('five thousand unreadable HID codes within five seconds are all counted, in at most one event a second', async () => {
  const { env, system, driver, errors, startReady } = createHidFixture();
  await startReady();
  const unreadable = reportsOf(Uint8Array.of(0xff), { aim: ']d2' });
  for (let code = 0; code < 5_000; code += 1) {
    for (const report of unreadable) system.send(NODE, report);
    if (code % 500 === 499) await env.advance(500);
  }
  await env.advance(ERROR_INTERVAL_MS);
  expect(errors()).toHaveLength(6);
  expect(errors().reduce((sum, { count = 1 }) => sum + count, 0)).toBe(5_000);
  await driver.stop();
  expect(env.pendingTimers()).toBe(0);
});
