import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { componentChecks } from '../../agent/domain/gs1/component-checks.ts';
import { dictionarySource, KNOWN_CHECKS } from '../../scripts/gs1-dictionary.ts';
import { sharedPath, testWithShared } from '../support/shared.ts';

const TABLE = new URL('../../agent/domain/gs1/dictionary.ts', import.meta.url);

const release = (...lines: string[]) =>
  ['# Release: 2026-01-27', '# Copyright (c) 2026 GS1 AISBL', ...lines].join('\n');

testWithShared('data/gs1/gs1-syntax-dictionary.txt')(
  'the table of identifiers is what the dictionary of GS1 makes it',
  () => {
    const dictionary = readFileSync(sharedPath('data/gs1/gs1-syntax-dictionary.txt'), 'utf8');
    expect(readFileSync(TABLE, 'utf8')).toBe(dictionarySource(dictionary));
  },
);

test('the generator knows the checks of the parser, and no other', () => {
  expect([...KNOWN_CHECKS].sort()).toEqual(Object.keys(componentChecks).sort());
});

describe('a line of the dictionary', () => {
  test('becomes an entry with its parts, partners and qualifiers', () => {
    const source = dictionarySource(
      release(
        "3910-3919 ? N3,iso4217 N..15 req=01+21,02 req=8020 ex=391n dlpkey=22,10|235 # IT'S #1",
      ),
    );
    expect(source).toContain(
      "{ first: '3910', last: '3919', fixed: false, attribute: true, components: [" +
        "{ set: 'N', min: 3, max: 3, optional: false, checks: ['iso4217'] }, " +
        "{ set: 'N', min: 1, max: 15, optional: false, checks: [] }], " +
        "requires: [[['01', '21'], ['02']], [['8020']]], excludes: ['391n'], " +
        "qualifiers: [['22', '10'], ['235']], title: 'IT\\'S #1' }",
    );
    expect(source).toContain('release 2026-01-27');
    expect(source).toContain('Apache License, Version 2.0');
    expect(source).toContain('Copyright (c) 2026 GS1 AISBL');
  });

  test.each([
    ['01 * N14,sum', 'check sum is not known'],
    ['01 ! N14', 'flag ! is not understood'],
    ['01 * N14 later=02', 'attribute later=02 is not understood'],
    ['01 * Q14', 'no component'],
    ['01 * N14] X2', 'component N14] is not understood'],
    ['01 N..14 N2', 'only the last component may vary'],
    ['01 [N2] N2', 'a component that must stand follows one that may not'],
    ['01 * N..14', 'fixed, yet of no one length'],
    ['1 N14', 'no AI'],
    ['3105-3100 N6', 'no AI'],
    ['01 N14 req=0x', '0x is no AI and no pattern'],
    ['01 N14 dlpkey dlpkey=21', 'two lists of qualifiers'],
  ])('%j stops the generator: %s', (line, why) => {
    expect(() => dictionarySource(release(line))).toThrow(`line 3: Error: ${why}`);
  });

  test('a dictionary without its release stops the generator', () => {
    expect(() => dictionarySource('01 * N14')).toThrow('names no release');
  });
});
