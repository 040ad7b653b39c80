import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registerRules } from '../../../../agent/main/commands/rules.ts';
import { openRuleSet } from '../../../../sync/protocol/rule-set-document.ts';
import { keyIdOf } from '../../../../sync/protocol/signed-document.ts';
import { runCommand } from '../../../support/run-command.ts';
import { describeWithShared, sharedPath } from '../../../support/shared.ts';

const PACK = 'data/benefit-cases/peer-cases.json';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const good = [
  'ruleSet: demo',
  'version: 3',
  'currency: CNY',
  'rules:',
  '  - id: gold',
  '    name: { zh-CN: 金卡九折, en: Gold 10 % off }',
  '    lane: basket',
  '    when: member.tier == "gold" && basket.listMinor >= 10000',
  '    effect: { kind: percent-off-order, percentBp: 1000 }',
  '',
].join('\n');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-rules-'));
  writeFileSync(join(folder, 'good.yaml'), good);
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const till = (...args: string[]) => runCommand(registerRules, ['rules', ...args]);
const file = (name: string): string => join(folder, name);

describe('till rules check', () => {
  test('says that a good file is in order', async () => {
    const { code, out } = await till('check', file('good.yaml'));
    expect(code).toBe(0);
    expect(out).toContain('1 rules are in order');
  });

  test('writes the signed rule set, which opens with the public key', async () => {
    const { code, out } = await till(
      'check',
      file('good.yaml'),
      '--out',
      file('set.json'),
      '--key',
      file('key.pem'),
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      ok: true,
      rules: 1,
      written: file('set.json'),
      problems: [],
    });
    const opened = openRuleSet(
      JSON.parse(readFileSync(file('set.json'), 'utf8')),
      new Map([[keyIdOf(publicKey), publicKey]]),
    );
    expect(opened).toMatchObject({ ok: true, value: { ruleSet: 'demo', version: 3 } });
    expect(readdirSync(folder).sort()).toEqual(['good.yaml', 'key.pem', 'set.json']);
  });

  const broken: [string, string, string][] = [
    ['a type error', good.replace('"gold"', '7'), 'condition-type'],
    ['an unknown effect', good.replace('percent-off-order', 'half-price'), 'unknown-effect'],
    ['a repeated id', good + good.slice(good.indexOf('  - id')), 'repeated-id'],
    ['an overflow', good.replace('>= 10000', '* basket.listMinor > 0'), 'condition-overflow'],
  ];
  for (const [what, source, problemCode] of broken) {
    test(`for a rule file with ${what} names line, rule and reason, exits 1 and writes nothing`, async () => {
      writeFileSync(file('bad.yaml'), source);
      const { code, out } = await till(
        'check',
        file('bad.yaml'),
        '--out',
        file('set.json'),
        '--key',
        file('key.pem'),
      );
      expect(code).toBe(1);
      expect(out).toMatch(new RegExp(`bad\\.yaml:\\d+:\\d+: error ${problemCode} \\[gold\\]: `));
      expect(out).toContain('nothing was written');
      expect(readdirSync(folder).sort()).toEqual(['bad.yaml', 'good.yaml', 'key.pem']);
    });
  }

  test('keeps an older rule set untouched when the file is faulty', async () => {
    writeFileSync(file('set.json'), 'older');
    writeFileSync(file('bad.yaml'), good.replace('"gold"', '7'));
    await till('check', file('bad.yaml'), '--out', file('set.json'), '--key', file('key.pem'));
    expect(readFileSync(file('set.json'), 'utf8')).toBe('older');
  });

  test('with --json prints one object with the problems and nothing else', async () => {
    writeFileSync(file('bad.yaml'), good.replace('"gold"', '7'));
    const { code, out } = await till('check', file('bad.yaml'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      rules: null,
      written: null,
      problems: [{ ruleId: 'gold', line: 8, code: 'condition-type' }],
    });
  });

  test('exits 2 for a file that cannot be used, a key that is none, and --out without --key', async () => {
    writeFileSync(file('latin1.yaml'), Buffer.from([0xff, 0xfe, 0x80]));
    writeFileSync(
      file('rsa.pem'),
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      }),
    );
    const wrong = [
      [file('absent.yaml')],
      [file('latin1.yaml')],
      [folder],
      [file('good.yaml'), '--out', file('set.json')],
      [file('good.yaml'), '--out', file('set.json'), '--key', file('good.yaml')],
      [file('good.yaml'), '--out', file('set.json'), '--key', file('rsa.pem')],
      [file('good.yaml'), '--out', join(folder, 'absent', 'set.json'), '--key', file('key.pem')],
    ];
    for (const args of wrong) {
      const { code, err } = await till('check', ...args);
      expect([args, code]).toEqual([args, 2]);
      expect(err).not.toBe('');
    }
    expect(readdirSync(folder)).not.toContain('set.json');
  });
});

