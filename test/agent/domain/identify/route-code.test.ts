import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCAN_TEXT_MAX } from '../../../../agent/contract/identification.ts';
import {
  hasLuhnCheckDigit,
  hasMod10CheckDigit,
} from '../../../../agent/domain/identify/check-digit.ts';
import { type CodeInput, routeCode } from '../../../../agent/domain/identify/route-code.ts';
import {
  cardsHiddenByPayments,
  defaultCodeRouteConfig,
} from '../../../../agent/domain/identify/route-config.ts';
import { sharedPath, testWithShared } from '../../../support/shared.ts';
import { voucherOf } from '../../../support/vouchers.ts';

const GSRN = '401234523435439653';
const gsrnMember = { class: 'member', member: { scheme: 'gsrn', number: GSRN } };
const unreadable = { class: 'unknown', code: 'unreadable-gs1' };
const unrecognised = { class: 'unknown', code: 'unrecognised' };

const routed = (text: string, aim?: string) => routeCode({ text, aim });

describe('member codes', () => {
  test.each([']C1', ']e0', ']d2', ']Q3', ']J1'])('%s with AI 8018 is the member', (aim) => {
    expect(routed(`8018${GSRN}`, aim)).toEqual(gsrnMember);
    expect(routed(`${aim}8018${GSRN}`)).toEqual(gsrnMember);
  });

  test.each([
    [
      `8018${GSRN}\u001d80197`,
      { ...gsrnMember, member: { ...gsrnMember.member, serviceInstance: '7' } },
    ],
    [`8018${GSRN}\u001d`, gsrnMember],
    [`8018${GSRN}\u001d8018${GSRN}`, gsrnMember],
    [`8018${GSRN}0`, unreadable],
    [`8018401234523435439654`, unreadable],
    [`8018${GSRN}\u001d8018401234582459151026`, unreadable],
    [`8018${GSRN}\u001d17271231`, unreadable],
    [`8018${GSRN}\u001d99X`, unreadable],
    [`\u001d8018${GSRN}`, unreadable],
  ])('AI data %j is %j', (text, expected) => {
    expect(routed(text, ']Q3')).toEqual(expected);
  });

  test('a service provider (AI 8017) never passes for a member, alone or beside one', () => {
    expect(routed(`8017${GSRN}`, ']C1')).toEqual(unrecognised);
    expect(routed(`8017${GSRN}\u001d8018401234582459151026`, ']C1')).toEqual(unreadable);
    expect(routed(`(8017)${GSRN}`)).toEqual(unrecognised);
    expect(routed(`https://id.example.com/8017/${GSRN}`)).toEqual(unrecognised);
  });

  test('AIs are never guessed in data that only begins like them', () => {
    for (const aim of [']C0', ']A0', ']Q1', ']Q0', undefined])
      expect(routed(`8018${GSRN}`, aim)).toEqual(unrecognised);
  });

  test.each([
    `https://id.example.com/8018/${GSRN}`,
    `http://id.example.com:8080/loyalty/eu/8018/${GSRN}?linkType=gs1:pip#top`,
    `HTTPS://ID.EXAMPLE.COM/8018/${GSRN}`,
  ])('the Digital Link %s is the member, scanned or typed', (link) => {
    for (const aim of [']Q1', ']d1', undefined]) expect(routed(link, aim)).toEqual(gsrnMember);
    expect(routed(link, ']C0')).toEqual(unrecognised);
  });

  test.each([
    `https://id.example.com/8018/${GSRN}/more`,
    `https://id.example.com/8018/${GSRN}/`,
    `https://id.example.com/8018/${GSRN.slice(1)}`,
    `https://id.example.com/8018/401234523435439654`,
    `https://id.example.com/8018/${GSRN}?17=271231`,
    `https://user@id.example.com/8018/${GSRN}`,
    `Https://id.example.com/8018/${GSRN}`,
    `https://id.example.com/?u=/8018/${GSRN}`,
    `ftp://id.example.com/8018/${GSRN}`,
  ])('%s is nobody', (link) => {
    expect(routed(link).class).toBe('unknown');
  });

  test('the bracketed form may be typed, also in full width by a Chinese input method', () => {
    expect(routed(`(8018)${GSRN}`)).toEqual(gsrnMember);
    expect(routed('（８０１８）４０１２３４５２３４３５４３９６５３')).toEqual(gsrnMember);
    expect(routed(`(8018)${GSRN}(8019)7`)).toMatchObject({ member: { serviceInstance: '7' } });
    expect(routed('(8018)12')).toEqual(unreadable);
    expect(routed('(8018')).toEqual(unrecognised);
  });

  test('cards of the chain are told by prefix, length and check digit', () => {
    expect(routed('2900000000018', ']E0')).toEqual({
      class: 'member',
      member: { scheme: 'card', number: '2900000000018' },
    });
    expect(routed('880000000013')).toEqual({
      class: 'member',
      member: { scheme: 'card', number: '880000000013' },
    });
    expect(routed('880000000014').class).not.toBe('member');
    const config = {
      ...defaultCodeRouteConfig,
      cards: [
        { prefix: 'M', length: 6, check: 'none' as const },
        { prefix: '7', length: 6, check: 'none' as const },
      ],
    };
    expect(routeCode({ text: '712345' }, config)).toMatchObject({ class: 'member' });
    expect(routeCode({ text: 'M12345' }, config)).toEqual(unrecognised);
  });
});

