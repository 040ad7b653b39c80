import { describe, expect, test } from 'vitest';
import { compareRoots } from '../../../../sync/client/checks/compare-roots.ts';

const to = { timeline: 'timeline-1', pos: 40, chain: 'c'.repeat(64) };
const root = (table: string, rows: number, digit: string) => ({
  table,
  rows,
  sum: digit.repeat(32),
});
const own = (roots = [root('member', 3, 'a'), root('points', 3, 'b')], cursor = to) => ({
  roots: () => ({ cursor, roots }),
});

describe('the roots of a page', () => {
  test('that are the till’s own say nothing', () => {
    expect(compareRoots(own(), { to, roots: [root('member', 3, 'a')] })).toEqual([]);
  });

  test('name the tables whose sum or number of rows is another one', () => {
    const roots = [root('member', 3, 'c'), root('points', 4, 'b')];
    expect(compareRoots(own(), { to, roots })).toEqual(['member', 'points']);
  });

  test('of a table that has no rows fit a till that has none', () => {
    expect(compareRoots(own(), { to, roots: [root('tag', 0, '0')] })).toEqual([]);
    expect(compareRoots(own(), { to, roots: [root('tag', 1, '1')] })).toEqual(['tag']);
  });

  test('are not compared where the till is elsewhere, however little', () => {
    const roots = [root('member', 9, 'f')];
    for (const cursor of [
      { ...to, pos: 41 },
      { ...to, chain: 'd'.repeat(64) },
      { ...to, timeline: 'timeline-2' },
    ])
      expect(compareRoots(own(undefined, cursor), { to, roots })).toEqual([]);
  });

  test('are not compared where the till has none, nor where the page has none', () => {
    expect(
      compareRoots({ roots: () => undefined }, { to, roots: [root('member', 9, 'f')] }),
    ).toEqual([]);
    expect(compareRoots(own(), { to })).toEqual([]);
  });
});
