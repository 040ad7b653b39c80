import type { Condition } from '../../../../agent/contract/condition.ts';
import type { Rule } from '../../../../agent/contract/rules.ts';
import { text } from '../../../../agent/contract/text.ts';
import { childrenOf } from '../../../../agent/domain/benefits/condition/conjuncts.ts';
import { type Advice, type AdvisedSet, advise } from './advised-set.ts';

/** The names that a chain has. A kind that is absent is not looked up. */
export interface KnownChain {
  readonly skus?: ReadonlySet<string>;
  readonly categories?: ReadonlySet<string>;
  readonly tiers?: ReadonlySet<string>;
  readonly tags?: ReadonlySet<string>;
  readonly groups?: ReadonlySet<string>;
}

interface Mention {
  readonly kind: keyof KnownChain;
  readonly name: string;
  readonly field: readonly (string | number)[];
}

const KINDS: Readonly<Record<keyof KnownChain, readonly [string, string]>> = {
  skus: ['商品', 'article'],
  categories: ['品类', 'category'],
  tiers: ['会员等级', 'member tier'],
  tags: ['标签', 'tag'],
  groups: ['会员群组', 'group'],
};

/** Names in conditions, targets and prices that the chain does not have: as a rule, slips of the pen. */
export function adviseUnknown({ rules }: AdvisedSet, chain: KnownChain): Advice[] {
  return rules.flatMap((one) => {
    const unknown = mentions(one.rule).filter(
      ({ kind, name }) => name !== '' && chain[kind]?.has(name) === false,
    );
    const first = new Map(unknown.map((mention) => [`${mention.kind} ${mention.name}`, mention]));
    return [...first.values()].map(({ kind, name, field }) => {
      const [zhCN, en] = KINDS[kind];
      return advise(
        one,
        'unknown-in-chain',
        field,
        text(`连锁中没有${zhCN} ${name}`, `the chain has no ${en} ${name}`),
      );
    });
  });
}

function mentions(rule: Rule): Mention[] {
  const selectors = [
    { selector: rule.target, field: ['target'] },
    ...Object.entries(rule.select).map(([name, selector]) => ({
      selector,
      field: ['select', name],
    })),
  ];
  const goods = selectors.flatMap(({ selector, field }): Mention[] => [
    ...(selector.sku ?? []).map((name) => ({ kind: 'skus' as const, name, field })),
    ...(selector.category ?? []).map((name) => ({ kind: 'categories' as const, name, field })),
  ]);
  return [
    ...goods,
    ...inEffect(rule),
    ...(rule.condition === null ? [] : inCondition(rule.condition)),
  ];
}

function inEffect({ effect }: Rule): Mention[] {
  switch (effect.kind) {
    case 'member-price':
      return effect.prices.flatMap(({ sku, tier }, row): Mention[] => {
        const field = ['effect', 'prices', row];
        const article: Mention = { kind: 'skus', name: sku, field };
        return tier === undefined ? [article] : [article, { kind: 'tiers', name: tier, field }];
      });
    case 'gift-item':
      return [{ kind: 'skus', name: effect.gift.sku, field: ['effect', 'gift'] }];
    case 'spend-tier':
      return effect.steps.map(({ tier }, row) => ({
        kind: 'tiers',
        name: tier,
        field: ['effect', 'steps', row],
      }));
    case 'month-ladder':
      return [{ kind: 'tiers', name: effect.tier, field: ['effect', 'tier'] }];
    default:
      return [];
  }
}

const FACTS: Readonly<Record<string, keyof KnownChain>> = {
  'member.tier': 'tiers',
  'member.tags': 'tags',
  'member.groups': 'groups',
};

/** A text beside a fact of the member, whatever compares the two. */
function inCondition(node: Condition): Mention[] {
  const children = childrenOf(node);
  const kinds = children.flatMap((child) => (child.op === 'var' ? (FACTS[child.name] ?? []) : []));
  const texts = children.flatMap((child) => (child.op === 'list' ? child.items : [child]));
  const here = kinds.flatMap((kind) =>
    texts.flatMap((child): Mention[] =>
      child.op === 'string' ? [{ kind, name: child.value, field: ['when'] }] : [],
    ),
  );
  return [...here, ...children.flatMap(inCondition)];
}
