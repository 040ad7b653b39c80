import { LANES } from '../../../../agent/contract/evaluation.ts';
import { BASE_BUCKET } from '../../../../agent/contract/member.ts';
import type { Rule } from '../../../../agent/contract/rules.ts';
import { text } from '../../../../agent/contract/text.ts';
import { type Advice, type AdvisedSet, advise } from './advised-set.ts';
import { possible } from './possible.ts';
import { both } from './worlds.ts';

/**
 * Rules that pay with points of a category after points of `base` have served the member's request: those pay for
 * everything, so nothing is left to pay with the points that are good for few articles only.
 */
export function advisePointsOrder({ rules }: AdvisedSet): Advice[] {
  const paying = rules.flatMap((one) => {
    const { effect } = one.rule;
    return effect.kind === 'points-redeem' ? [{ one, bucket: effect.bucket }] : [];
  });
  const plain = paying.filter(({ bucket }) => bucket === BASE_BUCKET);
  return paying.flatMap(({ one, bucket }) => {
    if (bucket === BASE_BUCKET) return [];
    const before = plain.find(
      (other) =>
        goesBefore(other.one.rule, one.rule) &&
        possible(both(other.one.worlds, one.worlds)).worlds.length > 0,
    );
    if (before === undefined) return [];
    const { id } = before.one.rule;
    return [
      advise(
        one,
        'points-order',
        ['step'],
        text(
          `${id} 用通用积分先满足了抵扣请求，类别 ${bucket} 的积分用不上`,
          `${id} serves the request with plain points first, so points of ${bucket} are not used`,
        ),
      ),
    ];
  });
}

/** By lane, step, priority and id, as the lanes run. */
function goesBefore(a: Rule, b: Rule): boolean {
  const place = (rule: Rule): readonly number[] => [
    LANES.indexOf(rule.lane),
    rule.step,
    rule.priority,
  ];
  const [mine, theirs] = [place(a), place(b)];
  const at = mine.findIndex((value, index) => value !== theirs[index]);
  return at < 0 ? a.id < b.id : (mine[at] ?? 0) < (theirs[at] ?? 0);
}
