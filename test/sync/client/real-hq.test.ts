import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { EvaluationId, MemberId, StaffId, StoreId } from '../../../agent/contract/index.ts';
import { createSnapshotPort } from '../../../agent/store/snapshot/create-snapshot-port.ts';
import { createSyncClient } from '../../../sync/client/create-sync-client.ts';
import { ALLOWANCE_DEADLINE_MS } from '../../../sync/client/ports.ts';
import { registerTill } from '../../../sync/client/register-till.ts';
import type { SyncClient } from '../../../sync/client/sync-client.ts';
import { HOME_ONLY } from '../../../sync/hq/records/members-rule.ts';
import { writeStaff } from '../../../sync/hq/records/write-chain.ts';
import { writeMembers } from '../../../sync/hq/records/write-members.ts';
import { askHq, badTls, startTestHq, type TestHq } from '../../support/hq.ts';
import { must } from '../../support/hq-database.ts';
import { testMember } from '../../support/ledger.ts';
import { openTestStore, TEST_PLACE, type TestStore } from '../../support/store.ts';
import { realTime, until } from './virtual-time.ts';

let hq: TestHq;
beforeAll(async () => {
  hq = await startTestHq();
}, 60_000);
afterAll(() => hq.close());

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const random = (bytes: number) => randomBytes(bytes);

/** Puts a member of store s1 into HQ, with one card. */
async function addMember(n: number, homeStoreId = 's1'): Promise<string> {
  const member = testMember(n, {
    tags: [],
    groups: [],
    entitlements: [],
    homeStoreId: homeStoreId as never,
  });
  await hq.deps.db.transaction((tx) =>
    writeMembers(tx, { members: [member], accounts: [], rule: HOME_ONLY, nowMs: Date.now() }),
  );
  return member.memberId;
}

/** Books points in the web shop. */
async function givePoints(memberId: string, points: number): Promise<void> {
  const answer = await askHq(hq, '/v1/online/points', {
    token: await hq.token('online'),
    headers: { 'idempotency-key': randomBytes(8).toString('hex') },
    body: { memberId, points, reason: 'test' },
  });
  expect(answer.status).toBe(200);
}

interface TillRig {
  readonly client: SyncClient;
  readonly till: TestStore;
  readonly changed: string[];
}

async function registered(tillId: string): Promise<TestStore> {
  const till = openTestStore({ place: { ...TEST_PLACE, tillId: tillId as never } });
  const registration = await registerTill({
    ticket: must(await hq.ticket(tillId, 's1')),
    incarnation: till.store.sync.incarnation,
    version: '0.0.0-test',
    random,
    ...realTime,
  });
  till.store.sync.register(must(registration));
  return till;
}

function connect(till: TestStore): TillRig {
  const snapshot = createSnapshotPort({
    dataDir: till.dataDir,
    key: till.keyStore.key ?? new Uint8Array(),
    storeId: till.store.sync.registration()?.place.store.storeId ?? '',
    store: till.store,
    clock: realTime.clock,
    random,
  });
  const changed: string[] = [];
  const client = createSyncClient({
    ...realTime,
    store: till.store.sync,
    random,
    version: '0.0.0-test',
    log: () => {},
    onApplied: (rows) => void changed.push(...rows.map(({ table, key }) => `${table}/${key}`)),
    installDocument: () => ({ ok: true, value: undefined }),
    localPoints: () => 0,
    snapshot,
  });
  open.push(async () => {
    await client.stop();
    await snapshot.close();
  });
  client.start();
  return { client, till, changed };
}

const facts = ({ client }: TillRig) => client.headquarters.facts();