describe('till rules try', () => {
  test('prints the evaluation with the reason of every rule', async () => {
    writeFileSync(
      file('basket.yaml'),
      'basket: { currency: CNY, lines: [{ lineId: L1, sku: a, qty: 1, unitPriceMinor: 8760 }] }\nmember: { tier: gold }\n',
    );
    const text = await till('try', file('good.yaml'), '--basket', file('basket.yaml'));
    expect(text.code).toBe(0);
    expect(text.out).toContain('还差 12.40 元');
    const json = await till('try', file('good.yaml'), '--basket', file('basket.yaml'), '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      payableMinor: 8_760,
      outcomes: [{ ruleId: 'gold', code: 'min-subtotal', difference: 1_240 }],
    });
  });

  test('exits 2 for a basket with the wrong fields and names them', async () => {
    writeFileSync(
      file('basket.yaml'),
      'basket: { currency: CNY, lines: [{ lineId: L1, sku: a, qty: 1.5, unitPriceMinor: 1 }] }\n',
    );
    const { code, err } = await till('try', file('good.yaml'), '--basket', file('basket.yaml'));
    expect(code).toBe(2);
    expect(err).toContain('qty');
  });
});

describe('till rules cases', () => {
  const oneCase = (more: object): string =>
    JSON.stringify({
      schema: 'benefit-case/1',
      cases: [
        {
          id: 'c1',
          title: 't',
          currencyDecimals: 2,
          lines: [{ id: 'L1', sku: 'a', category: 'g', qty: 1, unitPriceMinor: 1_000 }],
          benefits: [{ id: 'b', kind: 'fixed-off-order', value: { amountMinor: 100 } }],
          expect: { totalMinor: 900 },
          ...more,
        },
      ],
    });
  async function cases(source: string) {
    writeFileSync(file('cases.json'), source);
    const { code, out } = await till('cases', file('cases.json'), '--json');
    return { code, report: JSON.parse(out) };
  }

  test('passes a right case and fails a planted wrong total with both figures', async () => {
    expect(await cases(oneCase({}))).toEqual({
      code: 0,
      report: { passed: 1, failed: 0, unsupported: 0, failures: [], unsupportedIds: [] },
    });
    const wrong = await cases(oneCase({ expect: { totalMinor: 899 } }));
    expect(wrong).toMatchObject({
      code: 1,
      report: {
        failed: 1,
        failures: [{ id: 'c1', expected: { totalMinor: 899 }, actual: { totalMinor: 900 } }],
      },
    });
  });

  test('a planted wrong reason, line, order, gift or refund fails too', async () => {
    const wrong = [
      { rejected: { b: 'no-effect' } },
      { lineDiscounts: { L1: 99 } },
      { applied: [] },
      { gifts: [{ sku: 'a', qty: 1 }] },
      { refundMinor: 1 },
      { pointsEarned: 1 },
      { tierAfter: 'gold' },
    ];
    for (const expectation of wrong)
      expect((await cases(oneCase({ expect: expectation }))).report.failed).toBe(1);
  });

  test('a kind, gate or field that it does not know is unsupported by id, never passed', async () => {
    const unknown = [
      { benefits: [{ id: 'b', kind: 'lottery', value: {} }] },
      { benefits: [{ id: 'b', kind: 'constructor', value: {} }] },
      {
        benefits: [
          {
            id: 'b',
            kind: 'fixed-off-order',
            value: { amountMinor: 100 },
            when: { moonPhase: 'full' },
          },
        ],
      },
      { expect: { totalMinor: 900, mood: 'good' } },
    ];
    for (const more of unknown) {
      expect((await cases(oneCase(more))).report).toEqual({
        passed: 0,
        failed: 0,
        unsupported: 1,
        failures: [],
        unsupportedIds: ['c1'],
      });
    }
  });

  test('exits 2 for a file of another form', async () => {
    writeFileSync(file('cases.json'), '{"schema":"other","cases":[]}');
    expect((await till('cases', file('cases.json'))).code).toBe(2);
    writeFileSync(file('cases.json'), 'not json');
    expect((await till('cases', file('cases.json'))).code).toBe(2);
  });
});

describeWithShared(PACK)('the peer pack', () => {
  test('passes whole, and the text form ends with the figures', async () => {
    const { code, out, err } = await till('cases', sharedPath(PACK));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.trimEnd().split('\n').at(-1)).toBe('57 passed, 0 failed, 0 unsupported');
  });
});
