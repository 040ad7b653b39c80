import { ZenEngine } from '@gorules/zen-engine';
import { LogicEngine } from 'json-logic-engine';
import { Engine } from 'json-rules-engine';
import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import { assert } from '../../agent/contract/result.ts';
import { type Facts, factsOf, type LoadRule } from './benefit-load.ts';

/** Which rules of a load hold, ascending, and what they take off together. */
export interface Decision {
  readonly hits: readonly number[];
  readonly sumMinor: number;
}

/** An engine that decides a load; like the others it is told the basket, and finds its facts itself. */
export interface Peer {
  readonly name: string;
  readonly load: (
    rules: readonly LoadRule[],
  ) => (input: EvaluationInput) => Decision | Promise<Decision>;
}

/** Conditions only: these engines know no money, so the amounts of the rules that hold are merely added up. */
export const PEERS: readonly Peer[] = [
  { name: 'json-logic-engine, compiled', load: jsonLogic },
  { name: 'zen-engine, one decision table', load: zen },
  { name: 'json-rules-engine', load: jsonRules },
];

function decisionOf(rules: readonly LoadRule[], hits: readonly number[]): Decision {
  let sumMinor = 0;
  for (const hit of hits) sumMinor += rules[hit]?.amountMinor ?? 0;
  return { hits, sumMinor };
}

function jsonLogic(rules: readonly LoadRule[]): (input: EvaluationInput) => Decision {
  const engine = new LogicEngine();
  const tests = rules.map((rule) =>
    engine.build({
      and: [
        { in: [rule.tag, { var: 'tags' }] },
        { '===': [{ var: 'tier' }, rule.tier] },
        { '>=': [{ var: `units.${rule.category}` }, rule.minUnits] },
        { '>=': [{ var: 'listMinor' }, rule.minListMinor] },
      ],
    }),
  ) as ((facts: Facts) => unknown)[];
  return (input) => {
    const facts = factsOf(input);
    const hits: number[] = [];
    for (let n = 0; n < tests.length; n += 1) if (tests[n]?.(facts) === true) hits.push(n);
    return decisionOf(rules, hits);
  };
}

/** A collecting decision table; this engine takes ten times as long with one expression for each rule. */
function zen(rules: readonly LoadRule[]): (input: EvaluationInput) => Promise<Decision> {
  const position = { x: 0, y: 0 };
  const table = {
    hitPolicy: 'collect',
    inputs: [
      { id: 'tag', name: 'tag', field: 'tags' },
      { id: 'tier', name: 'tier', field: 'tier' },
      { id: 'units', name: 'units' },
      { id: 'list', name: 'list', field: 'listMinor' },
    ],
    outputs: [{ id: 'rule', name: 'rule', field: 'rule' }],
    rules: rules.map((rule, n) => ({
      _id: `r${n}`,
      tag: `'${rule.tag}' in $`,
      tier: `'${rule.tier}'`,
      units: `units.${rule.category} >= ${rule.minUnits}`,
      list: `>= ${rule.minListMinor}`,
      rule: String(n),
    })),
  };
  const decision = new ZenEngine().createDecision({
    nodes: [
      { id: 'in', type: 'inputNode', name: 'in', position },
      { id: 'table', type: 'decisionTableNode', name: 'table', position, content: table },
      { id: 'out', type: 'outputNode', name: 'out', position },
    ],
    edges: [
      { id: 'a', type: 'edge', sourceId: 'in', targetId: 'table' },
      { id: 'b', type: 'edge', sourceId: 'table', targetId: 'out' },
    ],
  });
  return async (input) => {
    const { result } = await decision.evaluate(factsOf(input));
    const hits = (result as { rule: number }[]).map(({ rule }) => rule);
    return decisionOf(rules, hits);
  };
}

/** Units by category are facts of their own: this engine is several times slower where it has to follow a path. */
function jsonRules(rules: readonly LoadRule[]): (input: EvaluationInput) => Promise<Decision> {
  const engine = new Engine(
    rules.map((rule, n) => ({
      conditions: {
        all: [
          { fact: 'tags', operator: 'contains', value: rule.tag },
          { fact: 'tier', operator: 'equal', value: rule.tier },
          {
            fact: `units ${rule.category}`,
            operator: 'greaterThanInclusive',
            value: rule.minUnits,
          },
          { fact: 'listMinor', operator: 'greaterThanInclusive', value: rule.minListMinor },
        ],
      },
      event: { type: 'holds', params: { rule: n } },
    })),
    { allowUndefinedFacts: true },
  );
  return async (input) => {
    const { units, ...facts } = factsOf(input);
    const counted = Object.entries(units).map(([category, count]) => [`units ${category}`, count]);
    const { events } = await engine.run({ ...facts, ...Object.fromEntries(counted) });
    const hits = events.map(({ params }) => params?.['rule'] as number);
    return decisionOf(
      rules,
      hits.sort((a, b) => a - b),
    );
  };
}

/** What a basket costs by closures written for this load and nothing else. */
export interface ClosureResult extends Decision {
  readonly payableMinor: readonly number[];
}

/**
 * The floor: one closure for each rule, none left out, and each amount spread over the lines of its category by largest
 * remainder, as the benefit engine does. It explains nothing and knows no groups, caps, floors, budgets or units.
 */
export function closures(rules: readonly LoadRule[]): (input: EvaluationInput) => ClosureResult {
  const tests = rules.map(
    ({ tag, tier, category, minUnits, minListMinor }) =>
      (tags: ReadonlySet<string>, facts: Facts): boolean =>
        tags.has(tag) &&
        facts.tier === tier &&
        (facts.units[category] ?? 0) >= minUnits &&
        facts.listMinor >= minListMinor,
  );
  return (input) => {
    const facts = factsOf(input);
    const tags = new Set(facts.tags);
    const list = input.lines.map(({ qty, unitPriceMinor }) => qty * unitPriceMinor);
    const payableMinor = [...list];
    const hits: number[] = [];
    for (let n = 0; n < tests.length; n += 1) {
      if (tests[n]?.(tags, facts) !== true) continue;
      hits.push(n);
      const { category, amountMinor } = rules[n] as LoadRule;
      const lines: number[] = [];
      for (let line = 0; line < input.lines.length; line += 1)
        if (input.lines[line]?.category === category) lines.push(line);
      takeOff(amountMinor, lines, list, payableMinor);
    }
    return { ...decisionOf(rules, hits), payableMinor };
  };
}

function takeOff(
  amountMinor: number,
  lines: readonly number[],
  weights: readonly number[],
  payableMinor: number[],
): void {
  let whole = 0;
  for (const line of lines) whole += weights[line] ?? 0;
  const rests: { line: number; rest: number }[] = [];
  let left = amountMinor;
  for (const line of lines) {
    const product = amountMinor * (weights[line] ?? 0);
    const rest = product % whole;
    const part = (product - rest) / whole;
    payableMinor[line] = (payableMinor[line] ?? 0) - part;
    left -= part;
    rests.push({ line, rest });
  }
  rests.sort((a, b) => b.rest - a.rest || a.line - b.line);
  for (const { line } of rests.slice(0, left)) payableMinor[line] = (payableMinor[line] ?? 0) - 1;
}

/** Fails unless two engines decided alike, so that nobody is measured at something else. */
export function assertSame(name: string, found: Decision, wanted: Decision): void {
  assert(
    found.sumMinor === wanted.sumMinor && found.hits.join() === wanted.hits.join(),
    `${name} decides as the others do`,
  );
}
