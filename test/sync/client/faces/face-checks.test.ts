import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FaceEnrolment, FaceTemplate } from '../../../../agent/contract/face-facts.ts';
import { createSnapshotPort } from '../../../../agent/store/snapshot/create-snapshot-port.ts';
import { createSyncClient } from '../../../../sync/client/create-sync-client.ts';
import { registerTill } from '../../../../sync/client/register-till.ts';
import {
  askHq,
  HQ_START_LIMIT_MS,
  joinTill,
  openSession,
  startTestHq,
  type TestHq,
} from '../../../support/hq.ts';
import { testMember } from '../../../support/ledger.ts';
import { must } from '../../../support/must.ts';
import { openStoreFolder, type StoreFolder, TEST_PLACE } from '../../../support/store-folder.ts';
import { realTime, until } from '../virtual-time.ts';
import { enrolledAt, type FaceFiles, openFaceFiles } from './face-till.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 2 * HQ_START_LIMIT_MS });

const random = (bytes: number) => randomBytes(bytes);

/** A till of store s2 that follows a real headquarters, and another one of s1 that enrols. */
let hq: TestHq;
let folder: string;
let till: StoreFolder;
let faces: FaceFiles;
let client: ReturnType<typeof createSyncClient>;
let close: () => Promise<void>;
let enroller: Awaited<ReturnType<typeof joinTill>>;
const templates: FaceTemplate[] = [];
const keys = new Map<string, Buffer>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-faces-'));
  hq = await startTestHq({ tls: 'http' });
  for (const n of [1, 2, 3, 4]) {
    const member = testMember(n);
    const { db } = hq.deps;
    const { memberId } = member;
    const body = JSON.stringify(member);
    await db.query('INSERT INTO members (member_id, body) VALUES ($1, $2)', [memberId, body]);
    await db.query("INSERT INTO member_scopes VALUES ($1, 's2', 'home', 0)", [memberId]);
  }
  enroller = await joinTill(hq, 'till-a', 's1');
  for (const n of [1, 2, 3, 4]) await enrol(n);
  till = openStoreFolder({ place: { ...TEST_PLACE, tillId: 'till-b' as never } });
  const ticket = must(await hq.ticket('till-b', 's2'));
  const { incarnation } = till.store.sync;
  till.store.sync.register(
    must(await registerTill({ ticket, incarnation, version: '0', random, ...realTime })),
  );
  faces = openFaceFiles(till.dataDir, join(folder, 'keys.db'));
  const snapshot = createSnapshotPort({
    dataDir: till.dataDir,
    key: till.keyStore.key ?? new Uint8Array(),
    storeId: 's2',
    store: till.store,
    clock: realTime.clock,
    random,
  });
  client = createSyncClient({
    ...realTime,
    store: till.store.sync,
    random,
    version: '0.0.0-test',
    log: () => {},
    onApplied: () => {},
    installDocument: () => ({ ok: true, value: undefined }),
    localPoints: () => 0,
    snapshot,
    faces,
  });
  client.start();
  close = async () => {
    await client.stop();
    await snapshot.close();
  };
  await until(() => [...faces.rows.ids()].length === 4);
  for (const [id, key] of keys) faces.keys.put(id, key);
  // The first check of a till begins by itself.
  await until(() => client.headquarters.checks?.facts().lastWalk !== null);
});
afterAll(async () => {
  await close();
  faces.close();
  till.close();
  await hq.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Uploads an enrolment, one after the other. */
async function enrol(n: number): Promise<void> {
  const { memberId } = testMember(n);
  const made = enrolledAt(memberId, { tillId: 'till-a', storeId: 's1', scope: 'chain' });
  const enrolment: FaceEnrolment = made.enrolment;
  const answer = await askHq(hq, '/v1/uploads', {
    token: enroller.token,
    body: {
      incarnation: enroller.till.incarnation,
      items: [{ kind: 'face-enrolment', no: n, enrolment }],
    },
  });
  expect(answer.status).toBe(200);
  templates.push(enrolment.template);
  keys.set(enrolment.template.templateId, made.key);
}

/** The till's fed rows by key, as they lie in its database. */
const fedRows = () =>
  till.withSql((db) =>
    db.prepare("SELECT key, ver, body FROM feed_rows WHERE tbl = 'face' ORDER BY key").all(),
  ) as { key: string; ver: number; body: string }[];
const verify = async () => {
  const verified = await client.headquarters.checks?.verify({ deep: true });
  if (verified?.ok !== true) throw new Error(JSON.stringify(verified));
  return verified.value.find(({ kind }) => kind === 'walk');
};

describe('a full-volume check', () => {
  test('of face rows that are right finds nothing', async () => {
    expect(await verify()).toMatchObject({ outcome: 'clean' });
    const published = await hq.deps.db.query<{ key: string }>(
      "SELECT key FROM published WHERE tbl = 'face' AND scope = 's2' AND body IS NOT NULL ORDER BY key",
    );
    expect(fedRows().map(({ key }) => key)).toEqual(published.map(({ key }) => key));
  });

  test('puts drifted and missing rows right, and removes one that headquarters never had with its key', async () => {
    const before = fedRows();
    const [drifted, missing] = templates as [FaceTemplate, FaceTemplate];
    const { enrolment, key } = enrolledAt('m-9', {
      tillId: 'till-z',
      storeId: 's1',
      scope: 'chain',
    });
    const extra = enrolment.template;
    const forged = JSON.stringify({ ...drifted, sealed: 'AAAA' });
    till.withSql((db) => {
      db.prepare("UPDATE feed_rows SET body = ? WHERE tbl = 'face' AND key = ?").run(
        forged,
        drifted.templateId,
      );
      db.prepare("DELETE FROM feed_rows WHERE tbl = 'face' AND key = ?").run(missing.templateId);
      db.prepare("INSERT INTO feed_rows VALUES ('face', ?, 7, ?, NULL)").run(
        extra.templateId,
        JSON.stringify(extra),
      );
    });
    faces.rows.end(drifted.templateId);
    faces.rows.put({ ...drifted, sealed: 'AAAA' });
    faces.rows.end(missing.templateId);
    faces.rows.put(extra);
    faces.keys.put(extra.templateId, key);
    expect(await verify()).toMatchObject({ outcome: 'repaired' });
    expect(fedRows()).toEqual(before);
    expect(faces.rows.find(drifted.templateId)).toEqual(drifted);
    expect(faces.rows.find(missing.templateId)).toEqual(missing);
    expect(faces.keys.get(missing.templateId)).toEqual(keys.get(missing.templateId));
    expect(faces.rows.find(extra.templateId)).toBeUndefined();
    expect(faces.keys.get(extra.templateId)).toBeUndefined();
    expect(faces.keys.erased(extra.templateId)).toMatchObject({ reason: 'not-fed' });
    expect(await verify()).toMatchObject({ outcome: 'clean' });
  });
});

test('a till of an older protocol beside it gets no row, no root and no copy of the table', async () => {
  const { till: old } = await joinTill(hq, 'till-old', 's2');
  const session = await openSession(hq, old, { signed: { protocol: 5 } });
  expect(session.body.protocol).toBe(5);
  const { token, timeline } = session.body;
  const chain = '0'.repeat(64);
  const page = await askHq(hq, '/v1/feed', { token, query: { timeline, pos: 0, chain } });
  expect(page.status).toBe(200);
  const { rows, roots } = page.body.page as { rows: [string][]; roots: { table: string }[] };
  expect(rows.map(([table]) => table)).toContain('member');
  expect(rows.map(([table]) => table)).not.toContain('face');
  expect(roots.map(({ table }) => table)).not.toContain('face');
  const copy = await askHq(hq, '/v1/snapshots', { token, body: {} });
  const tables = (copy.body.tables as { table: string }[]).map(({ table }) => table);
  expect(tables).not.toContain('face');
});