describe('payment codes', () => {
  test.each([
    ['134512345678901234', 'wechat'],
    ['101234567890123456', 'wechat'],
    ['2812345678901234', 'alipay'],
    ['301234567890123456789012', 'alipay'],
    ['6212345678901234567', 'unionpay'],
    ['0112345678901234567', 'e-cny'],
  ])(
    '%s is a payment by %s, from any reader, and its digits are not in the answer',
    (text, wallet) => {
      for (const aim of [undefined, ']Q1', ']C0', ']C1', ']X9']) {
        const answer = routed(text, aim);
        expect(answer).toEqual({ class: 'payment', wallet });
        expect(JSON.stringify(answer)).not.toContain(text.slice(0, 6));
      }
    },
  );

  test('a GS1 member number of 18 digits is no payment code where its symbology says so', () => {
    expect(routed(`8018101234567890123459`, ']C1')).toMatchObject({
      class: 'member',
      member: { number: '101234567890123459' },
    });
    expect(routed('101234567890123459')).toMatchObject({ class: 'payment' });
  });

  test('AI data that cannot be read and could be a payment code is kept back as one', () => {
    expect(routed('255950110153461585568', ']C1')).toEqual({ class: 'payment', wallet: 'alipay' });
  });

  test('right AI data of another kind is no payment code, though a document number (AI 253) has the digits of one', () => {
    for (const document of ['2539501101530003', '253950110153000312345'])
      for (const aim of [']C1', ']d2', ']Q3', ']J1'])
        expect(routed(document, aim)).toEqual(unrecognised);
    // A wrong check digit, and a symbology that says nothing: then the digits are kept back.
    expect(routed('2539501101530004', ']C1')).toEqual({ class: 'payment', wallet: 'alipay' });
    for (const aim of [undefined, ']C0', ']Q1'])
      expect(routed('2539501101530003', aim)).toEqual({ class: 'payment', wallet: 'alipay' });
  });

  test('one digit more or less, or another prefix, is none', () => {
    for (const text of [
      '13451234567890123',
      '1345123456789012345',
      '164512345678901234',
      '281234567890123',
      '3112345678901234',
      '62123456789012345678',
    ]) {
      expect(routed(text).class, text).not.toBe('payment');
    }
  });

  test('a card pattern that payment codes hide is found before it is installed', () => {
    expect(cardsHiddenByPayments(defaultCodeRouteConfig)).toEqual([]);
    const hidden = { prefix: '2', length: 16, check: 'none' as const };
    expect(cardsHiddenByPayments({ ...defaultCodeRouteConfig, cards: [hidden] })).toEqual([hidden]);
    expect(
      routeCode({ text: '2812345678901234' }, { ...defaultCodeRouteConfig, cards: [hidden] }),
    ).toMatchObject({ class: 'payment' });
  });
});

