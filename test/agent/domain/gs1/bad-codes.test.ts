import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SCAN_TEXT_MAX } from '../../../../agent/contract/identification.ts';
import { allAis } from '../../../../agent/domain/gs1/ai-table.ts';
import { ELEMENTS_MAX, type Gs1Element } from '../../../../agent/domain/gs1/element.ts';
import {
  type Gs1Input,
  parseLenient,
  parseStrict,
} from '../../../../agent/domain/gs1/parse-gs1.ts';
import { hasMod10CheckDigit } from '../../../../agent/domain/identify/check-digit.ts';
import { routeCode } from '../../../../agent/domain/identify/route-code.ts';

const GS = '\u001d';
const GSRN = '401234523435439653';
const GTIN = '09501101530126';
const GCN = '9501101537460';
const AIMS = [']C1', ']e0', ']d2', ']Q3', ']J1', ']Q1', ']E0', ']E4', ']C0'];
const FORMS: readonly Gs1Input['form'][] = [undefined, 'typed', 'link', 'bracketed'];

/** Reads a text in every way and routes it: nothing may throw, and the answer is bounded. */
function readEveryWay(text: string): void {
  for (const form of FORMS) {
    const strict = parseStrict({ text, form });
    const lenient = parseLenient({ text, form });
    expect(lenient.elements.length).toBeLessThanOrEqual(ELEMENTS_MAX + 1);
    for (const { position } of lenient.errors) expect(position).toBeLessThanOrEqual(text.length);
    if (strict.ok) {
      expect(pairsOf(strict.value.elements)).toEqual(pairsOf(lenient.elements));
    } else {
      expect(strict.error.position).toBeLessThanOrEqual(text.length);
    }
  }
  const routed = routeCode({ text });
  if (routed.class === 'member' && routed.member.scheme === 'gsrn')
    expect(hasMod10CheckDigit(routed.member.number)).toBe(true);
}

function pairsOf(elements: readonly Gs1Element[]): readonly string[] {
  return elements.map(({ ai, value }) => `${ai}=${value}`);
}

const aim = fc.constantFrom('', ...AIMS);

test('codes of every length to 4 kB are read or refused, and never throw', () => {
  const tails = ['9', 'A', GS, '/10/A', '?99=', '(99)', '%41', '&', '8018', 'é', '\u{1f600}'];
  for (const tail of tails) {
    for (const start of AIMS) {
      for (let length = 1; length <= SCAN_TEXT_MAX; length = length * 2 + (length % 3)) {
        readEveryWay(start + tail.repeat(Math.ceil(length / tail.length)).slice(0, length));
        readEveryWay(`${start}https://a/01/${tail.repeat(length).slice(0, length)}`);
      }
    }
  }
});

test('of every length to 4 kB only the lengths of its AI are read', () => {
  const read = (start: string, unit: string) =>
    Array.from({ length: SCAN_TEXT_MAX + 1 }, (_, length) => length).filter((length) => {
      return parseStrict({ text: start + unit.repeat(length) }).ok;
    });
  expect(read(']C199', 'A')).toEqual(Array.from({ length: 90 }, (_, nth) => nth + 1));
  expect(read(']C18018', '0')).toEqual([18]);
  expect(read(']Q3255', '0')).toEqual(Array.from({ length: 13 }, (_, nth) => nth + 13));
  expect(read(']E0', '0')).toEqual([13]);
  // Plain text is no error at any length.
  expect(read(']Q1', '8018')).toHaveLength(SCAN_TEXT_MAX / 4 + 1);
});

test('binary data and invalid UTF-8 are read or refused, and never throw', () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  const texts = fc.oneof(
    bytes.map((data) => new TextDecoder('latin1').decode(data)),
    bytes.map((data) => new TextDecoder('utf-8').decode(data)),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );
  fc.assert(
    fc.property(aim, texts, (start, text) => readEveryWay(start + text)),
    { numRuns: 1_000 },
  );
});

