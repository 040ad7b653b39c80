import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { EFFECT_KINDS, type EffectKind } from '../../../agent/contract/effects.ts';
import { LANES } from '../../../agent/contract/evaluation.ts';
import { ruleSourceFileSchema, ruleSourceSchema } from '../../../agent/contract/rules.ts';
import { AGGREGATES, VARIABLES } from '../../../agent/domain/benefits/condition/environment.ts';
import { EFFECTS } from '../../../agent/domain/benefits/effects/effect-table.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';

const page = readFileSync(new URL('../../../docs/benefit-rules.md', import.meta.url), 'utf8');

/** Rows of the tables under a heading: the words in code of the first cell, and the whole row. */
function rows(heading: string): { names: string[]; row: string }[] {
  const section = page.slice(page.indexOf(`\n## ${heading}`) + 1).split(/\n## /)[0] ?? '';
  return [...section.matchAll(/^\| (`.*?) \|.*$/gm)].map(([row, first = '']) => ({
    names: [...first.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    row,
  }));
}
const named = (heading: string): string[] => rows(heading).flatMap(({ names }) => names);

describe('the page for authors of rules', () => {
  const examples = page
    .split(/\n### Lane `/)
    .slice(1)
    .flatMap((section) => {
      const lane = section.slice(0, section.indexOf('`'));
      return [...section.matchAll(/^\| `([a-z-]+)` \|.*\| `(\{.*\})` \|$/gm)].map(
        ([, kind = '', example = '']) => ({ lane, kind: kind as EffectKind, example }),
      );
    });

  test('has a part for each lane, in the order in which they run', () => {
    expect([...page.matchAll(/^### Lane `([a-z-]+)`/gm)].map(([, lane]) => lane)).toEqual(LANES);
  });

  test('shows every kind of effect once', () => {
    expect(examples.map(({ kind }) => kind).sort()).toEqual([...EFFECT_KINDS].sort());
  });

  test.each(examples)(
    'shows $kind in a lane where it may stand, and the example publishes',
    ({ lane, kind, example }) => {
      expect(EFFECTS[kind].lanes).toContain(lane);
      expect(parse(example)).toMatchObject({ kind });
      const source = {
        ...{ ruleSet: 'page', version: 1, currency: 'CNY' },
        partners: [
          {
            id: 'cinema',
            name: { 'zh-CN': '影院', en: 'Cinema' },
            keys: [
              {
                keyId: 'k1',
                publicKey: 'MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
              },
            ],
          },
        ],
        rules: [
          {
            id: 'example',
            name: { 'zh-CN': '示例', en: 'Example' },
            lane,
            effect: parse(example),
            ...(kind === 'voucher-value' && {
              voucher: { partner: 'cinema', campaign: 'tickets' },
            }),
          },
        ],
      };
      const published = publishRules(JSON.stringify(source));
      expect(published.ok ? [] : published.error).toEqual([]);
    },
  );

  test('begins with a file that publishes', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    expect(publishRules(yaml)).toMatchObject({ ok: true, value: { warnings: [] } });
  });

  test('names every field of a file and of a rule, and no other', () => {
    expect(
      named('The file')
        .filter((name) => name in ruleSourceFileSchema.shape)
        .sort(),
    ).toEqual(Object.keys(ruleSourceFileSchema.shape).sort());
    expect(named('A rule').sort()).toEqual(Object.keys(ruleSourceSchema.shape).sort());
  });

  test('names everything that a condition may read, and nothing else', () => {
    const known = [...Object.keys(VARIABLES), ...Object.keys(AGGREGATES)];
    expect(
      named('Conditions')
        .map((name) => name.replace(/\(.*\)$/, ''))
        .sort(),
    ).toEqual(known.sort());
  });
});
