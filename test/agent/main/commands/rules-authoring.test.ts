import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { registerRules } from '../../../../agent/main/commands/rules.ts';
import { DIFF_MAX_BASKETS, readBaskets } from '../../../../agent/main/commands/rules-baskets.ts';
import { runCommand } from '../../../support/run-command.ts';

type Fields = Record<string, unknown>;

const demoRules = new URL('../../../../demo/rules.yaml', import.meta.url).pathname;
const till = (...args: string[]) => runCommand(registerRules, ['rules', ...args]);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-authoring-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a file and gives its path. */
function save(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function ruleSet(...rules: Fields[]): Fields {
  const full = rules.map((rule) => ({
    lane: 'basket',
    name: { 'zh-CN': `规则 ${String(rule['id'])}`, en: `Rule ${String(rule['id'])}` },
    effect: { kind: 'fixed-off-order', amountMinor: 100 },
    ...rule,
  }));
  return { ruleSet: 'test', version: 1, currency: 'CNY', rules: full };
}

function basket(unitPriceMinor: number, more: Fields = {}): Fields {
  const lines = [{ lineId: 'L1', sku: 'a', qty: 1, unitPriceMinor }];
  return { basket: { currency: 'CNY', lines }, at: '2026-11-21T10:00:00+08:00', ...more };
}

describe('till rules check', () => {
  const shadow = { id: 'shadow', when: 'member.tier == "glod" && member.tier == "gold"' };

  test('prints reason and remedy of a warning, writes the set and exits 0', async () => {
    const { code, out } = await till('check', save('r.json', ruleSet(shadow)));
    expect(code).toBe(0);
    expect(out).toMatch(/r\.json:1:\d+: warning never-holds \[shadow\]: .+\n {2}-> .+ \/ Correct/);
  });

  test('with --strict takes a warning for an error: exit 1', async () => {
    const { code, out } = await till(
      'check',
      save('r.json', ruleSet(shadow)),
      '--strict',
      '--json',
    );
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      problems: [{ ruleId: 'shadow', code: 'never-holds', remedy: { en: expect.any(String) } }],
    });
  });

  test('with --chain reports names that the chain lacks, from lists or from a package', async () => {
    const file = save(
      'r.json',
      ruleSet({ id: 'r', when: 'member.tier == "glod"', target: { sku: ['x'] } }),
    );
    const lists = save('lists.json', { tiers: ['gold'], skus: ['x'] });
    const pack = save('pack.json', {
      schema: 'tillside/chain-package/1',
      articles: [{ sku: 'a', category: 'food' }],
    });
    const messages = async (chain: string) =>
      JSON.parse((await till('check', file, '--chain', chain, '--json')).out).problems.map(
        ({ message }: { message: { en: string } }) => message.en,
      );
    expect(await messages(lists)).toEqual(['the chain has no member tier glod']);
    expect(await messages(pack)).toEqual(['the chain has no article x']);
    expect((await till('check', file, '--chain', save('no.json', { tires: [] }))).code).toBe(2);
  });

  test('takes the stack limit as a percentage and refuses another text', async () => {
    const percent = (id: string, lane: string) => ({
      id,
      lane,
      effect: { kind: 'percent-off-order', percentBp: 3_000 },
    });
    const file = save('r.json', ruleSet(percent('a', 'basket'), percent('b', 'coupon')));
    const codes = async (limit: string) =>
      JSON.parse((await till('check', file, '--stack-limit', limit, '--json')).out).problems.map(
        ({ code }: { code: string }) => code,
      );
    expect(await codes('51')).toEqual(['stack-too-deep']);
    expect(await codes('52')).toEqual([]);
    expect((await till('check', file, '--stack-limit', 'much')).code).toBe(2);
  });
});

