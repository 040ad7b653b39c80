import { describe, expect, test } from 'vitest';
import type { BasketId, MemberId, StaffId } from '../../../agent/contract/index.ts';
import type { FeedRow } from '../../../sync/protocol/feed.ts';
import {
  ANNA,
  BO,
  basket,
  CASHIER,
  commitOf,
  headquartersPort,
  hold,
  member,
  openTill,
  PIN,
  POS,
  RICE,
  type Rig,
  ringUp,
  value,
} from './rig.ts';

let version = 1_000;
const next = (): number => {
  version += 1;
  return version;
};

const memberRow = (id: string, more: Parameters<typeof member>[1] = {}): FeedRow => [
  'member',
  id,
  next(),
  JSON.stringify(member(id, more)),
];

const pointsRow = (id: string, points: number): FeedRow => [
  'points',
  id,
  next(),
  JSON.stringify({
    memberId: id,
    lots: [
      {
        lotId: `hq-${id}`,
        points,
        earnedAt: '2026-11-21T08:00:00.000Z',
        channel: 'online',
        bucket: 'base',
        source: 'online:order-1',
      },
    ],
    booked: {},
  }),
];

/** What the sync client does with a slice of a page. */
function comesDown(rig: Rig, ...rows: FeedRow[]): void {
  rig.till.applied(rig.store.sync.apply(rows).changed);
}

const told = (rig: Rig, from: number) =>
  rig
    .events()
    .filter(({ seq }) => seq > from)
    .map(({ body }) => body);

describe('what headquarters changes while a member is served', () => {
  test('reaches whoever shows them by an event that names nobody beyond the id; asked again, points and tier are new', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE]));
    rig.time.pass(1_000);
    const before = rig.store.events.head();
    comesDown(rig, pointsRow(ANNA, 777), memberRow(ANNA, { tier: 'diamond' }));
    expect(told(rig, before)).toEqual([
      { kind: 'member', memberId: ANNA, changed: ['points', 'member'], basketId: 'b1' },
    ]);
    const again = value(await rig.till.showBasket('b1'));
    expect(again.member).toMatchObject({ points: 777, tier: 'diamond' });
    expect(value(await rig.till.identification(reply.identificationId ?? ''))).toMatchObject({
      member: { points: 777, tier: 'diamond' },
    });
  });

  test('is no news about somebody who is not here', async () => {
    const rig = openTill();
    await ringUp(rig, ANNA, basket('b1', [RICE]));
    const before = rig.store.events.head();
    comesDown(rig, pointsRow(BO, 5), memberRow('far'));
    expect(told(rig, before)).toEqual([]);
  });

  test('leaves a held basket its promise: its member and figures stay until it is settled', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE]));
    await hold(rig, reply);
    comesDown(rig, memberRow(ANNA, { status: 'blocked' }));
    const shown = value(await rig.till.identification(reply.identificationId ?? ''));
    expect(shown.outcome).toBe('identified');
    expect(value(await rig.till.commit(POS, commitOf(reply))).payableMinor).toBe(5_000);
  });

  test('a membership that is blocked meanwhile ends the claim of a basket that is not held', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE]));
    comesDown(rig, memberRow(ANNA, { status: 'blocked' }));
    const shown = value(await rig.till.identification(reply.identificationId ?? ''));
    expect(shown.outcome).toBe('blocked');
    const again = value(await rig.till.evaluate(POS, basket('b1', [RICE])));
    expect(again.member).toBeUndefined();
  });

  test('a membership that is put right while its owner stands there counts again, by an event', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE]));
    comesDown(rig, memberRow(ANNA, { status: 'blocked' }));
    const before = rig.store.events.head();
    comesDown(rig, memberRow(ANNA, { status: 'active' }));
    expect(told(rig, before)).toMatchObject([
      { kind: 'identification', identification: { outcome: 'identified', basketId: 'b1' } },
      { kind: 'member', memberId: ANNA, changed: ['member'] },
    ]);
    const shown = value(await rig.till.identification(reply.identificationId ?? ''));
    expect(shown.outcome).toBe('identified');
  });

  test('a change that the disk does not let be told changes nothing that is shown', async () => {
    let full = false;
    const rig = openTill({
      wrapStore: (store) => ({
        ...store,
        events: {
          ...store.events,
          append(atMs, body) {
            if (full)
              throw Object.assign(new Error('full'), {
                name: 'StorageError',
                code: 'storage-full',
              });
            return store.events.append(atMs, body);
          },
        },
      }),
    });
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE]));
    full = true;
    comesDown(rig, memberRow(ANNA, { status: 'blocked' }));
    full = false;
    const shown = value(await rig.till.identification(reply.identificationId ?? ''));
    expect(shown.outcome).toBe('identified');
  });

  test('an account that was merged leads the identification to the member it belongs to', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE]));
    comesDown(rig, memberRow(ANNA, { status: 'merged', mergedInto: BO }));
    const shown = value(await rig.till.identification(reply.identificationId ?? ''));
    expect(shown).toMatchObject({ outcome: 'identified', member: { memberId: BO } });
    const again = value(await rig.till.evaluate(POS, basket('b1', [RICE])));
    expect(again.member?.memberId).toBe(BO);
  });

  test('a merge survives a restart with its basket', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE]));
    comesDown(rig, memberRow(ANNA, { status: 'merged', mergedInto: BO }));
    rig.restart();
    const shown = value(await rig.till.identification(reply.identificationId ?? ''));
    expect(shown).toMatchObject({ member: { memberId: BO } });
    const bound = rig.store.baskets.get('b1' as BasketId)?.identification;
    expect(bound?.evidence.map(({ memberId }) => memberId)).toEqual([BO]);
  });
});

