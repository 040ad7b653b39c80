import { createHash, randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { Till } from '../../../agent/app/till.ts';
import { type EvaluationId, type MemberId, POLICY_SCHEMA } from '../../../agent/contract/index.ts';
import { defaultPolicy } from '../../../agent/domain/auth-policy/default-policy.ts';
import type { TillConfig } from '../../../agent/main/config.ts';
import {
  connectHeadquarters,
  type HeadquartersLink,
} from '../../../agent/main/connect-headquarters.ts';
import { systemClock, waitedTimers } from '../../../agent/main/system.ts';
import type { Store } from '../../../agent/store/store.ts';
import type { FeedRow } from '../../../sync/protocol/feed.ts';
import { signDocument } from '../../../sync/protocol/signed-document.ts';
import { memberRow } from '../../support/fed-rows.ts';
import { testLot } from '../../support/ledger.ts';
import { openTestStore, TEST_PLACE } from '../../support/store.ts';
import { emptySnapshot } from '../../sync/client/client-rig.ts';
import { origin } from '../../sync/client/memory-store.ts';
import { startScriptedHq } from '../../sync/client/scripted-hq.ts';
import { until } from '../../sync/client/virtual-time.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A till that notes what it is told. */
function notingTill(reloadRules: () => void = () => {}) {
  const told: { readonly what: string; readonly value?: unknown }[] = [];
  let askedIdle = 0;
  const till = {
    applied: (value: unknown) => void told.push({ what: 'applied', value }),
    joined: (value: unknown) => void told.push({ what: 'joined', value }),
    headquartersChanged: () => void told.push({ what: 'facts' }),
    reloadRules() {
      told.push({ what: 'rules' });
      reloadRules();
    },
    isIdle() {
      askedIdle += 1;
      return true;
    },
  } as unknown as Till;
  return { till, told, askedIdle: () => askedIdle };
}

function linkOf(
  store: Store,
  till: Till,
  logs: string[] = [],
  config: Partial<TillConfig> = {},
): HeadquartersLink {
  return connectHeadquarters({
    store,
    config: { trustedKeys: [], ...config } as unknown as TillConfig,
    clock: systemClock,
    timers: waitedTimers,
    random: randomBytes,
    version: '0.0.0-test',
    log: (_level, message) => void logs.push(message),
    snapshot: emptySnapshot(store.sync as never),
    place: () => TEST_PLACE,
    till: () => till,
  });
}

/** A registered till at the start of the feed, and a headquarters that answers by the protocol. */
async function connected(reloadRules?: () => void) {
  const hq = await startScriptedHq();
  const { store } = openTestStore();
  store.sync.register(hq.registration());
  store.sync.apply([], origin(hq.timeline));
  const noting = notingTill(reloadRules);
  const logs: string[] = [];
  const link = linkOf(store, noting.till, logs);
  open.push(
    () => hq.close(),
    () => link.stop(),
  );
  link.start();
  await until(() => link.headquarters.facts().transport === 'stream');
  return { hq, store, link, logs, ...noting };
}

type Hq = Awaited<ReturnType<typeof connected>>['hq'];

/** Publishes a policy, of this headquarters' key unless another key id is named. */
function publishPolicy(hq: Hq, version: number, keyId = hq.signing.keyId): void {
  const payload = { ...defaultPolicy, version };
  const document = signDocument(POLICY_SCHEMA, payload, keyId, hq.signing.privateKey);
  const bytes = JSON.stringify(document);
  hq.on(`/v1/documents/policy/${version}`, (_, reply) =>
    reply.send(200, 'application/json', bytes),
  );
  const sizeBytes = Buffer.byteLength(bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const row: FeedRow = [
    'document',
    'policy',
    version,
    JSON.stringify({ kind: 'policy', version, sizeBytes, sha256 }),
  ];
  hq.publish([row]);
}

test('a till hears of what came down, of who joined, and of the connection; sync asks whether it is selling', async () => {
  const { hq, store, told, askedIdle, link } = await connected();
  hq.publish([memberRow(1, 1)]);
  const hears = (what: string) => told.some((one) => one.what === what);
  await until(() => hears('applied') && hears('facts'));
  expect(told.find(({ what }) => what === 'applied')?.value).toEqual([
    { table: 'member', key: 'm-1' },
  ]);
  expect(askedIdle()).toBeGreaterThan(0);
  const joined = [{ provisionalId: 'join-1', memberId: 'm-7' }];
  hq.on('/v1/uploads', (_, reply) => {
    hq.received = { ...hq.received, outboxNo: 1 };
    reply.json({ receipt: hq.receipt({ incarnation: store.incarnation }), joined });
  });
  store.audit.append({ atMs: 1, staffId: null, action: 'looked', detail: {} });
  link.notify();
  await until(() => hears('joined'));
  expect(told.find(({ what }) => what === 'joined')?.value).toEqual(joined);
  expect(store.sync.waiting().count).toBe(0);
});

test('a document that comes down is in force at once, also where the rules cannot be loaded anew', async () => {
  const { hq, store, told, logs } = await connected(() => {
    throw new Error('broken invariant: made up');
  });
  publishPolicy(hq, 2);
  await until(() => logs.includes('the rules were not loaded anew'));
  expect(told.filter(({ what }) => what === 'rules')).toHaveLength(1);
  expect(store.documents.current('policy')?.version).toBe(2);
});

test('a document that the till refuses is a trouble that a person sees, and the one in force stays', async () => {
  const { hq, store, told, link } = await connected();
  publishPolicy(hq, 2, 'ed25519:0123456789abcdef');
  await until(() => (link.headquarters.facts().troubles ?? []).length > 0);
  expect(link.headquarters.facts().troubles).toMatchObject([{ code: 'document-refused' }]);
  expect(store.documents.current('policy')).toBeUndefined();
  expect(told.filter(({ what }) => what === 'rules')).toEqual([]);
});

test('coupons and points are shown as this till knows them', async () => {
  const { store, link } = await connected();
  const { allowance } = link.headquarters;
  store.points.upsertLots([testLot('a', 'm-1', 30)]);
  store.coupons.reserve('coupon-1', 'e-1' as EvaluationId);
  expect(allowance.availablePoints('m-1' as MemberId)).toBe(30);
  expect([allowance.couponState('coupon-1'), allowance.couponState('coupon-2')]).toEqual([
    'reserved',
    'free',
  ]);
});

test('a till that is not registered has no headquarters and asks nobody', async () => {
  const { store } = openTestStore();
  const link = linkOf(store, notingTill().till);
  link.start();
  link.notify();
  expect(link.headquarters.state().state).toBe('not-configured');
  await link.stop();
});
