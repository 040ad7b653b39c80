import { describe, expect, test } from 'vitest';
import {
  createStatistics,
  deviceCounters,
  LATENCY_SAMPLES,
  statisticsGain,
} from '../../../drivers/contract/statistics.ts';

describe('the statistics of a device', () => {
  test('carry every counter, the time in each state, the last scan and the latency', () => {
    const statistics = createStatistics(1_000, 'life-1');
    for (const counter of deviceCounters) statistics.count(counter, 2);
    statistics.entered('ready', 1_500);
    statistics.scanned(3, '2026-01-05T09:00:00.000Z');
    expect(statistics.snapshot(4_000)).toMatchObject({
      epoch: 'life-1',
      scans: 3,
      partial: 2,
      dropped: 2,
      duplicates: 2,
      unknownSymbology: 2,
      commErrors: 2,
      unplugs: 2,
      reopens: 2,
      claimFailures: 2,
      timeInStateMs: { absent: 500, ready: 2_500, busy: 0, ambiguous: 0 },
      lastScanAt: '2026-01-05T09:00:00.000Z',
      latencyMs: { p50: 3, p99: 3 },
    });
  });

  test('give percentiles of the latest scans alone, and null before the first', () => {
    const statistics = createStatistics(0, 'life-1');
    expect(statistics.snapshot(0)).toMatchObject({ lastScanAt: null, latencyMs: null });
    for (let index = 0; index < LATENCY_SAMPLES; index += 1) statistics.scanned(1_000, 'earlier');
    for (let index = 1; index <= LATENCY_SAMPLES; index += 1) statistics.scanned(index, 'later');
    expect(statistics.snapshot(0).latencyMs).toEqual({ p50: 128, p99: 254 });
  });

  test('of a driver that was started again are gain as a whole, and no gain is negative', () => {
    const first = createStatistics(0, 'life-1');
    first.count('scans', 5);
    const before = first.snapshot(100);
    first.count('scans', 2);
    expect(statisticsGain(before, first.snapshot(250))).toMatchObject({
      scans: 2,
      timeInStateMs: { absent: 150 },
    });
    const second = createStatistics(0, 'life-2');
    second.count('scans', 3);
    expect(statisticsGain(before, second.snapshot(40))).toMatchObject({
      scans: 3,
      timeInStateMs: { absent: 40 },
    });
    expect(statisticsGain(undefined, before)).toMatchObject({ scans: 5 });
    expect(statisticsGain(first.snapshot(250), before).scans).toBe(0);
  });
});
