import { describe, expect, it } from 'vitest';
import type {
  Identification,
  MemberGlance,
  StaffSession,
} from '../../../../agent/contract/index.ts';
import { EMPTY_VIEW, type Sale, type TillView } from '../../../../ui/app/cashier/till-view.ts';
import { customerEnv } from '../../../../ui/app/customer/customer-env.ts';
import { customerScene, THANKS_SHOWN_MS } from '../../../../ui/app/customer/customer-scene.ts';

const NOW = Date.parse('2026-11-21T06:30:00.000Z');
const anna = {
  memberId: 'anna',
  maskedName: '安*',
  tier: 'gold',
  points: 100,
  phoneLast4: '6688',
  birthdayToday: true,
  yearSpendMinor: 999_999,
  tags: ['buys-wine'],
} as unknown as MemberGlance;
const seen = { maskedName: '安*', tier: 'gold', points: 100 };

const named = (basketId?: string, rest: object = {}): Identification =>
  ({
    identificationId: 'i',
    outcome: 'identified',
    member: anna,
    ...(basketId === undefined ? {} : { basketId }),
    ...rest,
  }) as unknown as Identification;
const sale = (state: Sale['state'], rest: object = {}): Sale =>
  ({
    basketId: 'b1',
    evaluationId: 'e1',
    state,
    expiresAt: new Date(NOW + 60_000).toISOString(),
    ...(state === 'COMMITTED'
      ? { receipt: { at: new Date(NOW).toISOString(), pointsBalance: 150 } }
      : {}),
    ...rest,
  }) as unknown as Sale;

const working = { staff: { staffId: '101' }, locked: false } as unknown as StaffSession;
const scene = (view: Partial<TillView>, reached = true, nowMs = NOW) =>
  customerScene({ ...EMPTY_VIEW, session: working, ...view }, reached, nowMs);

describe('the customer display', () => {
  it('asks to wait while the till is not reached, nobody works at it, or it is locked', () => {
    const shown = { sale: sale('EVALUATED') };
    const locked = { ...working, locked: true };
    const nobody = { ...working, staff: null };
    for (const session of [null, locked, nobody])
      expect(scene({ ...shown, session }).kind).toBe('wait');
    expect(scene(shown, false).kind).toBe('wait');
  });

  it('welcomes when there is neither a basket nor a member', () => {
    expect(scene({}).kind).toBe('welcome');
    expect(scene({ identification: named(undefined, { outcome: 'released' }) }).kind).toBe(
      'welcome',
    );
    expect(scene({ identification: named(undefined, { outcome: 'blocked' }) }).kind).toBe(
      'welcome',
    );
  });

  it('greets a member by masked name, tier and points, and hands nothing else of them on', () => {
    expect(scene({ identification: named() })).toEqual({ kind: 'member', shopper: seen });
  });

  it('shows the basket with its member, from the first line to the payment', () => {
    for (const state of ['EVALUATED', 'HELD'] as const)
      expect(
        scene({ sale: sale(state, { member: anna }), identification: named('b1') }),
      ).toMatchObject({ kind: 'basket', shopper: seen });
    expect(scene({ sale: sale('EVALUATED') })).toMatchObject({
      kind: 'basket',
      shopper: undefined,
    });
  });

  it('names the member of a basket that is being paid, not the one identified meanwhile', () => {
    const other = { ...anna, memberId: 'bo', maskedName: '博*' };
    expect(
      scene({
        sale: sale('HELD', { member: anna }),
        identification: named(undefined, { member: other }),
      }),
    ).toMatchObject({ kind: 'basket', shopper: seen });
  });

  it('lets go of a basket when its evaluation expires, but never of one that is being paid', () => {
    const late = NOW + 60_000;
    expect(scene({ sale: sale('EVALUATED') }, true, late).kind).toBe('welcome');
    expect(scene({ sale: sale('HELD') }, true, late).kind).toBe('basket');
    for (const state of ['VOIDED', 'EXPIRED'] as const)
      expect(scene({ sale: sale(state) }).kind).toBe('welcome');
  });

  it('thanks with the balance after the sale', () => {
    expect(scene({ sale: sale('COMMITTED', { member: anna }) })).toMatchObject({
      kind: 'thanks',
      shopper: { ...seen, points: 150 },
    });
  });

  it(`thanks for ${THANKS_SHOWN_MS} ms, or until the next shopper is identified`, () => {
    const paid = { sale: sale('COMMITTED', { member: anna }) };
    expect(scene(paid, true, NOW + THANKS_SHOWN_MS - 1).kind).toBe('thanks');
    expect(scene(paid, true, NOW + THANKS_SHOWN_MS).kind).toBe('welcome');
    expect(scene({ ...paid, identification: named() }).kind).toBe('member');
  });
});

describe('the preferences of the customer display', () => {
  it('are its own: its language is not that of the cashier’s screen', () => {
    const kept = new Map<string, string>();
    const preferences = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    const env = customerEnv({ now: () => 0, newId: () => '', preferences });
    env.preferences.setItem('tillside.language', 'en');
    expect(env.preferences.getItem('tillside.language')).toBe('en');
    expect(preferences.getItem('tillside.language')).toBeNull();
  });
});
