import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Condition, conditionSchema } from '../../../agent/contract/condition.ts';
import type { Rule } from '../../../agent/contract/rules.ts';
import {
  TREE_MAX_DEPTH,
  TREE_MAX_NODES,
} from '../../../agent/domain/benefits/condition/condition-fault.ts';
import { installDocument } from '../../../agent/main/install-rule-set.ts';
import type { Store } from '../../../agent/store/store.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import { signRuleSet } from '../../../sync/protocol/rule-set-document.ts';
import { ruleFile } from '../../support/benefits.ts';
import { openTestStore, TEST_NOW_MS } from '../../support/store.ts';

const keys = generateKeyPairSync('ed25519');
const trusted = new Map<string, KeyObject>([['chain', keys.publicKey]]);
let store: Store;

beforeEach(() => {
  store = openTestStore().store;
});

/** Signs and installs a set whose one rule has this tree, whoever made it. */
function install(tree: unknown) {
  const effect = { kind: 'fixed-off-order', amountMinor: 1 };
  const published = publishRules(ruleFile([{ id: 'r', select: { mugs: {} }, effect }]));
  if (!published.ok) throw new Error(JSON.stringify(published.error));
  const { ruleSet } = published.value;
  const rules = ruleSet.rules.map((rule): Rule => ({ ...rule, condition: tree as Condition }));
  const document = signRuleSet({ ...ruleSet, rules }, 'chain', keys.privateKey);
  const options = { trusted, revoked: new Set<string>(), currency: 'CNY', nowMs: TEST_NOW_MS };
  return installDocument(store, 'rule-set', Buffer.from(JSON.stringify(document)), options);
}

const yes = { op: 'bool', value: true };
const qty = { op: 'var', name: 'basket.qty' };
const codes = { op: 'var', name: 'codes' };
const int = (value: number | string) => ({ op: 'int', value });
const most = int('9223372036854775807');

/** `not` around `true`, so many times; built without recursion. */
function nested(times: number): object {
  let tree: object = yes;
  for (let n = 0; n < times; n += 1) tree = { op: 'not', arg: tree };
  return tree;
}

const quantifier = (name: string, body: object) => ({ op: 'all', over: codes, name, body });

describe('a signed set with a tree that the publisher could not have made', () => {
  const forged: [string, unknown, string][] = [
    ['nested 1,000 deep', nested(1_000), 'deeper'],
    ['nested one deeper than allowed', nested(TREE_MAX_DEPTH + 1), 'deeper'],
    [
      'with too many nodes',
      {
        op: 'or',
        args: Array.from({ length: 5 }, () => ({
          op: 'or',
          args: Array.from({ length: TREE_MAX_NODES / 5 }, () => yes),
        })),
      },
      'nodes',
    ],
    ['with an unknown op', { op: 'pow', left: qty, right: int(2) }, 'condition'],
    ['with a field too many', { ...yes, extra: 1 }, 'condition'],
    ['with an unknown variable', { op: 'eq', left: { ...qty, name: 'x' }, right: int(1) }, 'x'],
    ['with an inherited name', { op: 'has', name: 'constructor' }, 'constructor'],
    ['with an unknown function', { op: 'call', name: 'sum', selector: 'mugs' }, 'sum'],
    ['with an unknown selector', { op: 'call', name: 'hasLines', selector: 'cups' }, 'cups'],
    [
      'with a name that nothing binds',
      { op: 'eq', left: { op: 'local', name: 'v' }, right: qty },
      'v',
    ],
    ['that is no bool', qty, 'int'],
    ['that compares types', { op: 'eq', left: qty, right: { op: 'string', value: '1' } }, 'eq'],
    ['that orders texts', { op: 'lt', left: { op: 'string', value: 'a' }, right: qty }, 'lt'],
    ['that negates a number', { op: 'not', arg: qty }, 'not'],
    [
      'that adds bools',
      { op: 'eq', left: { op: 'add', left: yes, right: yes }, right: qty },
      'add',
    ],
    [
      'with a mixed list',
      { op: 'in', left: qty, right: { op: 'list', items: [qty, yes] } },
      'list',
    ],
    ['with an empty list', { op: 'in', left: qty, right: { op: 'list', items: [] } }, 'list'],
    [
      'that can overflow',
      { op: 'gt', left: { op: 'add', left: qty, right: most }, right: int(1) },
      '64 bits',
    ],
    [
      'with an integer beyond 64 bits',
      { op: 'gt', left: qty, right: int('9999999999999999999') },
      '64',
    ],
    [
      'with a small integer as text',
      { op: 'gt', left: { op: 'add', left: qty, right: int('5') }, right: qty },
      '5',
    ],
    [
      'with quantifiers three deep',
      quantifier('a', quantifier('b', quantifier('c', yes))),
      'inside',
    ],
    ['that binds a name twice', quantifier('a', quantifier('a', yes)), 'twice'],
    ['that ranges over no list', { ...quantifier('a', yes), over: qty }, 'range'],
  ];
  for (const [name, tree, reason] of forged) {
    test(`${name} is refused on installation`, () => {
      const refused = install(tree);
      expect(refused).toMatchObject({ ok: false, error: { code: 'rule-set-invalid' } });
      expect(refused.ok ? '' : refused.error.message.en).toContain(reason);
      expect(store.documents.current('rule-set')).toBeUndefined();
    });
  }

  test('nested 4,000 deep, where the schema by itself runs out of stack, is refused', () => {
    const tree = nested(4_000);
    expect(() => conditionSchema.safeParse(tree)).toThrow(RangeError);
    expect(install(tree)).toMatchObject({ error: { code: 'rule-set-invalid' } });
  });

  test('at the limit of depth is installed', () => {
    expect(install(nested(TREE_MAX_DEPTH))).toMatchObject({ ok: true });
  });
});
