import { describe, expect, test } from 'vitest';
import { driftOf, foundText } from '../../../agent/contract/check-found.ts';
import { CHECK_KINDS, type ShownCheck } from '../../../ui/kit/check-words.ts';

const check = (rest: Partial<ShownCheck> = {}): ShownCheck => ({
  kind: 'walk',
  why: 'daily',
  startedAt: '2026-11-21T03:19:00.000Z',
  endedAt: '2026-11-21T03:20:00.000Z',
  outcome: 'clean',
  rows: 102_400,
  missing: 0,
  extra: 0,
  stale: 0,
  damaged: 0,
  mended: 0,
  repaired: 0,
  failure: null,
  ...rest,
});
const number = (value: number): string => `<${value}>`;
const found = (rest: Partial<ShownCheck>) => foundText(check(rest), number);

describe('what a full-volume check found, in one sentence', () => {
  test('names only the kinds of difference that there were, and how many were put right', () => {
    const drift = { outcome: 'repaired', missing: 1, stale: 2, repaired: 3 } as const;
    expect(found(drift)).toEqual({
      'zh-CN': '<102400> 条中有 <3> 条有差异（缺少 <1>，过时 <2>），按总部的内容改正了 <3> 条',
      en: '<3> of <102400> rows differed (<1> missing, <2> out of date); <3> put right from headquarters',
    });
    expect(driftOf(check(drift))).toBe(3);
  });

  test.each(['walk', 'scrub', 'ledger'] as const)(
    'of a clean %s says how much was looked at, and nothing of differences',
    (kind) => {
      const said = found({ kind });
      for (const words of [said['zh-CN'], said.en]) expect(words).toContain('<102400>');
      expect(said['zh-CN']).not.toContain('差异');
      expect(said.en).not.toMatch(/differ/);
    },
  );

  test('of one that failed says that it comes again, with the code for IT', () => {
    const said = found({ outcome: 'failed', failure: 'unreachable', missing: 5 });
    expect(said['zh-CN']).toBe('没有做完，稍后自动再做（unreachable）');
    expect(said.en).toContain('(unreachable)');
  });

  test('of a deep check whose suspects headquarters has yet to judge says so, and not that it failed', () => {
    const said = found({
      kind: 'scrub',
      outcome: 'failed',
      failure: 'walk-to-come',
      damaged: 2,
    });
    expect(said.en).toBe(
      '<102400> rows read, <2> suspect; headquarters is still to say what is right',
    );
    expect(said['zh-CN']).toContain('等待由总部核对');
  });

  test('of a walk that gave up repairing says that a whole copy came, and of a ledger that stays never that all is there', () => {
    expect(found({ outcome: 'reloaded', stale: 9 }).en).toMatch(/whole copy/);
    const large = found({ outcome: 'stays', failure: 'drift-large' });
    expect(large.en).toBe('Some of <102400> rows still differ from headquarters');
    expect(large['zh-CN']).not.toContain('一致');
    const besides = found({ outcome: 'stays', failure: 'drift-large', missing: 3, repaired: 3 });
    expect(besides.en).toMatch(/<3> put right from headquarters; some still differ$/);
    expect(besides['zh-CN']).toMatch(/仍有与总部不同的数据$/);
    const ahead = found({ kind: 'ledger', outcome: 'stays' });
    expect(ahead.en).toBe('<102400> entries read; they do not fit those of headquarters');
    expect(ahead['zh-CN']).toContain('对不上');
  });

  test('adds what a till mended by itself', () => {
    expect(found({ kind: 'scrub', outcome: 'repaired', mended: 2 }).en).toMatch(
      /none damaged; <2> indexes mended$/,
    );
  });

  test('has a name and what it is about for each kind in both languages', () => {
    for (const { name, about } of Object.values(CHECK_KINDS))
      for (const words of [name, about])
        expect([words['zh-CN'], words.en].every((said) => said.length > 3)).toBe(true);
  });
});
