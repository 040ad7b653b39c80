import { describe, expect, test } from 'vitest';
import { outsideSet } from '../../../../agent/domain/gs1/character-sets.ts';
import { componentChecks } from '../../../../agent/domain/gs1/component-checks.ts';
import type { CheckName } from '../../../../agent/domain/gs1/dictionary-entry.ts';
import { parseStrict } from '../../../../agent/domain/gs1/parse-gs1.ts';

/** Values that are right, and values that are wrong from an offset. */
const values: Readonly<
  Record<CheckName, readonly [right: readonly string[], wrong: Readonly<Record<string, number>>]>
> = {
  couponcode: [['012345612345611110123'], { '0123456': 7, '712345': 0 }],
  couponposoffer: [['001234561234560123456'], { '2': 0, '00123456123456012345': 15 }],
  csum: [['4006381333931', '96385074'], { '4006381333932': 12 }],
  csumalpha: [['1987654Ad4X4bL5ttr2310c2K', '22'], { '1987654Ad4X4bL5ttr2310c2L': 23, A: 0 }],
  gcppos1: [['1234', '1234A'], { '123A': 3, '123': 3, A234: 0 }],
  gcppos2: [['A1234'], { '1A234': 1, '1234': 4 }],
  hasnondigit: [['12A', '-'], { '123': 0 }],
  hh: [['00', '23'], { '24': 0, '1': 0 }],
  hhmi: [['0000', '2359'], { '2400': 0, '2360': 2, '000': 0 }],
  hyphen: [['-', '--'], { X: 0, '-X': 0 }],
  iban: [
    ['GB82WEST12345698765432', 'DE89370400440532013000'],
    {
      GB82WEST12345698765433: 2,
      XX82WEST12345698765432: 0,
      GB8: 0,
      GB82WEST1: 0,
      GB82west12345: 4,
    },
  ],
  importeridx: [['-', '_', 'a', 'Z', '9'], { '!': 0, '=': 0, AA: 0 }],
  iso3166: [['156', '840'], { '999': 0, '000': 0 }],
  iso3166999: [['156', '999'], { '998': 0 }],
  iso3166alpha2: [['CN', 'GB'], { cn: 0, ZZ: 0 }],
  iso4217: [['156', '978', '999'], { '155': 0 }],
  iso5218: [['0', '1', '2', '9'], { '3': 0 }],
  latitude: [['0000000000', '1800000000'], { '1800000001': 0, '1': 0 }],
  longitude: [['0000000000', '3600000000'], { '3600000001': 0 }],
  mediatype: [['01', '10', '80', '99'], { '00': 0, '11': 0, '79': 0 }],
  mi: [['00', '59'], { '60': 0 }],
  nonzero: [['0001'], { '0000': 0, '0A': 1 }],
  nozeroprefix: [['1', '10'], { '0': 0, '01': 0, '1A': 1 }],
  packagetype: [['AA', '1A', '8', 'X11'], { ZZZ: 0, aa: 0 }],
  pcenc: [['', 'A%20b', '%C3%a9'], { 'A%2': 1, '%': 0, '%g0': 0, '%20%0g': 3 }],
  pieceoftotal: [['0101', '0199'], { '0001': 0, '0100': 2, '0201': 0, '012': 0 }],
  posinseqslash: [['1/1', '9/10'], { '2/1': 0, '0/1': 0, '1/0': 2, '12': 0, '1/': 0, '/1': 0 }],
  ss: [['00', '59'], { '60': 0 }],
  winding: [['0', '1', '9'], { '2': 0 }],
  yesno: [['0', '1'], { '2': 0 }],
  yymmdd: [['240229', '000229', '261231'], { '260229': 4, '261301': 2, '260100': 4, '2601': 0 }],
  yymmd0: [['260100', '260131'], { '260132': 4, '260001': 2 }],
  yyyymmdd: [['20000229', '19990101'], { '19000229': 6, '20261301': 4, '20260100': 6 }],
  zero: [['0', '00'], { '1': 0, '01': 0 }],
};

describe.each(Object.keys(componentChecks) as CheckName[])('%s', (name) => {
  const [right, wrong] = values[name];

  test('lets right values pass', () => {
    for (const value of right) expect(componentChecks[name](value), value).toBeNull();
  });

  test.each(Object.entries(wrong))('refuses %j from %i', (value, at) => {
    expect(componentChecks[name](value)).toMatchObject({ at });
  });
});

describe('character sets', () => {
  test.each([
    [
      'X',
      `!"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz`,
      ['#', '$', '@', '[', '\\', ']', '^', '`', '{', '|', '}', '~', ' ', '\u001d', 'é', '你'],
    ],
    ['Y', '#-/09AZ', ['a', '_', '.', ' ']],
    ['N', '0123456789', ['A', '٣', '-']],
    ['Z', '-_09AZaz', ['.', '/', '+', '=A']],
  ] as const)('%s holds its own characters and no other', (set, right, wrong) => {
    expect(outsideSet(right, set)).toBeNull();
    for (const character of wrong)
      expect(outsideSet(character, set), character).toMatchObject({
        code: 'wrong-character',
        at: 0,
      });
  });

  test('base 64 ends in at most two pads, of a length that three divides', () => {
    expect(outsideSet('12==56', 'Z')).toMatchObject({ code: 'wrong-character', at: 2 });
    for (const right of ['12=', '1==', '1234']) expect(outsideSet(right, 'Z'), right).toBeNull();
    for (const wrong of ['123=', '===', '1=']) {
      expect(outsideSet(wrong, 'Z'), wrong).toMatchObject({ code: 'wrong-padding' });
    }
  });
});

test('a fault in a later part of a value is placed in the whole text', () => {
  expect(parseStrict({ text: '(7003)2612312460', form: 'bracketed' })).toEqual({
    ok: false,
    error: { code: 'wrong-time', ai: '7003', position: 12 },
  });
  expect(parseStrict({ text: ']d2423528999' })).toEqual({
    ok: false,
    error: { code: 'wrong-country', ai: '423', position: 9 },
  });
});