describe('till rules diff', () => {
  const old = ruleSet({ id: 'ten', when: 'basket.listMinor >= 10000' });
  const fresh = ruleSet({
    id: 'five',
    when: 'basket.listMinor >= 5000',
    effect: { kind: 'fixed-off-order', amountMinor: 250 },
  });

  test('tells what changes for each recorded basket and in all, and exits 1', async () => {
    const baskets = save('baskets.json', [basket(12_000), basket(6_000), basket(100)]);
    const args = [save('old.json', old), save('new.json', fresh), '--baskets', baskets];
    const { code, out } = await till('diff', ...args, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      currency: 'CNY',
      baskets: 3,
      changed: 2,
      payableMinor: { old: 18_000, new: 17_600 },
      pointsEarned: { old: 0, new: 0 },
      pointsSpent: { old: 0, new: 0 },
      changes: [
        {
          basket: `${baskets}#1`,
          payableMinor: { old: 11_900, new: 11_750 },
          pointsEarned: { old: 0, new: 0 },
          pointsSpent: { old: 0, new: 0 },
          came: ['five'],
          went: ['ten'],
        },
        {
          basket: `${baskets}#2`,
          payableMinor: { old: 6_000, new: 5_750 },
          pointsEarned: { old: 0, new: 0 },
          pointsSpent: { old: 0, new: 0 },
          came: ['five'],
          went: [],
        },
      ],
    });
    const text = await till('diff', ...args);
    expect(text.out).toContain('#1  119.00 -> 117.50 (-1.50)');
    expect(text.out).toContain('2 of 3 baskets would change; payable -4.00');
  });

  test('sees points that change while the amount stays', async () => {
    const earn = (points: number) =>
      ruleSet({
        id: 'earn',
        lane: 'points-earn',
        effect: { kind: 'points-earn', perMinor: 100, points },
      });
    const one = save(
      'b.yaml',
      `member: { tier: gold }\nbasket: ${JSON.stringify(basket(1_000)['basket'])}\n`,
    );
    const args = [save('old.json', earn(1)), save('new.json', earn(2)), '--baskets', one, '--json'];
    const { code, out } = await till('diff', ...args);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ changed: 1, pointsEarned: { old: 10, new: 20 } });
  });

  test('reads a folder and a file of lines, and exits 0 where nothing changes', async () => {
    const args = [save('old.json', old), save('new.json', old), '--baskets'];
    const lines = [basket(1), basket(2), basket(20_000)].map((one) => JSON.stringify(one));
    mkdirSync(join(folder, 'recorded'));
    save('recorded/a.jsonl', `${lines.join('\n')}\n`);
    save('recorded/b.json', basket(3));
    save('recorded/notes.txt', 'no basket');
    const { code, out } = await till('diff', ...args, join(folder, 'recorded'), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ baskets: 4, changed: 0, changes: [] });
  });

  test(`takes ${DIFF_MAX_BASKETS} baskets and refuses one more`, () => {
    const lines = (count: number) => save('many.jsonl', '{}\n'.repeat(count));
    expect(readBaskets(lines(DIFF_MAX_BASKETS)).ok).toBe(true);
    expect(readBaskets(lines(DIFF_MAX_BASKETS + 1)).ok).toBe(false);
  });

  test('exits 2 for a basket that cannot be used and names basket and field', async () => {
    const args = [save('old.json', old), save('new.json', fresh), '--baskets'];
    const wrong = await till('diff', ...args, save('b.json', [basket(1), basket(1.5)]));
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('b.json#2');
    expect(wrong.err).toContain('unitPriceMinor');
    expect((await till('diff', ...args, join(folder, 'absent'))).code).toBe(2);
    expect((await till('diff', ...args, save('none.json', []))).code).toBe(2);
  });
});

