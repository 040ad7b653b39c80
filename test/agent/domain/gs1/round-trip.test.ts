import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aiNamed, allAis } from '../../../../agent/domain/gs1/ai-table.ts';
import { cutBracketed, toBracketed } from '../../../../agent/domain/gs1/bracketed.ts';
import { SET_82 } from '../../../../agent/domain/gs1/character-sets.ts';
import type { Gs1Element } from '../../../../agent/domain/gs1/element.ts';
import { cutElementString, SEPARATOR } from '../../../../agent/domain/gs1/element-string.ts';
import { linkOf, parseStrict } from '../../../../agent/domain/gs1/parse-gs1.ts';

/** Elements as a reader sends them behind its AIM identifier, separators where they are needed. */
function toElementString(elements: readonly Gs1Element[]): string {
  return elements
    .map(({ ai, value }, nth) => {
      const isOpen = nth < elements.length - 1 && aiNamed(ai)?.fixed !== true;
      return `${ai}${value}${isOpen ? SEPARATOR : ''}`;
    })
    .join('');
}

const letters = fc.constantFrom(...SET_82);
/** Elements whose values have a length of their AI, whatever their checks say of them. */
const element = fc.constantFrom(...allAis()).chain(({ ai, minLength, maxLength, components }) =>
  fc
    .string({
      unit: components.every(({ set }) => set === 'N') ? fc.constantFrom(...'0123456789') : letters,
      minLength: Math.max(1, minLength),
      maxLength,
    })
    .map((value): Gs1Element => ({ ai, value })),
);
const elements = fc.array(element, { minLength: 1, maxLength: 12 });

const plain = (all: readonly Gs1Element[]) => all.map(({ ai, value }) => [ai, value]);

describe('elements', () => {
  test('come back from an element string and from brackets as they went in', () => {
    fc.assert(
      fc.property(elements, (all) => {
        const scanned = cutElementString(toElementString(all), 0);
        expect(scanned.errors).toEqual([]);
        expect(plain(scanned.elements)).toEqual(plain(all));
        // A backslash is in no character set, so it can only be an escape.
        const typed = cutBracketed(toBracketed(scanned.elements));
        expect(typed.errors).toEqual([]);
        expect(toElementString(typed.elements)).toBe(toElementString(all));
      }),
      { numRuns: 500 },
    );
  });

  test('come back from their canonical link, with the link', () => {
    const value = fc.string({ unit: letters, minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(value, value, value, (lot, serial, internal) => {
        const text = toElementString([
          { ai: '01', value: '09501101530126' },
          { ai: '10', value: lot },
          { ai: '21', value: serial },
          { ai: '99', value: internal },
        ]);
        const scanned = parseStrict({ text, aim: ']d2' });
        const link = scanned.ok ? linkOf(scanned.value) : null;
        const read = parseStrict({ text: link ?? '', form: 'link' });
        expect(scanned.ok && read.ok && plain(read.value.elements)).toEqual(
          scanned.ok && plain(scanned.value.elements),
        );
        expect(read.ok && linkOf(read.value)).toBe(link);
      }),
      { numRuns: 300 },
    );
  });
});

test('every AI of one prefix has one length, so data can be cut without guessing', () => {
  const lengths = new Map<string, Set<number>>();
  for (const { ai } of allAis()) {
    const prefix = ai.slice(0, 2);
    lengths.set(prefix, (lengths.get(prefix) ?? new Set()).add(ai.length));
  }
  expect([...lengths.values()].every(({ size }) => size === 1)).toBe(true);
});
