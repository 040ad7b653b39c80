import { describe, expect, test } from 'vitest';
import { PROVISIONAL_PREFIX } from '../../../agent/app/join.ts';
import { CANDIDATES_MAX, type JoinRequest, type MemberId } from '../../../agent/contract/index.ts';
import {
  basket,
  CASHIER,
  commitOf,
  failed,
  hold,
  member,
  openTill,
  PIN,
  POS,
  RICE,
  type Rig,
  SCREEN,
  TEA,
  value,
} from './rig.ts';

const SETTING = {
  consentVersion: 'v3',
  consentText: { 'zh-CN': '我同意……', en: 'I agree ...' },
  tier: 'silver',
};

/** A till to which headquarters has sent what a shopper agrees to. */
function openForJoining(): Rig {
  const rig = openTill();
  rig.store.sync.apply([['setting', 'join', 1, JSON.stringify(SETTING)]]);
  return rig;
}

const wish = (more: Partial<JoinRequest> = {}): JoinRequest => ({
  phone: '13600006666',
  name: '赵六',
  consentVersion: 'v3',
  consentChannel: 'spoken',
  staffId: CASHIER as never,
  ...more,
});

const joins = (rig: Rig) =>
  rig.store.sync.nextUpload(200, 1_000_000).filter(({ kind }) => kind === 'join');

describe('joining at the till', () => {
  test('makes a member of this basket at once, and queues the consent for headquarters in the same transaction', async () => {
    const rig = openForJoining();
    const reply = value(await rig.till.join(POS, wish({ basketId: 'b1' as never })));
    expect(reply).toMatchObject({
      joined: true,
      identification: { outcome: 'identified', basketId: 'b1', member: { tier: 'silver' } },
    });
    expect(reply.memberId?.startsWith(PROVISIONAL_PREFIX)).toBe(true);
    expect(joins(rig)).toMatchObject([
      {
        kind: 'join',
        join: {
          provisionalId: reply.memberId,
          phone: '13600006666',
          name: '赵六',
          consentVersion: 'v3',
          consentChannel: 'spoken',
          staffId: CASHIER,
        },
      },
    ]);
    const evaluated = value(await rig.till.evaluate(POS, basket('b1', [RICE])));
    expect(evaluated.member?.memberId).toBe(reply.memberId);
    await hold(rig, evaluated);
    expect(value(await rig.till.commit(POS, commitOf(evaluated))).pointsEarned).toBe(50);
  });

  test('a phone that a member has already answers that member, and nobody joins twice', async () => {
    const rig = openForJoining();
    rig.store.members.upsert([member('cleo', { phone: '13600006666' })]);
    const reply = value(await rig.till.join(POS, wish({ phone: '+8613600006666' })));
    expect(reply).toMatchObject({ joined: false, memberId: 'cleo' });
    expect(joins(rig)).toEqual([]);
  });

  test('the same phone twice is one member', async () => {
    const rig = openForJoining();
    const first = value(await rig.till.join(POS, wish()));
    const second = value(await rig.till.join(POS, wish({ phone: '+8613600006666' })));
    expect(second).toMatchObject({ joined: false, memberId: first.memberId });
    expect(joins(rig)).toHaveLength(1);
  });

  test('a number that ends like a longer one is another member', async () => {
    const rig = openForJoining();
    rig.store.members.upsert([member('cleo', { phone: '13600006666' })]);
    expect(value(await rig.till.join(POS, wish({ phone: '00006666' }))).joined).toBe(true);
  });

  test('without a consent text of headquarters nobody joins', async () => {
    const rig = openTill();
    expect(failed(await rig.till.join(POS, wish())).code).toBe('join-closed');
    expect(failed(await rig.till.joinConsent()).code).toBe('join-closed');
  });

  test('consent to an older text is refused and names the one in force', async () => {
    const rig = openForJoining();
    expect(failed(await rig.till.join(POS, wish({ consentVersion: 'v2' })))).toEqual({
      code: 'consent-outdated',
      field: 'consentVersion',
      data: { consentVersion: 'v3' },
    });
    expect(value(await rig.till.joinConsent())).toEqual({
      consentVersion: 'v3',
      consentText: SETTING.consentText,
    });
  });

  test('too short a number is no phone', async () => {
    const rig = openForJoining();
    expect(failed(await rig.till.join(POS, wish({ phone: '123456' })))).toMatchObject({
      code: 'invalid-input',
      field: 'phone',
    });
  });

  test('needs a member of staff who answers for the consent', async () => {
    const rig = openForJoining();
    const { staffId: _nobody, ...request } = wish();
    expect(failed(await rig.till.join(POS, request)).code).toBe('staff-required');
    expect(failed(await rig.till.join(SCREEN, request)).code).toBe('staff-required');
  });

  test('a number is kept as all others are, however it was typed', async () => {
    const rig = openForJoining();
    value(await rig.till.join(POS, wish({ phone: '+8613600006666' })));
    expect(joins(rig)).toMatchObject([{ join: { phone: '13600006666' } }]);
  });

  test('a locked screen takes nobody in', async () => {
    const rig = openForJoining();
    value(await rig.till.signIn(CASHIER, PIN));
    value(await rig.till.lock());
    expect(failed(await rig.till.join(SCREEN, wish())).code).toBe('screen-locked');
    expect(joins(rig)).toEqual([]);
  });

  test('a consent that the disk does not take makes no member', async () => {
    const rig = openTill({
      wrapStore: (store) => ({
        ...store,
        outbox: {
          ...store.outbox,
          append() {
            throw Object.assign(new Error('full'), { name: 'StorageError', code: 'storage-full' });
          },
        },
      }),
    });
    rig.store.sync.apply([['setting', 'join', 1, JSON.stringify(SETTING)]]);
    const before = rig.store.members.count();
    expect(failed(await rig.till.join(POS, wish())).code).toBe('storage-full');
    expect(rig.store.members.count()).toBe(before);
  });

  test('whoever joins belongs to this store, and is found though many numbers end like theirs', async () => {
    const rig = openForJoining();
    const others = Array.from({ length: CANDIDATES_MAX }, (_, n) =>
      member(`a-${n}`, { phone: `1${n}500006666` }),
    );
    rig.store.members.upsert(others);
    const reply = value(await rig.till.join(POS, wish({ phone: '00006666' })));
    expect(reply).toMatchObject({ joined: true, identification: { outcome: 'identified' } });
    expect(rig.store.members.byId(reply.memberId as MemberId)).toMatchObject({
      homeStoreId: 'store-1',
      phone: '00006666',
    });
  });

  test('a basket that waits for payment takes nobody in', async () => {
    const rig = openForJoining();
    const reply = value(await rig.till.evaluate(POS, basket('b1', [TEA])));
    await hold(rig, reply);
    const refused = failed(await rig.till.join(POS, wish({ basketId: 'b1' as never })));
    expect(refused.code).toBe('basket-held');
    expect(joins(rig)).toEqual([]);
  });

  test('a name that was not given is not invented for headquarters', async () => {
    const rig = openForJoining();
    const { name: _none, ...request } = wish();
    value(await rig.till.join(POS, request));
    expect(joins(rig)[0]).not.toHaveProperty('join.name');
  });
});