describe('till rules handbook', () => {
  /** Rules by tier, as the page itself shows them. */
  function sectionsOf(html: string): Record<string, string[]> {
    const sections = [...html.matchAll(/<section data-tier="([^"]*)">(.*?)<\/section>/gs)];
    return Object.fromEntries(
      sections.map(([, tier = '', body = '']) => [
        tier,
        [...body.matchAll(/data-rule="([^"]*)"/g)].map(([, id = '']) => id),
      ]),
    );
  }
  async function handbook(rules: string, ...more: string[]): Promise<string> {
    const out = join(folder, 'handbook.html');
    const { code, err } = await till('handbook', rules, '--out', out, ...more);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return readFileSync(out, 'utf8');
  }

  test('names each live rule under every tier that may meet it and under no other', async () => {
    const rules = save(
      'r.json',
      ruleSet(
        { id: 'all' },
        { id: 'members', when: 'member.known' },
        { id: 'guests', when: '!member.known' },
        { id: 'gold', when: 'member.tier == "gold"' },
        { id: 'not-silver', when: 'member.known && member.tier != "silver"' },
        { id: 'high', when: 'member.tier in ["gold", "diamond"] && basket.qty > 2' },
        { id: 'group', when: '"staff" in member.groups' },
        { id: 'either', when: 'member.tier == "silver" || member.birthdayToday' },
        {
          id: 'points',
          lane: 'points-earn',
          effect: { kind: 'points-earn', perMinor: 100, points: 1 },
        },
        { id: 'over', window: { to: '2026-11-20' } },
        { id: 'last-day', window: { to: '2026-11-21' } },
        { id: 'coming', window: { from: '2027-01-01' } },
        {
          id: 'price',
          lane: 'price',
          effect: {
            kind: 'member-price',
            prices: [{ sku: 'a', tier: 'gold', unitPriceMinor: 1 }],
          },
        },
      ),
    );
    const everyone = ['all', 'last-day', 'coming'];
    const member = ['members', 'group', 'either', 'points'];
    const sections = sectionsOf(await handbook(rules, '--from', '2026-11-21'));
    const expected = {
      '': [...everyone, 'guests'],
      silver: [...everyone, ...member],
      gold: [...everyone, ...member, 'gold', 'not-silver', 'high', 'price'],
      diamond: [...everyone, ...member, 'not-silver', 'high'],
    };
    expect(Object.keys(sections)).toEqual(Object.keys(expected));
    for (const [tier, ids] of Object.entries(expected))
      expect([tier, sections[tier]?.toSorted()]).toEqual([tier, ids.toSorted()]);
  });

  test('leaves no rule of the demo chain out, and takes the tiers of a chain file', async () => {
    const ids = (parse(readFileSync(demoRules, 'utf8')) as { rules: { id: string }[] }).rules;
    const page = sectionsOf(await handbook(demoRules, '--from', '2026-11-01'));
    expect(new Set(Object.values(page).flat())).toEqual(new Set(ids.map(({ id }) => id)));
    const chain = save('chain.json', { tiers: ['leaf', 'gold'] });
    const own = sectionsOf(await handbook(demoRules, '--chain', chain));
    expect(Object.keys(own)).toEqual(['', 'leaf', 'gold']);
    expect(own['leaf']).not.toContain('tier-gold-food');
  });

  test('says in both languages what a rule gives and when, and hands out no coupon code', async () => {
    const rules = save(
      'r.json',
      ruleSet({
        id: 'r',
        when: 'member.tier == "gold" && basket.listMinor >= 10000 && now.day == 8',
        lane: 'coupon',
        coupon: { code: 'SECRET-1', uses: 'single' },
        effect: { kind: 'percent-off-order', percentBp: 500 },
        window: { weekdays: [6, 7], daily: { from: '20:00', to: '22:00' } },
      }),
    );
    const html = await handbook(rules);
    expect(html).toContain('减 5%；凭券；金卡；满 100.00；每月 8 日；周六、日；20:00-22:00');
    expect(html).toContain(
      '5 % off; with the coupon; Gold; from 100.00; on day 8 of the month; Sat, Sun; 20:00 to 22:00',
    );
    expect(html).not.toContain('SECRET-1');
  });

  test('is one page that loads nothing, and shows a name with markup as text', async () => {
    const name = { 'zh-CN': '<script>x</script>', en: '"><img src=x onerror=alert(1)> & co' };
    const html = await handbook(save('r.json', ruleSet({ id: 'r', name })));
    expect(html).toContain('&lt;script&gt;x&lt;/script&gt;');
    expect(html).toContain('&quot;&gt;&lt;img src=x onerror=alert(1)&gt; &amp; co');
    expect(html).not.toMatch(/<(script|img|link|iframe)|https?:|@import|url\(/);
    expect(html).toContain('@media print');
  });

  test('exits 2 for a day that is none and a file that cannot be written', async () => {
    const out = join(folder, 'h.html');
    expect((await till('handbook', demoRules, '--out', out, '--from', 'today')).code).toBe(2);
    const nowhere = join(folder, 'absent', 'h.html');
    expect((await till('handbook', demoRules, '--out', nowhere)).code).toBe(2);
  });
});

describe('till rules schema', () => {
  test('prints a JSON Schema that the demo rules meet and a slip does not', async () => {
    const { code, out } = await till('schema');
    expect(code).toBe(0);
    const schema = z.fromJSONSchema(JSON.parse(out));
    const rules = parse(readFileSync(demoRules, 'utf8')) as { rules: Fields[] };
    expect(schema.safeParse(rules).error).toBeUndefined();
    const slips: Fields[] = [{ lane: 'cellar' }, { wehn: 'x' }, { effect: { kind: 'half-price' } }];
    for (const slip of slips) {
      const [first, ...others] = rules.rules;
      expect(
        schema.safeParse({ ...rules, rules: [{ ...first, ...slip }, ...others] }).success,
      ).toBe(false);
    }
  });
});
