import type { Selector } from '../../../../agent/contract/effects.ts';
import { text } from '../../../../agent/contract/text.ts';
import { type Advice, type AdvisedSet, advise } from './advised-set.ts';

/**
 * Bundles whose parts take each other's units: parts choose in the order written, so a wider part before a narrower one
 * may use up the only article that the narrower one can take, and no set is made.
 */
export function advisePartOrder({ rules }: AdvisedSet): Advice[] {
  return rules.flatMap((one) => {
    const { effect } = one.rule;
    if (effect.kind !== 'bundle') return [];
    return effect.parts.flatMap(({ target }, position) => {
      const wider = effect.parts
        .slice(0, position)
        .findIndex((before) => isWider(before.target, target));
      if (wider < 0) return [];
      const [first, second] = [wider + 1, position + 1];
      return [
        advise(
          one,
          'part-order',
          ['effect', 'parts', position],
          text(
            `第 ${first} 部分也包括第 ${second} 部分的商品，会先把它们用掉`,
            `part ${first} takes the articles of part ${second} too, and takes them first`,
          ),
        ),
      ];
    });
  });
}

/** Whether one selector chooses every line that another does, and more. */
function isWider(one: Selector, other: Selector): boolean {
  return includes(one, other) && !includes(other, one);
}

function includes(one: Selector, other: Selector): boolean {
  const lists = (['sku', 'category', 'attributes'] as const).every((key) => {
    const [mine, theirs] = [one[key], other[key]];
    if (mine === undefined) return true;
    const values = new Set<string>(mine);
    return theirs?.every((value) => values.has(value)) === true;
  });
  const { unitPriceMin = 0, unitPriceMax = Number.MAX_SAFE_INTEGER } = one;
  return (
    lists &&
    unitPriceMin <= (other.unitPriceMin ?? 0) &&
    unitPriceMax >= (other.unitPriceMax ?? Number.MAX_SAFE_INTEGER) &&
    (one.notAlreadyDiscounted === undefined || other.notAlreadyDiscounted === true)
  );
}
