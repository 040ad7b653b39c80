import { describe, expect, test } from 'vitest';
import { SCAN_TEXT_MAX } from '../../../../agent/contract/identification.ts';
import { ELEMENTS_MAX } from '../../../../agent/domain/gs1/element.ts';
import { linkOf, parseLenient, parseStrict } from '../../../../agent/domain/gs1/parse-gs1.ts';

const GS = '\u001d';
const GSRN = '401234523435439653';
const GTIN = '09501101530126';

const strict = (text: string) => parseStrict({ text });
const pairs = (text: string) => {
  const read = strict(text);
  return read.ok ? read.value.elements.map(({ ai, value }) => `${ai}=${value}`) : read.error;
};

describe('the AIM identifier', () => {
  test.each([']C1', ']e0', ']d2', ']Q3', ']J1'])('%s says that the data is elements', (aim) => {
    expect(pairs(`${aim}8018${GSRN}`)).toEqual([`8018=${GSRN}`]);
    const apart = parseStrict({ text: `8018${GSRN}`, aim });
    expect(apart).toMatchObject({ ok: true, value: { aim, elements: [{ position: 0 }] } });
  });

  test.each([']Q1', ']d1', ']J0'])(
    '%s says that a link may stand there, and nothing else',
    (aim) => {
      expect(pairs(`${aim}https://a/8018/${GSRN}`)).toEqual([`8018=${GSRN}`]);
      expect(strict(`${aim}8018${GSRN}`)).toMatchObject({
        ok: true,
        value: { form: 'plain', elements: [] },
      });
      expect(strict(`${aim}HtTps://a/8018/${GSRN}`)).toMatchObject({ value: { form: 'plain' } });
    },
  );

  test.each([']C0', ']A0', ']Q0', ']d0', ']X9', ']L2', ''])(
    'with %j no AI is guessed, however much the data looks like one',
    (aim) => {
      for (const data of [`8018${GSRN}`, `https://a/8018/${GSRN}`, `(8018)${GSRN}`])
        expect(strict(`${aim}${data}`)).toMatchObject({
          ok: true,
          value: { form: 'plain', elements: [] },
        });
    },
  );

  test.each([
    [']E09501101530126', '9501101530126'],
    [']E463658064', '63658064'],
  ])('%s is a number without AI', (text, number) => {
    expect(strict(text)).toMatchObject({
      ok: true,
      value: { form: 'number', number, elements: [] },
    });
  });

  test.each([
    [']E09501101530127', 3],
    [']E0950110153012', 3],
    [']E095011015301261', 16],
    [']E012345678X0128', 3],
    [']E4', 3],
  ])('%s is no number, from character %i', (text, position) => {
    expect(strict(text)).toEqual({ ok: false, error: { code: 'wrong-number', position } });
  });

  test('a composite part follows a number as elements of its own', () => {
    expect(pairs(`]E402345673|]e099COMPOSITE${GS}98XYZ`)).toEqual(['99=COMPOSITE', '98=XYZ']);
    expect(strict(']E402345673|]e0')).toMatchObject({ error: { code: 'empty', position: 15 } });
  });

  test('typed text may be a link or bracketed, which scanned text without an identifier may not', () => {
    for (const text of [`(8018)${GSRN}`, `https://a/8018/${GSRN}`])
      expect(parseStrict({ text, form: 'typed' })).toMatchObject({
        value: { elements: [{ ai: '8018' }] },
      });
    expect(parseStrict({ text: `8018${GSRN}`, form: 'typed' })).toMatchObject({
      value: { form: 'plain' },
    });
  });
});

