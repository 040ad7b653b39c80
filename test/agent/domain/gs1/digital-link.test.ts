import { describe, expect, test } from 'vitest';
import { parseLenient, parseStrict } from '../../../../agent/domain/gs1/parse-gs1.ts';

const GTIN = '09501101530126';
const GSRN = '401234523435439653';

const read = (text: string) => {
  const message = parseStrict({ text, form: 'link' });
  return message.ok
    ? message.value.elements.map(({ ai, value }) => `${ai}=${value}`)
    : message.error;
};

describe('a Digital Link', () => {
  test.each([
    [`https://a/01/${GTIN}`, [`01=${GTIN}`]],
    [`HTTP://A.EXAMPLE:80/01/${GTIN}`, [`01=${GTIN}`]],
    [`https://[2001:db8::1]/01/${GTIN}`, [`01=${GTIN}`]],
    [`https://a/some/path/01/${GTIN}/22/C/10/B/21/S`, [`01=${GTIN}`, '22=C', '10=B', '21=S']],
    [`https://a/01/${GTIN}/22/C/21/S`, [`01=${GTIN}`, '22=C', '21=S']],
    [`https://a/01/${GTIN}/235/T`, [`01=${GTIN}`, '235=T']],
    [`https://a/01/1/8018/${GSRN}/8019/7`, [`8018=${GSRN}`, '8019=7']],
    [
      `https://a/01/${GTIN}?17=271231&3103=000195&linkType=gs1:pip`,
      [`01=${GTIN}`, '17=271231', '3103=000195'],
    ],
    [`https://a/01/${GTIN}?&&&99=A&x&98=B&&`, [`01=${GTIN}`, '99=A', '98=B']],
    [`https://a/01/${GTIN}?99=A#17=271301`, [`01=${GTIN}`, '99=A']],
    [`https://a/01/${GTIN}#/10/X?99=1`, [`01=${GTIN}`]],
    [`https://a/01/${GTIN}/10/A%2fB%2D%252`, [`01=${GTIN}`, '10=A/B-%2']],
    [`https://a/01/${GTIN}/10/A+B`, [`01=${GTIN}`, '10=A+B']],
    [`https://a/01/${GTIN}/10/100%`, [`01=${GTIN}`, '10=100%']],
  ])('%s is read', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each([
    ['ftp://a/01/1', 'not-a-link', 0],
    ['Https://a/01/1', 'not-a-link', 0],
    ['https:///01/1', 'not-a-link', 8],
    ['https://a', 'not-a-link', 8],
    [`https://user@a/01/${GTIN}`, 'wrong-domain', 12],
    [`https://a?b/01/${GTIN}`, 'wrong-domain', 9],
    [`https://a/01/${GTIN}\\x`, 'wrong-character', 27],
    [`https://a/01/${GTIN}é`, 'wrong-character', 27],
    [`https://a/01/${GTIN}/`, 'no-key', 9],
    ['https://a/', 'no-key', 9],
    [`https://a/gtin/${GTIN}`, 'no-key', 9],
    [`https://a/m/${GSRN}`, 'no-key', 9],
    ['https://a/89/1', 'no-key', 9],
    [`https://a/01/${GTIN}/99/A`, 'wrong-path-order', 28],
    [`https://a/01/${GTIN}/10/A/22/B`, 'wrong-path-order', 28],
    [`https://a/01/${GTIN}/10/A/10/A`, 'wrong-path-order', 28],
    [`https://a/01/${GTIN}/235/A/10/B`, 'wrong-path-order', 28],
    [`https://a/01/${GTIN}?10=A`, 'belongs-in-path', 28],
    [`https://a/8018/${GSRN}?8019=7`, 'not-an-attribute', 34],
    [`https://a/01/${GTIN}?99=A&99=A`, 'duplicate', 33],
    [`https://a/01/${GTIN}?01=${GTIN}`, 'duplicate', 28],
    [`https://a/01/${GTIN}?89=A`, 'unknown-ai', 28],
    [`https://a/01/${GTIN}?=A`, 'unknown-ai', 28],
    [`https://a/01/${GTIN}?99=`, 'empty-value', 31],
    [`https://a/01/${GTIN}/10/`, 'empty-value', 31],
    [`https://a/01/${GTIN}?99=A+B`, 'wrong-character', 31],
    [`https://a/01/${GTIN}%00`, 'wrong-escape', 13],
    ['https://a/01/9501101530126', 'wrong-length', 26],
    [`https://a/01/${GTIN}?17=271301`, 'wrong-date', 33],
    [`https://a/8018/${GSRN}?17=271231`, 'missing-partner', 34],
    [`https://a/01/${GTIN.slice(0, -1)}7`, 'wrong-check-digit', 26],
  ])('%s is refused with %s at %i', (text, code, position) => {
    expect(read(text)).toMatchObject({ code, position });
  });

  test('a compressed link is refused by its name, a plain path of letters is not taken for one', () => {
    expect(read('https://id.gs1.org/ARFHcvnpE9xGTA')).toEqual({
      code: 'compressed-link',
      position: 18,
    });
    expect(read('https://a/about/loyalty-programme')).toMatchObject({ code: 'no-key' });
    expect(read('https://a/AR')).toMatchObject({ code: 'no-key' });
  });

  test('a GTIN of 8, 12 or 13 digits is filled up for a basket and refused for a credential', () => {
    for (const digits of ['9501101530126', '012345678905', '96385074']) {
      const text = `https://a/01/${digits}`;
      expect(parseLenient({ text, form: 'link' }).elements).toMatchObject([
        { ai: '01', value: digits.padStart(14, '0') },
      ]);
      expect(read(text)).toMatchObject({ code: 'wrong-length', ai: '01' });
    }
  });
});
