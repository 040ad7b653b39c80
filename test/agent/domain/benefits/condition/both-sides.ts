import { CelScalar, celEnv, celFunc, listType, mapType, parse, plan } from '@bufbuild/cel';
import type { Condition } from '../../../../../agent/contract/condition.ts';
import { basketState } from '../../../../../agent/domain/benefits/basket-state.ts';
import { conditionFacts } from '../../../../../agent/domain/benefits/condition/condition-facts.ts';
import { checkCondition } from '../../../../../sync/hq/publish/check-condition.ts';
import { inputOf, memberOf } from '../../../../support/benefits.ts';
import { type SaleFacts, SELECTORS } from './random-expressions.ts';

/** Our side: facts of a basket whose two selectors choose one line each. */
export function ours(drawn: SaleFacts) {
  const lines = [drawn.mugs, drawn.cups].flatMap((qty, index) =>
    qty === 0 ? [] : [{ sku: SELECTORS[index], qty, unitPriceMinor: drawn.price }],
  );
  const { tier, tags, completedOrders } = drawn;
  const input = inputOf(lines, {
    member: drawn.guest ? null : memberOf({ tier, tags, groups: ['t2'], completedOrders }),
    codes: ['x'],
    isReturn: drawn.isReturn,
  });
  const selected = (selector: number): number[] =>
    input.lines.flatMap((line, index) => (line.sku === SELECTORS[selector] ? [index] : []));
  return conditionFacts(input, basketState(input.lines), selected);
}

/** The sale that the functions of the reference read; their environment is made once. */
let current: SaleFacts | undefined;
const qtyOf = (name: string): number => current?.[name === 'mugs' ? 'mugs' : 'cups'] ?? 0;
const record = mapType(CelScalar.STRING, CelScalar.DYN);
const env = celEnv({
  variables: {
    member: record,
    basket: record,
    store: record,
    now: record,
    codes: listType(CelScalar.STRING),
  },
  funcs: [
    celFunc('qty', [CelScalar.STRING], CelScalar.INT, (name) => BigInt(qtyOf(name))),
    celFunc('listMinor', [CelScalar.STRING], CelScalar.INT, (name) =>
      BigInt(qtyOf(name) * (current?.price ?? 0)),
    ),
    celFunc('hasLines', [CelScalar.STRING], CelScalar.BOOL, (name) => qtyOf(name) > 0),
  ],
});

/** The reference: what `@bufbuild/cel` makes of the same text and facts. An error comes back as a value. */
export function reference(text: string, drawn: SaleFacts): unknown {
  current = drawn;
  // A guest's facts can be read, as empty ones, and are still not given: a map of CEL cannot say both.
  const said = drawn.guest ? text.replaceAll(/has\(member\.(?!known)\w+\)/g, 'false') : text;
  const total = BigInt((drawn.mugs + drawn.cups) * drawn.price);
  const bindings = {
    member: new Map<string, unknown>([
      ['known', !drawn.guest],
      ['tier', drawn.guest ? '' : drawn.tier],
      ['tags', drawn.guest ? [] : drawn.tags],
      ['groups', drawn.guest ? [] : ['t2']],
      ['completedOrders', BigInt(drawn.guest ? 0 : drawn.completedOrders)],
    ]),
    basket: new Map<string, unknown>([
      ['listMinor', total],
      ['runningMinor', total],
      ['qty', BigInt(drawn.mugs + drawn.cups)],
      ['channel', 'store'],
      ['isReturn', drawn.isReturn],
    ]),
    store: new Map<string, unknown>([['id', 'S1']]),
    now: new Map<string, unknown>([['weekday', 6n]]),
    codes: ['x'],
  };
  return (plan(env, parse(said)) as (context: unknown) => unknown)(bindings);
}

/** The published tree, or null where the only reasons against it are its size and overflow. */
export function checked(text: string): Condition | null {
  const { condition, problems } = checkCondition(parse(text), new Set(SELECTORS));
  const other = problems.find(
    ({ code }) => code !== 'condition-overflow' && code !== 'condition-too-large',
  );
  if (other !== undefined) throw new Error(`${other.message.en}: ${text}`);
  return condition;
}

/** Index of a selector as the compiler asks for it. */
export const selector = (name: string): number => SELECTORS.indexOf(name);
