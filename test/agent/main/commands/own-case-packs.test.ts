import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { assert } from '../../../../agent/contract/result.ts';
import { runCases } from '../../../../agent/main/commands/benefit-case-run.ts';

type Case = Record<string, unknown> & { id: string; working?: string; expect: object };
interface Pack {
  schema: string;
  cases: Case[];
}

const folder = fileURLToPath(new URL('../../../cases', import.meta.url));
const packs = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort();
const read = (name: string): Pack => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Pack;
const all = packs.flatMap((name) => read(name).cases);

/** The least number of cases that the packs hold together. */
const CASES_MIN = 120;

function run(pack: Pack) {
  const ran = runCases(pack);
  assert(ran.ok, 'a pack has the form of one');
  return ran.value;
}

/** Every value one step beside what it was. */
function changed(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return `${value}-`;
  if (Array.isArray(value)) return value.length === 0 ? ['-'] : value.map(changed);
  const entries = Object.entries(value as object);
  return entries.length === 0
    ? { planted: 1 }
    : Object.fromEntries(entries.map(([key, inner]) => [key, changed(inner)]));
}

describe('the case packs of this repository', () => {
  test(`hold ${CASES_MIN} cases or more, each with an id of its own and its working`, () => {
    expect(all.length).toBeGreaterThanOrEqual(CASES_MIN);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.filter(({ working = '' }) => working.length < 10)).toEqual([]);
  });

  test.each(packs)('%s passes whole', (name) => {
    const pack = read(name);
    expect(run(pack)).toEqual({
      passed: pack.cases.length,
      failed: 0,
      unsupported: 0,
      failures: [],
      unsupportedIds: [],
    });
  });

  test.each(packs)('%s: every expected value is compared, so a wrong one is caught', (name) => {
    const pack = read(name);
    const planted = pack.cases.flatMap((one) =>
      Object.entries(one.expect).map(([key, value]) => ({
        ...one,
        id: `${one.id}.${key}`,
        expect: { [key]: changed(value) },
      })),
    );
    const report = run({ ...pack, cases: planted });
    expect(report.failures.map(({ id }) => id)).toEqual(planted.map(({ id }) => id));
  });

  test('a field that nobody knows makes a case unsupported, never easier', () => {
    const [first] = all;
    const report = run({
      schema: 'benefit-case/1',
      cases: [{ ...first, id: 'x', moonPhase: 'full', expect: {} } as Case],
    });
    expect(report).toMatchObject({ passed: 0, unsupportedIds: ['x'] });
  });

  test('a field of the extension that the publisher refuses fails with its reason', () => {
    const report = run({
      schema: 'benefit-case/1',
      cases: [
        {
          id: 'bad-coupon',
          title: 'a coupon without a code',
          lines: [],
          benefits: [
            { id: 'b', kind: 'fixed-off-order', value: { amountMinor: 1 }, coupon: { uses: 'no' } },
          ],
          expect: { totalMinor: 0 },
        },
      ],
    });
    expect(JSON.stringify(report.failures)).toContain('coupon');
    expect(report.failed).toBe(1);
  });
});