describe('element strings', () => {
  test.each([
    [`]d201${GTIN}17271118`, [`01=${GTIN}`, '17=271118']],
    [`]d201${GTIN}10LOT1${GS}21S1`, [`01=${GTIN}`, '10=LOT1', '21=S1']],
    [`]d201${GTIN}${GS}10LOT1${GS}`, [`01=${GTIN}`, '10=LOT1']],
    [`]Q38018${GSRN}${GS}8018${GSRN}`, [`8018=${GSRN}`, `8018=${GSRN}`]],
    [`]d2800112341234512398${GS}0112345678901231`, ['8001=12341234512398', '01=12345678901231']],
  ])('%j is read', (text, expected) => {
    expect(pairs(text)).toEqual(expected);
  });

  test('what is wrong is told with its AI and its place in the text', () => {
    expect(strict(`]C18018${GSRN.slice(0, -1)}4`)).toEqual({
      ok: false,
      error: { code: 'wrong-check-digit', ai: '8018', position: 24 },
    });
    expect(parseStrict({ text: `8018${GSRN.slice(0, -1)}4`, aim: ']C1' })).toMatchObject({
      error: { position: 21 },
    });
    expect(strict(`]d201${GTIN}17271301`)).toEqual({
      ok: false,
      error: { code: 'wrong-date', ai: '17', position: 23 },
    });
    expect(strict(`]d201${GTIN}10LOT~`)).toMatchObject({
      error: { code: 'wrong-character', ai: '10', position: 24 },
    });
    expect(strict(']d2891234')).toEqual({ ok: false, error: { code: 'unknown-ai', position: 3 } });
    expect(strict(']C1')).toEqual({ ok: false, error: { code: 'empty', position: 3 } });
  });

  test.each([
    [`]C1255950110153461285568${GS}0109501101530416`, 'excluded-pair', '01'],
    [`]Q38017${GSRN}${GS}8018401234582459151026`, 'excluded-pair', '8017'],
    [']Q380193801', 'missing-partner', '8019'],
    [`]Q38018${GSRN}${GS}8018401234582459151026`, 'different-values', '8018'],
    [`]d2255950110153461${GS}8030AAAA`, 'wrong-length', '255'],
    [`]d22559501101537460${GS}8030AAAA`, 'missing-serial', '255'],
    [`]e001${GTIN}3103000100${GS}3102001000`, 'excluded-pair', '3102'],
    [`]e001${GTIN}39220299`, 'missing-partner', '3922'],
  ])('%j is refused with %s of (%s)', (text, code, ai) => {
    expect(strict(text)).toMatchObject({ ok: false, error: { code, ai } });
  });
});

describe('bracketed text', () => {
  const bracketed = (text: string) => parseStrict({ text, form: 'bracketed' });

  test('is read, with an escaped bracket in a value and a composite part', () => {
    const read = bracketed(`(01)${GTIN}(10)A\\(1)|(21)X`);
    expect(read.ok && read.value.elements.map(({ ai, value }) => [ai, value])).toEqual([
      ['01', GTIN],
      ['10', 'A(1)'],
      ['21', 'X'],
    ]);
  });

  test.each([
    ['12345', 'not-bracketed', 0],
    ['(1', 'not-bracketed', 0],
    ['()12345', 'unknown-ai', 0],
    [`(01)${GTIN}(89)X`, 'unknown-ai', 18],
    [`(01)${GTIN}(10)`, 'empty-value', 22],
    ['(235)ABCDEFGHIJKLMNOPQRSTUVWXYZ123', 'too-long', 33],
    ['(8018)12', 'wrong-length', 8],
    ['', 'empty', 0],
  ])('%j is refused with %s at %i', (text, code, position) => {
    expect(bracketed(text)).toMatchObject({ ok: false, error: { code, position } });
  });
});

