import type { Evaluation } from '../../agent/contract/evaluation.ts';
import { assert } from '../../agent/contract/result.ts';
import {
  type CompiledRuleSet,
  compileRuleSet,
} from '../../agent/domain/benefits/compile-rule-set.ts';
import { type Detail, evaluate } from '../../agent/domain/benefits/evaluate.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { basket, type LoadRule, loadRules, MATCHING, ruleSetOf } from './benefit-load.ts';
import { assertSame, type ClosureResult, closures, type Decision, PEERS } from './benefit-peers.ts';
import { against, type Candidate, interleave, type Rounds } from './interleave.ts';

const RULES = 1_000;
const SIZES = [100, RULES, 10_000];
const OURS = 'candidates';
const DETAILS: readonly Detail[] = [OURS, 'full', 'decision'];
const ROUNDS = 100;
const LOAD_ROUNDS = 15;
const FLOOR = 'plain closures, every rule, no explanation';

function evaluated(compiled: CompiledRuleSet, detail: Detail): Evaluation {
  const answer = evaluate(compiled, basket, { detail });
  assert(answer.ok, 'the basket can be evaluated');
  return answer.value;
}

/** The rules of a load that applied, by the number in their id. */
function decisionOf({ outcomes, discountMinor }: Evaluation): Decision {
  const hits = outcomes.flatMap(({ ruleId, status }) =>
    status === 'applied' ? [Number(ruleId.slice(1))] : [],
  );
  return { hits: hits.sort((a, b) => a - b), sumMinor: discountMinor };
}

/** The engine at each detail, and the floor. */
async function decide(): Promise<ReadonlyMap<string, Rounds>> {
  const { rules, compiled, wanted } = oneLoad();
  const plain = closures(rules);
  const candidates = DETAILS.map((detail): Candidate => {
    const evaluation = evaluated(compiled, detail);
    assertSame(detail, decisionOf(evaluation), wanted);
    assert(
      evaluation.lines.every((line, n) => line.payableMinor === wanted.payableMinor[n]),
      'each line pays the same',
    );
    return { name: detail, run: () => evaluated(compiled, detail), perRound: 20 };
  });
  return interleave(
    [...candidates, { name: FLOOR, run: () => plain(basket), perRound: 20 }],
    ROUNDS,
  );
}

/** The engine and the others, by themselves: what they leave behind would be collected in the floor's time. */
async function compete(): Promise<ReadonlyMap<string, Rounds>> {
  const { rules, compiled, wanted } = oneLoad();
  const ours = { name: OURS, run: () => evaluated(compiled, OURS), perRound: 20 };
  const candidates: Candidate[] = [ours];
  for (const { name, load } of PEERS) {
    const peer = load(rules);
    assertSame(name, await peer(basket), wanted);
    candidates.push({ name, run: () => peer(basket), perRound: 2 });
  }
  return interleave(candidates, ROUNDS);
}

function oneLoad(): {
  rules: readonly LoadRule[];
  compiled: CompiledRuleSet;
  wanted: ClosureResult;
} {
  const rules = loadRules(RULES);
  const wanted = closures(rules)(basket);
  assert(wanted.hits.length === MATCHING, 'as many rules hold as the load was made for');
  return { rules, compiled: compileRuleSet(ruleSetOf(rules)), wanted };
}

/** The engine at sets of several sizes of which the same number of rules hold. */
async function grow(): Promise<ReadonlyMap<string, Rounds>> {
  const candidates = SIZES.flatMap((size) => {
    const rules = loadRules(size);
    const compiled = compileRuleSet(ruleSetOf(rules));
    const wanted = closures(rules)(basket);
    return DETAILS.map((detail): Candidate => {
      assertSame(`${size} ${detail}`, decisionOf(evaluated(compiled, detail)), wanted);
      return {
        name: sized(size, detail),
        run: () => evaluated(compiled, detail),
        perRound: size > RULES && detail === 'full' ? 2 : 20,
      };
    });
  });
  return interleave(candidates, ROUNDS);
}

/** From the rules as each engine keeps them to the first decision: some do their work only then. */
async function load(): Promise<ReadonlyMap<string, Rounds>> {
  const rules = loadRules(RULES);
  const sets = SIZES.map((size) => ({ size, set: ruleSetOf(loadRules(size)) }));
  const ours = sets.map(
    ({ size, set }): Candidate => ({
      name: loaded(size),
      run: () => evaluated(compileRuleSet(set), OURS),
    }),
  );
  const others = [{ name: FLOOR, load: closures }, ...PEERS];
  return interleave(
    [...ours, ...others.map(({ name, load }) => ({ name, run: () => load(rules)(basket) }))],
    LOAD_ROUNDS,
  );
}

function sized(size: number, detail: Detail): string {
  return `${size} rules, ${detail}`;
}

function loaded(size: number): string {
  return `${size} rules loaded`;
}

/** Each measurement of many is made once, by the first benchmark that asks for it. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= work();
    return made;
  };
}

const decided = once(decide);
const competed = once(compete);
const grown = once(grow);
const loads = once(load);

function benchmark(
  name: string,
  times: () => Promise<ReadonlyMap<string, Rounds>>,
  ours: string,
  baseline: string,
): Benchmark {
  return {
    name,
    run: async (): Promise<BenchmarkResult> => against(await times(), name, ours, baseline),
  };
}

export const benchmarks: readonly Benchmark[] = [
  ...DETAILS.map((detail) =>
    benchmark(`benefits-${RULES}-rules-${detail}-and-closures`, decided, detail, FLOOR),
  ),
  ...PEERS.map(({ name }) =>
    benchmark(`benefits-${RULES}-rules-${OURS}-and-${name.split(',')[0]}`, competed, OURS, name),
  ),
  ...DETAILS.flatMap((detail) =>
    SIZES.slice(1).map((size) =>
      benchmark(
        `benefits-${size}-rules-${detail}-and-a-tenth-of-them`,
        grown,
        sized(size, detail),
        sized(size / 10, detail),
      ),
    ),
  ),
  ...[FLOOR, ...PEERS.map(({ name }) => name)].map((name) =>
    benchmark(
      `benefits-load-${RULES}-rules-and-${name === FLOOR ? 'closures' : name.split(',')[0]}`,
      loads,
      loaded(RULES),
      name,
    ),
  ),
  ...SIZES.slice(1).map((size) =>
    benchmark(
      `benefits-load-${size}-rules-and-a-tenth-of-them`,
      loads,
      loaded(size),
      loaded(size / 10),
    ),
  ),
];