describe('coupons and articles', () => {
  test.each([
    ['CP-SPRING10', undefined, { class: 'coupon', code: 'CP-SPRING10' }],
    ['255950110153461285568', ']C1', { class: 'coupon', code: '9501101534612', serial: '85568' }],
    ['2559501101532656\u001d17271211', ']C1', { class: 'coupon', code: '9501101532656' }],
    [
      'https://example.org/255/950110153746047807',
      ']Q1',
      { class: 'coupon', code: '9501101537460', serial: '47807' },
    ],
    ['25595011015346158556812345', ']C1', unreadable],
    ['2559501101532656\u001d0106901234567892', ']C1', unreadable],
    ['CP-', undefined, unrecognised],
  ])('%s from %s', (text, aim, expected) => {
    expect(routed(text, aim)).toEqual(expected);
  });

  test.each([
    ['6901234567892', ']E0', '06901234567892'],
    ['6901234567892', undefined, '06901234567892'],
    ['0012345678905', ']E0', '00012345678905'],
    ['012345678905', undefined, '00012345678905'],
    ['96385074', ']E4', '00000096385074'],
    ['16901234567899', ']I1', '16901234567899'],
    ['690123456789212345', ']E3', '06901234567892'],
    ['0106901234567892', ']C1', '06901234567892'],
    ['0106901234567892\u001d17271231', ']C1', '06901234567892'],
    ['01069012345678929912', ']d2', '06901234567892'],
    ['https://example.org/01/6901234567892/10/ABC', ']Q1', '06901234567892'],
    ['(01)06901234567892', undefined, '06901234567892'],
  ])('%s from %s is the article %s', (text, aim, gtin) => {
    expect(routed(text, aim)).toEqual({ class: 'article', gtin });
  });

  test.each([
    ['0212345012345', '00212345012345'],
    ['2012345012349', '02012345012349'],
    ['2212345098767', '02212345098767'],
    ['2812345012345', '02812345012345'],
  ])(
    "%s, a label of the shop's own scale, is an article with its weight or price still inside",
    (text, gtin) => {
      for (const aim of [']E0', ']C0', undefined])
        expect(routed(text, aim)).toEqual({ class: 'article', gtin });
    },
  );

  test('a wrong check digit is no article', () => {
    for (const [text, aim] of [
      ['6901234567893', ']E0'],
      ['0106901234567893', ']C1'],
      ['96385075', undefined],
    ] as const) {
      expect(routed(text, aim).class).toBe('unknown');
    }
  });
});

