import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registerFace } from '../../../../agent/main/commands/face.ts';
import { readComparisons } from '../../../../agent/main/commands/face-comparisons.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import { runCommand } from '../../../support/run-command.ts';

const till = (...args: string[]) => runCommand(registerFace, ['face', 'calibrate', ...args]);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-calibrate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const DAY_MS = 86_400_000;
const at = (nth: number) => new Date(Date.UTC(2026, 0, 1) + (nth * DAY_MS) / 10).toISOString();

interface Line {
  readonly distance: number;
  readonly same: boolean;
  readonly at: string;
}
/** Distances in even steps, so that what is found can be reckoned by hand. */
const lines = (count: number, same: boolean, from: number, to: number, first = 0): Line[] =>
  Array.from({ length: count }, (_, nth) => ({
    // By 7 and a prime: in no order of time.
    distance: from + ((to - from) * ((nth * 7) % count)) / count,
    same,
    at: at(first + nth),
  }));

function save(...groups: readonly unknown[][]): string {
  const path = join(folder, 'pairs.jsonl');
  writeFileSync(
    path,
    groups
      .flat()
      .map((one) => `${JSON.stringify(one)}\n`)
      .join(''),
  );
  return path;
}

const SAME = lines(400, true, 0.2, 0.48);
const DIFFERENT = lines(5_000, false, 0.48, 1.2);

describe('till face calibrate', () => {
  test('gives the threshold for the wanted rate with its interval', async () => {
    const { code, out } = await till(save(SAME, DIFFERENT), '--fmr', '0.01', '--json');
    const report = JSON.parse(out);
    expect(report).toMatchObject({ same: 400, different: 5_000 });
    expect(report.wanted.threshold).toBeCloseTo(0.487, 3);
    const [low, high] = report.wanted.thresholdCi95;
    expect(low).toBeLessThan(report.wanted.threshold);
    expect(high).toBeGreaterThan(report.wanted.threshold);
    expect(report.wanted.tmr).toBe(1);
    expect(report.likelihood.slope).toBeGreaterThan(0);
    // 0.49 was shipped for 0.1 %, and here accepts 1 %.
    expect(report.shipped.map(({ verdict }: { verdict: string }) => verdict)).toContain('worse');
    // All 400 of one person are accepted; strangers who were accepted too say nothing of drift.
    expect(report.drift).toMatchObject({ before: 300, recent: 100 });
    expect(report).toMatchObject({ alarm: true });
    expect(code).toBe(1);
  });

  test('a store that keeps every promise is told so, in both languages', async () => {
    const apart = lines(40_000, false, 0.7, 1.2);
    const { code, out } = await till(save(SAME, apart));
    expect(out).toContain('达到 / kept');
    expect(out).toContain('误识率 0.1 % 的阈值 / Threshold for a false-match rate of 0.1 %');
    expect(out).toContain('距离没有变化 / Distances have not moved');
    expect(code).toBe(0);
  });

  test('too few comparisons give no threshold, and say how many are needed', async () => {
    const { code, out } = await till(save(SAME, DIFFERENT), '--fmr', '0.0001');
    expect(out).toContain('30000 are needed, 5000 are there; no threshold is given');
    expect(code).toBe(1);
    const none = await till(save([]));
    expect(none.out).toContain('3000 are needed, 0 are there');
    expect(none.out).toContain('No weight of evidence');
    expect(none.code).toBe(1);
  });

  test('recent distances that are larger raise the alarm, smaller ones too', async () => {
    const apart = lines(5_000, false, 0.7, 1.2);
    const drift = async (from: number) => {
      const recent = lines(200, true, from, from + 0.05, 400);
      const { code, out } = await till(save(SAME, recent, apart), '--json');
      return { code, ...JSON.parse(out).drift };
    };
    expect(await drift(0.45)).toMatchObject({ verdict: 'farther', code: 1 });
    expect(await drift(0.2)).toMatchObject({ verdict: 'nearer', code: 1 });
    expect(await drift(0.33)).toMatchObject({ verdict: 'steady', code: 0, since: at(450) });
  });

  test('a model of another pack is held against its own thresholds', async () => {
    const thresholds = { fmr1e2: 1.1, fmr1e3: 1, fmr1e4: 0.9 };
    const calibration = { ...DEFAULT_MODEL.calibration, thresholds };
    const pack = { ...DEFAULT_MODEL, id: 'other-128', calibration };
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(pack));
    const { out } = await till(save(SAME, DIFFERENT), '--model', folder, '--json');
    const report = JSON.parse(out);
    expect(report.model.id).toBe('other-128');
    expect(report.shipped[0].threshold).toBe(1.1);
  });

  test.each([
    ['no JSON', '{"distance":', ''],
    ['no distance', { same: true, at: at(0) }, 'distance'],
    ['a distance below none', { distance: -0.1, same: true, at: at(0) }, 'distance'],
    ['a distance that is text', { distance: '0.4', same: true, at: at(0) }, 'distance'],
    ['no truth', { distance: 0.4, at: at(0) }, 'same'],
    ['no time', { distance: 0.4, same: true }, 'at'],
    ['a time that is none', { distance: 0.4, same: true, at: 'yesterday' }, 'at'],
    ['a field too many', { distance: 0.4, same: true, at: at(0), member: 'm1' }, 'member'],
  ])('a line with %s is refused by its number', async (_, line, field) => {
    const path = join(folder, 'pairs.jsonl');
    const bad = typeof line === 'string' ? line : JSON.stringify(line);
    writeFileSync(path, `${JSON.stringify(SAME[0])}\n\n${bad}\n`);
    const { code, err } = await till(path);
    expect(err).toContain('第 3 行的内容不对 / Line 3 is not as it should be');
    expect(err).toContain(field);
    expect(code).toBe(2);
  });

  test('a file that is not there, a rate that is none and a model that is none are refused', async () => {
    expect((await till(join(folder, 'none.jsonl'))).err).toContain('cannot be read');
    for (const rate of ['0', '0.6', 'small', '-1'])
      expect(await till(save(SAME), `--fmr=${rate}`)).toMatchObject({ code: 2 });
    expect((await till(save(SAME), '--model', folder)).code).toBe(2);
    writeFileSync(join(folder, 'manifest.json'), '{}');
    expect((await till(save(SAME), '--model', folder)).err).toContain(
      'The face model cannot be used',
    );
  });

  test('a folder without photographs is refused like one of `face eval`', async () => {
    expect(await till(folder)).toMatchObject({ code: 2 });
  });

  test('a file takes so many comparisons and not one more', () => {
    const path = save(lines(4, true, 0.2, 0.5));
    const four = readComparisons(path, 4);
    expect(four.ok && four.value.length).toBe(4);
    expect(readComparisons(path, 3)).toMatchObject({ ok: false, error: { code: 'too-many' } });
  });
});
