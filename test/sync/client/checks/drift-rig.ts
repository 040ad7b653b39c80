import { randomBytes } from 'node:crypto';
import type Database from 'better-sqlite3';
import { type Member, memberSchema } from '../../../../agent/contract/index.ts';
import { adoptSnapshot } from '../../../../agent/store/snapshot/adopt-snapshot.ts';
import { createSnapshotPort } from '../../../../agent/store/snapshot/create-snapshot-port.ts';
import { createSyncClient } from '../../../../sync/client/create-sync-client.ts';
import type { SyncLog } from '../../../../sync/client/deps.ts';
import { firstSnapshot } from '../../../../sync/client/first-snapshot.ts';
import type { SyncFacts } from '../../../../sync/client/ports.ts';
import { registerTill } from '../../../../sync/client/register-till.ts';
import type { SyncClient } from '../../../../sync/client/sync-client.ts';
import { inBulk } from '../../../../sync/hq/records/bulk.ts';
import { HOME_ONLY } from '../../../../sync/hq/records/members-rule.ts';
import { writeMembers } from '../../../../sync/hq/records/write-members.ts';
import {
  type CheckRecord,
  DRIFT_AUDIT_ACTION,
  driftAuditSchema,
} from '../../../../sync/protocol/check.ts';
import { startTestHq, type TestHq, type TestHqOptions } from '../../../support/hq.ts';
import { must } from '../../../support/must.ts';
import { openStoreFolder, type StoreFolder, TEST_PLACE } from '../../../support/store-folder.ts';
import { realTime, until } from '../virtual-time.ts';

/** Members that one transaction writes at headquarters. */
const LOAD_BATCH = 5_000;

/** Random bytes by which chance never delays a check: what it is drawn from are four bytes. */
const random = (bytes: number): Uint8Array => (bytes === 4 ? Buffer.alloc(4) : randomBytes(bytes));

export const memberKeyOf = (n: number): string => `m-${String(n).padStart(8, '0')}`;

/** A member as small as members are: about 200 bytes. */
export function driftMember(n: number, name = `王小明${n}`): Member {
  return memberSchema.parse({
    memberId: memberKeyOf(n),
    name,
    phone: `139${String(n).padStart(8, '0')}`,
    cards: [`62${String(n).padStart(10, '0')}`],
    tier: 'standard',
    homeStoreId: 's1',
    updatedAt: '2026-11-21T08:30:00.000Z',
  });
}

/** Writes members at headquarters and waits until they are in the feed. */
export async function loadMembers(
  hq: TestHq,
  from: number,
  to: number,
  name?: string,
): Promise<void> {
  for (let at = from; at < to; at += LOAD_BATCH) {
    const members = Array.from({ length: Math.min(LOAD_BATCH, to - at) }, (_, i) =>
      driftMember(at + i, name),
    );
    await inBulk(hq.deps.db, (tx) =>
      writeMembers(tx, { members, accounts: [], rule: HOME_ONLY, nowMs: Date.now() }),
    );
  }
  while ((await hq.deps.db.query('SELECT 1 FROM outbox LIMIT 1')).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

export interface DriftTill {
  readonly till: StoreFolder;
  readonly client: SyncClient;
  readonly logs: { readonly message: string; readonly fields: unknown }[];
  facts(): SyncFacts;
  /** Waits until headquarters is reached and asks for a check. */
  verify(deep: boolean): Promise<readonly CheckRecord[]>;
  /** Changes the database file behind the till's back. */
  sql<T>(use: (db: Database.Database) => T): T;
  /** Rows that audit rows name as repaired, by key. */
  audited(): Map<string, string[]>;
  stop(): Promise<void>;
}

export function startDriftHq(options: TestHqOptions = {}): Promise<TestHq> {
  return startTestHq(options);
}

/** Registers a till, connects it, and waits until it has everything. */
export async function startDriftTill(
  hq: TestHq,
  tillId: string,
  { url, log }: { readonly url?: string; readonly log?: SyncLog } = {},
): Promise<DriftTill> {
  const till = await registerDriftTill(hq, tillId, url);
  await takeFirstCopy(till);
  return connectDriftTill(till, log);
}

/** A till that is registered and has nothing. @param url where it reaches headquarters, unless there itself */
export async function registerDriftTill(
  hq: TestHq,
  tillId: string,
  url?: string,
): Promise<StoreFolder> {
  const till = openStoreFolder({ place: { ...TEST_PLACE, tillId: tillId as never } });
  const registration = must(
    await registerTill({
      ticket: must(await hq.ticket(tillId, 's1')),
      incarnation: till.store.sync.incarnation,
      version: '0.0.0-test',
      random,
      ...realTime,
    }),
  );
  till.store.sync.register(url === undefined ? registration : { ...registration, url });
  return till;
}

/** The first copy, as a till takes it before it opens. */
export async function takeFirstCopy(till: StoreFolder): Promise<void> {
  const snapshot = snapshotOf(till);
  const options = {
    store: till.store.sync,
    snapshot,
    random,
    log: () => {},
    version: '0.0.0-test',
  };
  const built = await firstSnapshot({
    ...options,
    ...realTime,
    signal: new AbortController().signal,
  });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  await snapshot.close();
  till.store.close();
  const key = till.keyStore.key ?? new Uint8Array();
  must(adoptSnapshot({ dataDir: till.dataDir, key, nowMs: Date.now() }));
  till.reopen();
}

function snapshotOf(till: StoreFolder): ReturnType<typeof createSnapshotPort> {
  return createSnapshotPort({
    dataDir: till.dataDir,
    key: till.keyStore.key ?? new Uint8Array(),
    storeId: till.store.sync.registration()?.place.store.storeId ?? '',
    store: till.store,
    clock: realTime.clock,
    random,
  });
}

export async function connectDriftTill(till: StoreFolder, log?: SyncLog): Promise<DriftTill> {
  const { store } = till;
  const snapshot = snapshotOf(till);
  const logs: { message: string; fields: unknown }[] = [];
  const client = createSyncClient({
    ...realTime,
    store: store.sync,
    random,
    version: '0.0.0-test',
    log(level, message, fields) {
      logs.push({ message, fields });
      log?.(level, message, fields);
    },
    onApplied: () => {},
    installDocument: () => ({ ok: true, value: undefined }),
    localPoints: () => 0,
    snapshot,
  });
  client.start();
  const rig: DriftTill = {
    till,
    client,
    logs,
    facts: () => client.headquarters.facts(),
    async verify(deep) {
      await until(() => rig.facts().state === 'online');
      const verified = await client.headquarters.checks?.verify({ deep });
      if (verified?.ok !== true) throw new Error(JSON.stringify(verified));
      return verified.value;
    },
    sql: (use) => till.withSql(use),
    audited() {
      const named = new Map<string, string[]>();
      const rows = till.withSql((db) =>
        db.prepare('SELECT detail FROM audit WHERE action = ?').all(DRIFT_AUDIT_ACTION),
      ) as { detail: string }[];
      for (const { detail } of rows)
        for (const [key, kind] of driftAuditSchema.parse(JSON.parse(detail)).rows)
          named.set(key, [...(named.get(key) ?? []), kind]);
      return named;
    },
    async stop() {
      await client.stop();
      await snapshot.close();
      till.close();
    },
  };
  // The first full-volume check begins by itself once the first copy is in.
  await until(
    () => rig.facts().checks?.lastWalk !== null && rig.facts().checks?.state !== 'walking',
  );
  return rig;
}