describe('a till and a real headquarters', () => {
  test('register, load the first copy, follow what happens, and send what the till did', async () => {
    const memberId = await addMember(1);
    const rig = connect(await registered('till-1'));
    const { store } = rig.till;
    await until(() => facts(rig).transport === 'stream');
    expect(facts(rig)).toMatchObject({ state: 'online', snapshot: { state: 'done' } });
    expect(store.members.byId(memberId as MemberId)).toBeDefined();

    await givePoints(memberId, 120);
    await until(() => rig.changed.includes(`points/${memberId}`));
    const lots = store.points.lots(memberId as MemberId);
    expect(lots.reduce((sum, { points }) => sum + points, 0)).toBe(120);

    store.audit.append({ atMs: Date.now(), staffId: null, action: 'test', detail: {} });
    rig.client.notify();
    await until(() => facts(rig).waiting === 0);
    const audit = await hq.deps.db.query("SELECT 1 FROM audit WHERE till_id = 'till-1'");
    expect(audit.length).toBeGreaterThan(0);
  });

  test('find a member of another store, who then belongs to this store’s feed', async () => {
    const rig = connect(await registered('till-2'));
    await until(() => facts(rig).transport === 'stream');
    const stranger = await addMember(2, 's2');
    const [card = ''] = testMember(2).cards;
    const found = await rig.client.headquarters.lookup.find({ by: 'card', value: card });
    expect(found).toEqual({ ok: true, value: [stranger] });
    expect(rig.till.store.members.byId(stranger as MemberId)).toBeDefined();
    await givePoints(stranger, 5);
    await until(() => rig.changed.includes(`points/${stranger}`));
  });

  test('never reserve more points than there are, and give back what no hold stands by', async () => {
    const memberId = (await addMember(3)) as MemberId;
    await givePoints(memberId, 100);
    const rig = connect(await registered('till-3'));
    await until(() => facts(rig).transport === 'stream');
    const { allowance } = rig.client.headquarters;
    const reserve = (allowanceId: string, points: number) =>
      allowance.reserve({
        allowanceId,
        memberId,
        evaluationId: `evaluation-${allowanceId}` as EvaluationId,
        what: { kind: 'points', points },
        holdUntilMs: Date.now() + 60_000,
      });
    const answers = await Promise.all([reserve('a-1', 60), reserve('a-2', 60)]);
    // A busy machine may miss the deadline; then it is refused and given back.
    expect(answers.filter(({ ok }) => ok).length, `${ALLOWANCE_DEADLINE_MS} ms`).toBeLessThan(2);
    for (const answer of answers) if (answer.ok) allowance.release(answer.value.allowanceId);
    const openRows = () =>
      hq.deps.db.query("SELECT 1 FROM allowances WHERE till_id = 'till-3' AND state = 'open'");
    await until(() => facts(rig).waiting === 0);
    expect(await openRows()).toEqual([]);
  });

  test('a revoked till stops within a heartbeat or two; one that registers anew goes on', async () => {
    const till = await registered('till-4');
    const rig = connect(till);
    await until(() => facts(rig).transport === 'stream');
    const revoked = await askHq(hq, '/v1/admin/tills/till-4/revoke', {
      token: await hq.token(),
      body: { reason: 'test' },
    });
    expect(revoked.status).toBe(200);
    await until(() => facts(rig).state === 'stopped');
    expect(facts(rig).stopped).toBe('till-revoked');
    await open.pop()?.();
    const again = await registerTill({
      ticket: must(await hq.ticket('till-4', 's1')),
      incarnation: till.store.sync.incarnation,
      version: '0.0.0-test',
      random,
      ...realTime,
    });
    till.store.sync.register(must(again));
    const later = connect(till);
    await until(() => facts(later).state === 'online');
  });

  test('a till that moves to another store has what that store has and nothing of the one it left', async () => {
    const staff = (staffId: string, storeId: string) => ({
      staffId: staffId as StaffId,
      name: staffId,
      role: 'cashier' as const,
      active: true,
      pinHash: '$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$aGFzaA',
      storeIds: [storeId as StoreId],
    });
    await hq.deps.db.transaction((tx) =>
      writeStaff(tx, [staff('old-hand', 's1'), staff('colleague', 's2')]),
    );
    const there = await addMember(61, 's2');
    const till = await registered('till-6');
    const rig = connect(till);
    await until(() => facts(rig).transport === 'stream');
    // Rows of the store that is left are newer than everything that the other one has.
    const here = await addMember(62, 's1');
    await until(() => rig.changed.includes(`member/${here}`));
    expect(till.store.staff.byId('old-hand' as StaffId)).toBeDefined();
    await open.pop()?.();

    const moved = await registerTill({
      ticket: must(await hq.ticket('till-6', 's2')),
      incarnation: till.store.sync.incarnation,
      version: '0.0.0-test',
      random,
      ...realTime,
    });
    till.store.sync.register(must(moved));
    till.reopen();
    const later = connect(till);
    await until(() => facts(later).transport === 'stream');
    const { staff: people, members } = till.store;
    expect(people.list().map(({ staffId }) => staffId)).toEqual(['colleague']);
    expect(members.byId(there as MemberId)).toBeDefined();
    expect(members.byId(here as MemberId)).toBeUndefined();
  });

  test('a code that is wrong or was used, and a certificate that is not pinned, register nobody', async () => {
    const till = openTestStore();
    const options = {
      incarnation: till.store.sync.incarnation,
      version: '0.0.0-test',
      random,
      ...realTime,
    };
    const ticket = must(await hq.ticket('till-5', 's1'));
    const other = await badTls('foreign-authority');
    expect(await registerTill({ ...options, ticket: { ...ticket, ca: other.ca } })).toMatchObject({
      error: { code: 'certificate-untrusted' },
    });
    const wrong = { ...ticket, code: '0000-0000-0000-0000' };
    expect(await registerTill({ ...options, ticket: wrong })).toMatchObject({
      error: { code: 'code-wrong' },
    });
    const first = must(await registerTill({ ...options, ticket }));
    expect(first.place.store.storeId).toBe('s1');
    // The answer was lost: the same key gets it again; another key does not.
    expect(await registerTill({ ...options, ticket, privateKey: first.privateKey })).toMatchObject({
      ok: true,
      value: { place: first.place },
    });
    expect(await registerTill({ ...options, ticket })).toMatchObject({
      error: { code: 'code-used' },
    });
  });
});