describe('who joined here and was known at headquarters', () => {
  test('is looked up, and the identification follows', async () => {
    const rig = openTill({
      headquarters: (store) =>
        headquartersPort({
          lookup: {
            find: () => {
              store.members.upsert([member('known')]);
              return Promise.resolve({ ok: true, value: ['known' as MemberId] });
            },
          },
        }),
    });
    rig.store.members.upsert([member('join-1')]);
    const reply = await ringUp(rig, 'join-1' as MemberId, basket('b1', [RICE]));
    rig.till.joined([{ provisionalId: 'join-1' as MemberId, memberId: 'known' as MemberId }]);
    await new Promise((settle) => setImmediate(settle));
    const shown = value(await rig.till.identification(reply.identificationId ?? ''));
    expect(shown.member?.memberId).toBe('known');
  });
});

describe('who joined here', () => {
  test('and whom headquarters takes under the same id stays who they are', async () => {
    const rig = openTill();
    rig.store.members.upsert([member('join-1')]);
    rig.till.joined([{ provisionalId: 'join-1' as MemberId, memberId: 'join-1' as MemberId }]);
    await new Promise((settle) => setImmediate(settle));
    expect(rig.store.members.byId('join-1' as MemberId)).toMatchObject({ status: 'active' });
  });

  test('stays a member of this till until the one whom headquarters names is known here', async () => {
    const rig = openTill({
      headquarters: () =>
        headquartersPort({
          lookup: {
            find: () => Promise.resolve({ ok: false, error: { code: 'lookup-unreachable' } }),
          },
        }),
    });
    rig.store.members.upsert([member('join-1')]);
    rig.till.joined([{ provisionalId: 'join-1' as MemberId, memberId: 'far' as MemberId }]);
    await new Promise((settle) => setImmediate(settle));
    expect(rig.store.members.byId('join-1' as MemberId)).toMatchObject({ status: 'active' });
  });
});

test('asking who joined here that breaks is logged, and never the end of the process', async () => {
  const rig = openTill({
    headquarters: () =>
      headquartersPort({ lookup: { find: () => Promise.reject(new Error('made up')) } }),
  });
  rig.store.members.upsert([member('join-1')]);
  rig.till.joined([{ provisionalId: 'join-1' as MemberId, memberId: 'far' as MemberId }]);
  await new Promise((settle) => setImmediate(settle));
  expect(rig.logged).toContainEqual([
    'error',
    'a joined member could not be brought together',
    { error: 'Error' },
  ]);
});

describe('what headquarters itself says of somebody who joined here', () => {
  test('stays where it came while the till asked who they are', async () => {
    const rig = openTill({
      headquarters: (store) =>
        headquartersPort({
          lookup: {
            find: () => {
              const fed = { status: 'merged', mergedInto: 'known', name: 'of HQ' } as const;
              store.sync.apply([memberRow('join-1', fed as never)]);
              store.members.upsert([member('known')]);
              return Promise.resolve({ ok: true, value: ['known' as MemberId] });
            },
          },
        }),
    });
    rig.store.members.upsert([member('join-1')]);
    rig.till.joined([{ provisionalId: 'join-1' as MemberId, memberId: 'known' as MemberId }]);
    await new Promise((settle) => setImmediate(settle));
    expect(rig.store.members.byId('join-1' as MemberId)).toMatchObject({
      status: 'merged',
      name: 'of HQ',
    });
  });
});

describe('staff', () => {
  test('who is deactivated at headquarters is signed out at once', async () => {
    const rig = openTill();
    value(await rig.till.signIn(CASHIER, PIN));
    const row = {
      staffId: CASHIER as StaffId,
      name: CASHIER,
      role: 'cashier',
      active: false,
      pinHash: `plain:${PIN}-and-padding-of-a-hash`,
      storeIds: null,
    };
    comesDown(rig, ['staff', CASHIER, next(), JSON.stringify(row)]);
    expect(value(await rig.till.staffSession()).staff).toBeNull();
    expect(rig.events().at(-1)?.body).toEqual({
      kind: 'staff',
      staffId: CASHIER,
      state: 'signed-out',
    });
  });

  test('who stays active stays signed in', async () => {
    const rig = openTill();
    value(await rig.till.signIn(CASHIER, PIN));
    const row = {
      staffId: CASHIER as StaffId,
      name: 'Another name',
      role: 'cashier',
      active: true,
      pinHash: `plain:${PIN}-and-padding-of-a-hash`,
      storeIds: null,
    };
    comesDown(rig, ['staff', CASHIER, next(), JSON.stringify(row)]);
    expect(value(await rig.till.staffSession()).staff?.name).toBe('Another name');
  });
});

describe('the connection', () => {
  test('is told as an event when it goes and when it comes back, once each', () => {
    let state: 'online' | 'offline' = 'online';
    const rig = openTill({
      headquarters: () => headquartersPort({ state: () => ({ state, sinceMs: 0 }) }),
    });
    const before = rig.store.events.head();
    rig.till.headquartersChanged();
    state = 'offline';
    rig.till.headquartersChanged();
    rig.till.headquartersChanged();
    state = 'online';
    rig.till.headquartersChanged();
    expect(told(rig, before)).toEqual([
      { kind: 'till', what: 'headquarters-offline' },
      { kind: 'till', what: 'headquarters-online' },
    ]);
  });
});