test('text that looks like GS1 is read or refused, and never throws', () => {
  const piece = fc.oneof(
    fc.constantFrom(...allAis().map(({ ai }) => ai)),
    fc.constantFrom(GS, '(', ')', '/', '?', '&', '=', '%', '|]e0', 'https://a/', '#'),
    fc.stringMatching(/^\d{1,20}$/),
    fc.stringMatching(/^[!-z]{1,30}$/),
  );
  const texts = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(aim, texts, (start, text) => readEveryWay(start + text)),
    { numRuns: 2_000 },
  );
});

test('a doubled FNC1 is refused, and so is one in front', () => {
  for (const text of [
    `01${GTIN}${GS}${GS}10AB`,
    `${GS}8018${GSRN}`,
    `8018${GSRN}${GS}${GS}80197`,
  ]) {
    expect(parseStrict({ text, aim: ']C1' })).toMatchObject({ error: { code: 'unknown-ai' } });
    expect(routeCode({ text, aim: ']C1' }).class).not.toBe('member');
  }
});

test('one FNC1 too many behind a value of fixed length or at the end is passed over', () => {
  for (const text of [`01${GTIN}${GS}10AB${GS}`, `01${GTIN}${GS}`, `8018${GSRN}${GS}`])
    expect(parseStrict({ text, aim: ']C1' }).ok, text).toBe(true);
});

test('a missing FNC1 is told as a value that is too long, with its AI', () => {
  expect(parseStrict({ text: `8018${GSRN}80197`, aim: ']C1' })).toEqual({
    ok: false,
    error: { code: 'too-long', ai: '8018', position: 22 },
  });
  expect(routeCode({ text: `8018${GSRN}80197`, aim: ']C1' }).class).toBe('unknown');
});

test('a wrong check digit on 8018 and 255 is never accepted as member or coupon', () => {
  for (const [ai, right] of [
    ['8018', GSRN],
    ['255', GCN],
  ] as const) {
    for (let by = 1; by <= 9; by += 1) {
      const digits = right.slice(0, -1) + ((Number(right.at(-1)) + by) % 10);
      for (const input of [
        { text: `${ai}${digits}`, aim: ']C1' },
        { text: `]d2${ai}${digits}` },
        { text: `(${ai})${digits}` },
        { text: `https://id.example.com/${ai}/${digits}` },
        { text: `https://id.example.com/${ai}/${digits}`, aim: ']Q1' },
      ]) {
        expect(['member', 'coupon'], `${ai} ${digits}`).not.toContain(routeCode(input).class);
      }
      expect(parseStrict({ text: `${ai}${digits}`, aim: ']C1' })).toMatchObject({
        error: { code: 'wrong-check-digit', ai },
      });
    }
  }
});

test('of a Digital Link of a foreign domain the member is taken from the path, and nothing is fetched', () => {
  let fetched = 0;
  const real = globalThis.fetch;
  globalThis.fetch = () => {
    fetched += 1;
    throw new Error('a link was fetched');
  };
  try {
    for (const domain of ['evil.example', '127.0.0.1:9', '[2001:db8::1]', 'id.gs1.org', 'a.'])
      expect(routeCode({ text: `https://${domain}/x/8018/${GSRN}?u=https://b/8018/1` })).toEqual({
        class: 'member',
        member: { scheme: 'gsrn', number: GSRN },
      });
  } finally {
    globalThis.fetch = real;
  }
  expect(fetched).toBe(0);
});

test('8017 presented as a member is nobody', () => {
  for (const input of [
    { text: `8017${GSRN}`, aim: ']C1' },
    { text: `(8017)${GSRN}` },
    { text: `https://id.example.com/8017/${GSRN}` },
    { text: `8017${GSRN}${GS}80197`, aim: ']Q3' },
    { text: `8017${GSRN}${GS}8018401234582459151026`, aim: ']Q3' },
  ])
    expect(routeCode(input).class, input.text).toBe('unknown');
});
