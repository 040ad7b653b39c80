import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registerBarcode } from '../../../../agent/main/commands/barcode.ts';
import {
  BARCODE_CASES_MAX,
  barcodeCasesSchema,
} from '../../../../agent/main/commands/barcode-cases.ts';
import { runCommand } from '../../../support/run-command.ts';
import { sharedPath, testWithShared } from '../../../support/shared.ts';

const till = (...args: string[]) => runCommand(registerBarcode, ['barcode', ...args]);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-barcode-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function save(cases: unknown): string {
  const path = join(folder, 'cases.json');
  writeFileSync(path, JSON.stringify(cases));
  return path;
}

const MEMBER = {
  id: 'member',
  kind: 'scan',
  input: ']C18018401234523435439653',
  valid: true,
  ais: [['8018', '401234523435439653']],
  aim: ']C1',
  digitalLink: 'https://id.gs1.org/8018/401234523435439653',
};
const WRONG = {
  id: 'wrong',
  kind: 'bracketed',
  input: '(8018)401234523435439654',
  valid: false,
  error: 'AI (8018): The numeric check digit is incorrect.',
};
const FOREIGN = {
  id: 'foreign',
  kind: 'scan',
  input: ']C08018401234523435439653',
  valid: false,
  error: 'Unsupported symbology identifier',
};

describe('till barcode cases', () => {
  testWithShared('data/gs1/cases.json')(
    'all 410 cases of GS1 scan messages are as expected',
    async () => {
      const { code, out } = await till('cases', sharedPath('data/gs1/cases.json'), '--json');
      expect(JSON.parse(out)).toEqual({
        passed: 410,
        failed: 0,
        unsupported: 0,
        failures: [],
        unsupportedIds: [],
      });
      expect(code).toBe(0);
    },
  );

  test('a right reading passes, and the text ends with the counts', async () => {
    const { code, out } = await till('cases', save([MEMBER, WRONG, FOREIGN]));
    expect(out.trimEnd().split('\n').at(-1)).toBe('3 passed, 0 failed, 0 unsupported');
    expect(code).toBe(0);
  });

  test.each([
    ['another value', { ...MEMBER, ais: [['8018', '401234523435439654']] }],
    ['one AI more', { ...MEMBER, ais: [...MEMBER.ais, ['8019', '7']] }],
    ['another link', { ...MEMBER, digitalLink: 'https://id.gs1.org/8018/1' }],
    ['no link', { ...MEMBER, digitalLink: undefined }],
    ['another AIM identifier', { ...MEMBER, aim: ']Q3' }],
    ['a fault', { ...MEMBER, valid: false, error: 'AI (8018): wrong' }],
    ['no fault', { ...WRONG, valid: true, ais: [['8018', '401234523435439654']] }],
    ['a fault of another AI', { ...WRONG, error: 'AI (01): wrong' }],
    ['no symbology, where an AI is read', { ...FOREIGN, input: ']C18018401234523435439653' }],
    ['no symbology, where plain text is read', { ...FOREIGN, input: ']Q18018401234523435439653' }],
    ['no symbology, but an AI', { ...FOREIGN, ais: MEMBER.ais }],
    ['a fault of an AI behind no symbology', { ...FOREIGN, error: 'AI (8018): wrong' }],
    ['an AI behind no symbology', { ...FOREIGN, valid: true, ais: MEMBER.ais }],
  ])('expecting %s fails, and says what was read', async (_, one) => {
    const { code, out } = await till('cases', save([one]), '--json');
    expect(JSON.parse(out)).toMatchObject({ passed: 0, failed: 1, failures: [{ id: one.id }] });
    expect(code).toBe(1);
  });

  test.each([']C0', ']A0', ']I0', ']', ']C', ''])(
    'behind the symbology %j no AI is claimed, whatever words the case has for it',
    async (aim) => {
      const input = `${aim}8018401234523435439653`;
      const cases = [
        { ...FOREIGN, input, error: 'Reader not supported' },
        { ...FOREIGN, input, error: undefined },
        { ...FOREIGN, input, error: undefined, valid: true, ais: [] },
      ];
      expect(JSON.parse((await till('cases', save(cases), '--json')).out)).toMatchObject({
        passed: 3,
        failures: [],
      });
    },
  );

  test('what is null is absent, and a field that is not known is passed over', async () => {
    const cases = [
      { ...MEMBER, error: null, from: 'own' },
      { ...WRONG, ais: null, aim: null, digitalLink: null },
      { ...FOREIGN, ais: null, note: { any: 'thing' } },
    ];
    expect(JSON.parse((await till('cases', save(cases), '--json')).out)).toMatchObject({
      passed: 3,
    });
  });

  test('a byte order mark, CRLF and half a surrogate pair are read', async () => {
    const path = join(folder, 'windows.json');
    const half = { ...WRONG, input: '(10)\ud800', error: 'AI (10): wrong' };
    writeFileSync(
      path,
      `\ufeff${JSON.stringify([MEMBER, half], null, 1).replaceAll('\n', '\r\n')}`,
    );
    const { code, out } = await till('cases', path);
    expect(out).toBe('2 passed, 0 failed, 0 unsupported\n');
    expect(code).toBe(0);
  });

  test.each([
    ['not-json', '[{"id":"a"', ''],
    ['not-json', '', ''],
    ['not-utf8', Buffer.from('[]', 'utf16le'), Buffer.from([0xff, 0xfe])],
    ['bad-cases', '{"cases":[]}', ''],
  ])('%s: a file of other content is refused by name', async (name, content, start) => {
    const path = join(folder, 'bad.json');
    writeFileSync(path, Buffer.concat([Buffer.from(start), Buffer.from(content)]));
    const { code, out } = await till('cases', path, '--json');
    expect(JSON.parse(out)).toMatchObject({ error: { code: name } });
    expect(code).toBe(2);
  });

  test('a kind that is not known is unsupported, and no failure', async () => {
    const { code, out } = await till('cases', save([{ ...MEMBER, kind: 'rfid' }]), '--json');
    expect(JSON.parse(out)).toMatchObject({
      passed: 0,
      failed: 0,
      unsupported: 1,
      unsupportedIds: ['member'],
    });
    expect(code).toBe(0);
  });

  test('a file that is no list of cases is refused with the field', async () => {
    const { code, out } = await till('cases', save([{ ...MEMBER, valid: 'yes' }]), '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'bad-cases', detail: expect.stringMatching(/^0\.valid: /) },
    });
  });

  test('a list of more cases than the limit is refused', async () => {
    const many = Array.from({ length: BARCODE_CASES_MAX + 1 }, () => 0);
    expect(barcodeCasesSchema.safeParse(many).error?.issues.map(({ code }) => code)).toContain(
      'too_big',
    );
  });
});

