import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import { type Text, text } from '../../contract/text.ts';
import type { ConditionFacts } from './condition/condition-facts.ts';
import type { Failure } from './condition/explain-term.ts';
import { withUnit } from './format-money.ts';
import type { Gate } from './gate.ts';
import { tierName } from './wanted-words.ts';

/** Reasons told of one benefit; more would hide the amount. */
const REASONS_MAX = 2;

/**
 * Why a benefit applies, from the terms of its own condition: the member's tier, the subtotal reached, the code shown.
 * Null where the condition says nothing that a cashier would say aloud.
 */
export function metReason(
  gate: Gate,
  facts: ConditionFacts,
  input: EvaluationInput,
  currency: string,
): Text | null {
  const pieces: Text[] = [];
  for (const terms of [gate.fixedTerms, gate.codeTerms, gate.dynamicTerms]) {
    for (const { explain } of terms) {
      if (pieces.length === REASONS_MAX) break;
      const piece = pieceOf(explain(facts), input, currency);
      if (piece !== null) pieces.push(piece);
    }
  }
  const [first, ...others] = pieces;
  if (first === undefined) return null;
  return others.reduce(
    (said, piece) => text(`${said['zh-CN']}，${piece['zh-CN']}`, `${said.en}, ${piece.en}`),
    first,
  );
}

/** What a term asked for, said of somebody who has it. */
function pieceOf(
  { code, needed }: Failure,
  { member }: EvaluationInput,
  currency: string,
): Text | null {
  switch (code) {
    case 'member-tier': {
      if (member === null) return null;
      const tier = tierName(member.tier);
      return text(`会员等级：${tier['zh-CN']}`, `member tier ${tier.en}`);
    }
    case 'min-subtotal':
    case 'min-running-subtotal': {
      if (needed === undefined || !/^\d+$/.test(needed)) return null;
      const least = withUnit(Number(needed), currency);
      return text(`已满 ${least['zh-CN']}`, `${least.en} reached`);
    }
    case 'min-qty':
      return needed === undefined ? null : text(`已满 ${needed} 件`, `${needed} items reached`);
    case 'birthday':
      return text('会员生日', "the member's birthday");
    case 'code-missing':
      return text('已出示优惠码', 'code presented');
    default:
      return null;
  }
}
