import { describe, expect, test } from 'vitest';
import {
  type Gs1Input,
  parseLenient,
  parseStrict,
} from '../../../../agent/domain/gs1/parse-gs1.ts';

const GTIN = '09501101530126';
const GSRN = '401234523435439653';

/** A message with several faults is told by the one that GS1's reference comes upon first. */
describe('of several faults the first is', () => {
  test.each<[string, Gs1Input['form'], string, string, string]>([
    [
      'an escaped ^ of a value, before a parameter too long',
      'link',
      `https://a/01/${GTIN}/10/A%5EB?3103=1234567`,
      'wrong-character',
      '10',
    ],
    [
      'an escaped ^ of the key, before an attribute that belongs in the path',
      'link',
      `https://a/01/0950110153012%5e?10=A`,
      'wrong-character',
      '01',
    ],
    [
      'an escaped ^ of a parameter, before the order of the path',
      'link',
      `https://a/01/${GTIN}/99/A?98=%5E`,
      'wrong-character',
      '98',
    ],
    [
      'a ^ of a value, before a value too short',
      'bracketed',
      `(10)A^B(01)1`,
      'wrong-character',
      '10',
    ],
    ['a length, before a ^ of the same value', 'bracketed', '(8018)^', 'wrong-length', '8018'],
    [
      'a value of the linear part, before a composite part that is empty',
      'bracketed',
      `(8018)${GSRN.slice(0, -1)}4|`,
      'wrong-check-digit',
      '8018',
    ],
    [
      'a value of the linear part, before a composite part without brackets',
      'bracketed',
      '(422)290||',
      'wrong-country',
      '422',
    ],
    [
      'a value of the linear part, before an AI of the composite part that is not known',
      'bracketed',
      `(17)271301|(89)X`,
      'wrong-date',
      '17',
    ],
    [
      'what cannot be cut of a part, before a value of the same part',
      'bracketed',
      `(17)271301(89)X|(10)A`,
      'unknown-ai',
      '89',
    ],
  ])('%s', (_, form, text, code, ai) => {
    expect(parseStrict({ text, form })).toMatchObject({ ok: false, error: { code, ai } });
  });

  test('the place of an unescaped ^', () => {
    expect(parseStrict({ text: '(10)A^B', form: 'bracketed' })).toMatchObject({
      error: { code: 'wrong-character', position: 5 },
    });
  });
});

describe('lenient reading of a link goes on beside a qualifier that cannot be cut', () => {
  const read = (text: string, form: Gs1Input['form']) => {
    const { elements, errors } = parseLenient({ text, form });
    return [elements.map(({ ai }) => ai), errors.map(({ code, ai = '' }) => `${code} ${ai}`)];
  };
  const LONG = 'X'.repeat(21);

  test('so that a label keeps its price', () => {
    expect(read(`https://a/01/${GTIN}/10/${LONG}?3103=000195&3922=299`, 'link')).toEqual([
      ['01', '3103', '3922'],
      ['too-long 10'],
    ]);
    expect(read(`https://a/01/${GTIN}/10//21/S?3103=000195&3922=299`, 'link')).toEqual([
      ['01', '21', '3103', '3922'],
      ['empty-value 10'],
    ]);
  });

  test('and says nothing without its key', () => {
    expect(read('https://a/01/1/10/A?99=A', 'link')).toEqual([[], ['wrong-length 01']]);
  });

  test('while strict reading stops there', () => {
    const text = `https://a/01/${GTIN}/10/${LONG}?89=A`;
    expect(parseStrict({ text, form: 'link' })).toMatchObject({ error: { code: 'too-long' } });
  });
});