describe('till barcode parse', () => {
  test('says what a code holds, with its link and what the till takes it for', async () => {
    const { code, out } = await till('parse', ']C18018401234523435439653{GS}80197', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      valid: true,
      form: 'elements',
      aim: ']C1',
      elements: [
        { ai: '8018', title: 'GSRN - RECIPIENT' },
        { ai: '8019', value: '7' },
      ],
      bracketed: '(8018)401234523435439653(8019)7',
      digitalLink: 'https://id.gs1.org/8018/401234523435439653/8019/7',
      route: { class: 'member' },
      errors: [],
    });
  });

  test('takes the AIM identifier apart, and refuses one that is none', async () => {
    const { out } = await till('parse', '8018401234523435439653', '--aim', ']C1', '--json');
    expect(JSON.parse(out)).toMatchObject({ route: { class: 'member' } });
    const { code, err } = await till('parse', '8018', '--aim', 'C1');
    expect(code).toBe(2);
    expect(err).toContain(']C1');
  });

  test('tells every fault in both languages, beside what it could read', async () => {
    const { code, out } = await till('parse', '(01)09501101530126(17)271301');
    expect(code).toBe(1);
    expect(out).toContain('商品 / article');
    expect(out).toContain('(01) 09501101530126  GTIN');
    expect(out).toContain('(17) USE BY or EXPIRY: There is no such day (character 25)');
    expect(out).toContain('日期不存在');
  });

  test('does not repeat the digits of a payment code', async () => {
    const { out } = await till('parse', '134512345678901234', '--json');
    expect(JSON.parse(out)).toMatchObject({ route: { class: 'payment', wallet: 'wechat' } });
    expect(out).not.toContain('134512345678901234');
    // Sent as GS1 by a reader that is set up wrongly: what looks like elements in it, or even is right, is not told.
    for (const digits of ['101234567890123456', '2534012345123456']) {
      for (const options of [['--json'], []]) {
        const sent = await till('parse', `]C1${digits}`, ...options);
        expect(sent.out).toContain('payment');
        expect(sent.out).not.toContain(digits.slice(3));
      }
    }
  });
});
