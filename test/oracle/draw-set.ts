import { deepStrictEqual } from 'node:assert';
import {
  type EvaluationInput,
  evaluationInputSchema,
} from '../../agent/contract/evaluation-input.ts';
import { text } from '../../agent/contract/text.ts';
import { createPrng } from '../../demo/prng.ts';
import { type Published, publishRules } from '../../sync/hq/publish/publish-rules.ts';
import { drawInput } from './draw-input.ts';
import { drawRules } from './draw-rules.ts';
import { type DrawnRule, SET_PENDING_DAYS } from './drawn-rule.ts';
import { decide } from './oracle.ts';
import { CAMPAIGNS } from './pool.ts';
import { type View, viewOfVerdict } from './view.ts';
import { print } from './wish.ts';

/** Baskets tried against one rule set: publishing a set costs as much as many evaluations. */
export const BASKETS_PER_SET = 20;

type RuleSet = Published['ruleSet'];

/** All of one rule set that a till has no part in: it can be kept and compared with several engines. */
export interface DrawnSet {
  readonly rules: readonly DrawnRule[];
  readonly ruleSet: RuleSet;
  readonly baskets: readonly { readonly input: EvaluationInput; readonly oracle: View }[];
}

/** Rules, baskets and what the oracle says of each, all from one seed. */
export function drawSet(seed: number): DrawnSet {
  const prng = createPrng(seed);
  const rules = drawRules(prng);
  const baskets = Array.from({ length: BASKETS_PER_SET }, (_, index) => {
    const input = drawInput(prng, rules);
    // One of each set is held against the contract: it is valid, and leaves nothing to a default.
    if (index === 0) deepStrictEqual(evaluationInputSchema.parse(input), input);
    return { input, oracle: oracleView(rules, input) };
  });
  return { rules, ruleSet: published(rules), baskets };
}

/** What the oracle says of a basket, in the form in which the two are compared. */
export function oracleView(rules: readonly DrawnRule[], input: EvaluationInput): View {
  return viewOfVerdict(rules, decide(rules, input));
}

/** Nothing is signed here: what became of a voucher is drawn, so the key is only one in form. */
const PARTNERS = [...new Set(CAMPAIGNS.map(({ partner }) => partner))].map((id) => ({
  id,
  name: text(id, id),
  keys: [{ keyId: 'k1', publicKey: `MCowBQYDK2VwAyEA${'A'.repeat(43)}=` }],
}));

/** The rule file as an author would write it, published. */
export function published(rules: readonly DrawnRule[]): RuleSet {
  const written = rules.map(({ wish, ...rule }) => ({
    ...rule,
    when: wish === null ? '' : print(wish),
  }));
  const file = {
    ruleSet: 'oracle',
    version: 1,
    currency: 'CNY',
    points: { pendingDays: SET_PENDING_DAYS },
    partners: PARTNERS,
    rules: written,
  };
  const answer = publishRules(JSON.stringify(file));
  if (!answer.ok)
    throw new Error(`a drawn set cannot be published: ${JSON.stringify(answer.error)}`);
  return answer.value.ruleSet;
}