describe('lenient reading', () => {
  test('takes what is right and tells all that is wrong', () => {
    const read = parseLenient({ text: `]d201${GTIN}1727130110LOT${GS}21~` });
    expect(read.elements.map(({ ai }) => ai)).toEqual(['01', '10']);
    expect(read.errors.map(({ code, ai }) => [code, ai])).toEqual([
      ['wrong-date', '17'],
      ['wrong-character', '21'],
    ]);
  });

  test('takes what stands before an AI that is not known', () => {
    const read = parseLenient({ text: `]d201${GTIN}8912` });
    expect(read.elements.map(({ ai }) => ai)).toEqual(['01']);
    expect(read.errors).toEqual([{ code: 'unknown-ai', position: 19 }]);
  });

  test('of a link takes the key beside a wrong parameter, and a GTIN of 13 digits', () => {
    const read = parseLenient({ text: ']Q1https://a/01/9501101530126?17=271301&89=1&99=A' });
    expect(read.elements.map(({ ai, value }) => [ai, value])).toEqual([
      ['01', GTIN],
      ['99', 'A'],
    ]);
    expect(read.errors.map(({ code }) => code)).toEqual(['unknown-ai', 'wrong-date']);
  });
});

describe('limits', () => {
  const elements = (count: number) => `]C1${Array.from({ length: count }, () => '99A').join(GS)}`;

  test(`${ELEMENTS_MAX} elements are read, one more is refused`, () => {
    expect(strict(elements(ELEMENTS_MAX))).toMatchObject({ ok: true });
    expect(strict(elements(ELEMENTS_MAX + 1))).toMatchObject({ error: { code: 'too-many' } });
    const link = (count: number) =>
      `]Q1https://a/01/${GTIN}?${Array.from({ length: count - 1 }, () => 'x=1').join('&')}`;
    expect(strict(link(ELEMENTS_MAX))).toMatchObject({ ok: true });
    expect(strict(link(ELEMENTS_MAX + 1))).toMatchObject({ error: { code: 'too-many' } });
    const path = `]Q1https://a/01/${GTIN}${'/10/A'.repeat(ELEMENTS_MAX + 1)}`;
    expect(strict(path)).toMatchObject({ error: { code: 'too-many' } });
    const bracketed = (count: number) =>
      parseStrict({ text: '(99)A'.repeat(count), form: 'bracketed' });
    expect(bracketed(ELEMENTS_MAX)).toMatchObject({ ok: true });
    expect(bracketed(ELEMENTS_MAX + 1)).toMatchObject({ error: { code: 'too-many' } });
    const composite = (count: number) =>
      parseStrict({ text: `${'(99)A'.repeat(count)}|(98)B`, form: 'bracketed' });
    expect(composite(ELEMENTS_MAX - 1)).toMatchObject({ ok: true });
    expect(composite(ELEMENTS_MAX)).toMatchObject({ error: { code: 'too-many' } });
    // A parameter that is empty is none.
    expect(strict(`${link(ELEMENTS_MAX)}&&`)).toMatchObject({ ok: true });
  });

  test('the longest text is read, one character more is refused', () => {
    const text = 'x'.repeat(SCAN_TEXT_MAX);
    expect(strict(`]Q1${text}`)).toMatchObject({ ok: true, value: { form: 'plain' } });
    expect(strict(`]Q1${text}x`)).toEqual({
      ok: false,
      error: { code: 'over-long', position: SCAN_TEXT_MAX + 3 },
    });
  });
});

describe('the canonical link', () => {
  test.each([
    [`]d201${GTIN}1727111810LOT/1`, `https://id.gs1.org/01/${GTIN}/10/LOT%2F1?17=271118`],
    [
      `]C1255950110153746047807${GS}81114139`,
      'https://id.gs1.org/255/950110153746047807?8111=4139',
    ],
    [`]C18018${GSRN}${GS}80197`, `https://id.gs1.org/8018/${GSRN}/8019/7`],
    [`]e001${GTIN}235XYZ${GS}10ABC`, null],
    [']C18110106141416543213500110000310123196000', null],
    [']C0TEXT', null],
  ])('of %j is %s', (text, link) => {
    const read = strict(text);
    expect(read.ok && linkOf(read.value)).toBe(link);
  });
});
