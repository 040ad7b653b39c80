import { expect, test } from 'vitest';
import { compileRuleSet } from '../../agent/domain/benefits/compile-rule-set.ts';
import { run } from '../support/benefits.ts';
import { basket, factsOf, holds, loadRules, MATCHING, ruleSetOf } from './benefit-load.ts';
import { assertSame, closures, PEERS } from './benefit-peers.ts';

const RULES = 200;
const rules = loadRules(RULES);
const hits = rules.flatMap((rule, n) => (holds(rule, factsOf(basket)) ? [n] : []));
const wanted = { hits, sumMinor: hits.reduce((sum, n) => sum + (rules[n]?.amountMinor ?? 0), 0) };

test('of a load as many rules hold as it was made for, whatever its size', () => {
  expect(hits).toHaveLength(MATCHING);
  const larger = loadRules(10 * RULES).filter((rule) => holds(rule, factsOf(basket)));
  expect(larger).toHaveLength(MATCHING);
});

test('the engine and the closures decide it alike, line by line', () => {
  const plain = closures(rules)(basket);
  assertSame('closures', plain, wanted);
  const evaluation = run(compileRuleSet(ruleSetOf(rules)), basket);
  expect(evaluation.discountMinor).toBe(wanted.sumMinor);
  expect(evaluation.lines.map(({ payableMinor }) => payableMinor)).toEqual(plain.payableMinor);
});

test.each(PEERS)('$name decides it as the engine does', async ({ name, load }) => {
  assertSame(name, await load(rules)(basket), wanted);
});

test('a rule that one engine misses is noticed', () => {
  const missed = { ...wanted, hits: hits.slice(1) };
  expect(() => assertSame('it', missed, wanted)).toThrow('it decides as the others do');
});
