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
  ])('expecting %s fails, and says what was read', async (_, one) => {
    const { code, out } = await till('cases', save([one]), '--json');
    expect(JSON.parse(out)).toMatchObject({ passed: 0, failed: 1, failures: [{ id: one.id }] });
    expect(code).toBe(1);
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
  });
});