describe('anything else', () => {
  test('empty, over-long and plain text are told apart', () => {
    expect(routed('  ')).toEqual({ class: 'unknown', code: 'empty' });
    expect(routed(']C1')).toEqual({ class: 'unknown', code: 'empty' });
    expect(routed('x'.repeat(SCAN_TEXT_MAX))).toEqual(unrecognised);
    expect(routed('x'.repeat(SCAN_TEXT_MAX + 1))).toEqual({ class: 'unknown', code: 'over-long' });
    expect(routed('13800138000')).toEqual(unrecognised);
  });

  test('no text makes it throw, and no member comes of text without a valid number', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.string({ unit: fc.constantFrom(...'0123456789()', '\u001d'), maxLength: 60 }),
      fc
        .tuple(
          fc.constantFrom('8018', '(8018)', '255', '01', 'https://a/8018/', '\u001d'),
          fc.string({ unit: fc.constantFrom(...'0123456789/?=&', '\u001d'), maxLength: 40 }),
        )
        .map((parts) => parts.join('')),
    );
    const aims = fc.option(fc.constantFrom(']C1', ']Q3', ']Q1', ']E0', ']E3', ']C0', ']??', ''), {
      nil: undefined,
    });
    fc.assert(
      fc.property(texts, aims, (text, aim) => {
        const input: CodeInput = { text, aim };
        const answer = routeCode(input);
        if (answer.class === 'member' && answer.member.scheme === 'gsrn') {
          expect(answer.member.number).toMatch(/^\d{18}$/);
          expect(hasMod10CheckDigit(answer.member.number)).toBe(true);
        }
        if (answer.class === 'article') expect(hasMod10CheckDigit(answer.gtin)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('no digits that fit a wallet get another class without a symbology that says so', () => {
    const digits = fc
      .tuple(fc.constantFrom('10', '15', '25', '30'), fc.stringMatching(/^\d{16}$/))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        digits,
        fc.constantFrom(undefined, ']Q1', ']C0', ']E0'),
        (text, aim) => routed(text, aim).class === 'payment',
      ),
    );
  });
});

describe('check digits', () => {
  test('one changed digit is always noticed', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\d{2,24}$/),
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        (digits, at, by) => {
          const position = at % digits.length;
          const changed =
            digits.slice(0, position) +
            ((Number(digits[position]) + by) % 10) +
            digits.slice(position + 1);
          for (const check of [hasMod10CheckDigit, hasLuhnCheckDigit]) {
            if (check(digits)) expect(check(changed)).toBe(false);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('known numbers pass', () => {
    expect(hasMod10CheckDigit('4006381333931')).toBe(true);
    expect(hasLuhnCheckDigit('79927398713')).toBe(true);
  });
});

type Gs1Case = {
  id: string;
  kind: string;
  input: string;
  valid: boolean;
  ais?: [string, string][];
};

testWithShared('data/gs1/cases.json')(
  'agrees with the reference engine on every member and coupon code of shared data/gs1',
  () => {
    const cases = JSON.parse(readFileSync(sharedPath('data/gs1/cases.json'), 'utf8')) as Gs1Case[];
    let members = 0;
    for (const { id, kind, input, valid, ais = [] } of cases) {
      const answer = routed(input);
      const gsrn = ais.find(([ai]) => ai === '8018')?.[1];
      // A link in a scan case needs its symbology; the bare ones are kinds of their own.
      if (valid && gsrn !== undefined) {
        expect(answer, `${id} ${kind} ${input}`).toMatchObject({
          class: 'member',
          member: { number: gsrn },
        });
        members += 1;
      } else {
        expect(
          answer.class === 'member' && answer.member.scheme === 'gsrn',
          `${id} ${kind} ${input}`,
        ).toBe(false);
      }
      const coupon = ais.find(([ai]) => ai === '255')?.[1];
      if (valid && coupon !== undefined)
        expect(answer, `${id} ${kind} ${input}`).toMatchObject({
          class: 'coupon',
          code: coupon.slice(0, 13),
        });
    }
    expect(members).toBeGreaterThan(30);
  },
);

describe('coupons of GS1 and of partners', () => {
  const GCN = '4006381333931';
  const known = (gcn: string) => gcn === GCN;
  const withRule = (text: string, aim?: string) =>
    routeCode({ text, aim }, defaultCodeRouteConfig, known);

  test.each([
    [`255${GCN}77`, ']C1'],
    [`(255)${GCN}77`, undefined],
    [`https://id.example.com/255/${GCN}77`, ']Q1'],
  ])('%s is a coupon, whatever the rules', (text, aim) => {
    expect(routed(text, aim)).toEqual({ class: 'coupon', code: GCN, serial: '77' });
  });

  test('a number typed with its AI may be a payment code, so it is a coupon only where a rule asks for it', () => {
    for (const serial of ['', '77', '12345678', '123456789012']) {
      const text = `255${GCN}${serial}`;
      expect(withRule(text)).toMatchObject({ class: 'coupon', code: GCN });
      expect(routed(text).class).toBe(text.length <= 24 ? 'payment' : 'unknown');
    }
    expect(withRule('255400638133393277')).toEqual({ class: 'payment', wallet: 'alipay' });
    expect(withRule(GCN)).toMatchObject({ class: 'article' });
  });

  test('a voucher is a coupon by its form alone; what only begins like one is not', () => {
    const text = voucherOf();
    expect(routed(text, ']Q1')).toEqual({ class: 'coupon', code: text });
    expect(routed(text.slice(0, -1), ']Q1')).toEqual(unrecognised);
    expect(routed('TV1~281234567890123456', ']Q1')).toEqual(unrecognised);
  });
});
