import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import type { FaceTemplate, FaceWithdrawal } from '../../agent/contract/face-facts.ts';
import type { MemberId } from '../../agent/contract/index.ts';
import { openTemplate, sealTemplate } from '../../agent/store/face-seal.ts';
import { createSnapshotPort } from '../../agent/store/snapshot/create-snapshot-port.ts';
import { openTemplateKeys } from '../../agent/store/template-keys/open-template-keys.ts';
import type { TemplateKeys } from '../../agent/store/template-keys/template-keys.ts';
import { createSyncClient } from '../../sync/client/create-sync-client.ts';
import type { FacePorts } from '../../sync/client/ports.ts';
import { registerTill } from '../../sync/client/register-till.ts';
import type { SyncClient } from '../../sync/client/sync-client.ts';
import type { HttpExchange, HttpResponse } from '../../sync/client/transport.ts';
import { startNewTimeline } from '../../sync/hq/tills/new-timeline.ts';
import type { FaceReceipts } from '../../sync/protocol/face.ts';
import { askHq, HQ_START_LIMIT_MS, startTestHq, type TestHq } from '../support/hq.ts';
import { testMember } from '../support/ledger.ts';
import { must } from '../support/must.ts';
import { openStoreFolder, type StoreFolder, TEST_PLACE } from '../support/store-folder.ts';
import { realTime } from './client/virtual-time.ts';
import { enrolmentOf } from './hq/faces/face-rig.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: HQ_START_LIMIT_MS });

const random = (bytes: number) => randomBytes(bytes);
const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-faces-'));
  folders.push(folder);
  return folder;
};
const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Everything that crossed the wire. */
const wire: Buffer[] = [];
/** Plain HTTP that keeps what goes by. */
const overheard: HttpExchange = ({ method, url, headers, params = {}, data, signal }) =>
  new Promise<HttpResponse>((resolve, reject) => {
    const at = new URL(url);
    for (const [name, value] of Object.entries(params)) at.searchParams.set(name, String(value));
    if (data !== undefined) wire.push(Buffer.from(data));
    const sent = request(at, { method, headers, signal }, (answer) => {
      const body = new PassThrough();
      answer.on('data', (chunk: Buffer) => wire.push(Buffer.from(chunk)));
      answer.on('error', (error) => body.destroy(error));
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, data: answer.pipe(body) });
    });
    sent.on('error', reject).end(data);
  });

type Id = FaceTemplate['templateId'];

/** A headquarters on a folder that can be stopped, copied and brought back at the same address. */
interface Chain {
  hq: TestHq;
  readonly logged: unknown[];
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it for a copy of its database. */
  backUp(): Promise<string>;
  /** The copy takes the place of the database. */
  restore(backup: string): Promise<void>;
  receipts(memberId: string): Promise<FaceReceipts>;
}

async function openChain(): Promise<Chain> {
  const [folder, keysFolder] = [join(newFolder(), 'db'), newFolder()];
  let port = 0;
  let isRunning = false;
  const logged: unknown[] = [];
  const chain: Chain = {
    hq: undefined as unknown as TestHq,
    logged,
    async start() {
      chain.hq = await startTestHq({
        database: { kind: 'pglite', folder },
        keysFolder,
        stores: ['s1', 's2'],
        tls: 'http',
        port,
        log: (...line) => void logged.push(line),
      });
      port = chain.hq.port;
      isRunning = true;
    },
    async stop() {
      if (isRunning) await chain.hq.close();
      isRunning = false;
    },
    async backUp() {
      await chain.stop();
      const backup = join(newFolder(), 'db');
      cpSync(folder, backup, { recursive: true });
      await chain.start();
      return backup;
    },
    async restore(backup) {
      await chain.stop();
      rmSync(folder, { recursive: true });
      cpSync(backup, folder, { recursive: true });
      await chain.start();
      await startNewTimeline(chain.hq.deps.db);
      await chain.stop();
      await chain.start();
    },
    async receipts(memberId) {
      const answer = await askHq(chain.hq, `/v1/admin/faces/${memberId}`, {
        token: await chain.hq.token(),
      });
      expect(answer.status).toBe(200);
      return answer.body as FaceReceipts;
    },
  };
  await chain.start();
  ending.push(() => chain.stop());
  return chain;
}

/** A member whom both stores carry. */
async function addMember({ hq }: Chain, n: number): Promise<MemberId> {
  const member = testMember(n, { homeStoreId: 's1' as never });
  const { db } = hq.deps;
  await db.query('INSERT INTO members (member_id, body) VALUES ($1, $2)', [
    member.memberId,
    JSON.stringify(member),
  ]);
  await db.query(
    `INSERT INTO member_scopes SELECT $1, id, 'home', 0 FROM unnest(ARRAY['s1', 's2']) AS id`,
    [member.memberId],
  );
  return member.memberId;
}

/** What nobody but tills may see. */
interface Enrolled {
  readonly template: FaceTemplate;
  readonly key: Buffer;
  readonly descriptor: Float32Array;
}

/** A till with its templates in its database and their keys outside of the data folder. */
interface Till {
  readonly store: StoreFolder;
  keys(): TemplateKeys;
  /** Closes database and keys, runs `work` on the data folder, and opens both again. */
  closed(work: () => void): void;
  connect(): void;
  disconnect(): Promise<void>;
  /** Tells and asks headquarters at once. */
  poke(): void;
  enrol(memberId: MemberId): Enrolled;
  /** Destroys the key, then queues the withdrawal. */
  withdraw(memberId: MemberId, templateId: Id): void;
  /** What the till can open of a template. */
  opened(templateId: Id): Float32Array | undefined;
}

async function openTill(chain: Chain, tillId: string, storeId: string): Promise<Till> {
  const place = { ...TEST_PLACE, tillId: tillId as never };
  const store = openStoreFolder({ place });
  const ticket = must(await chain.hq.ticket(tillId, storeId));
  const { incarnation } = store.store.sync;
  const registered = await registerTill({ ticket, incarnation, version: '0', random, ...realTime });
  store.store.sync.register(must(registered));
  const keysFile = join(newFolder(), 'keys.db');
  const openKeys = () => openTemplateKeys(keysFile, store.keyStore.key ?? new Uint8Array()).keys;
  let keys = openKeys();
  let client: SyncClient | undefined;
  let close = async (): Promise<void> => {};
  const faces: FacePorts = {
    rows: {
      find: (id) => store.store.faces.find(id as Id)?.template,
      ids: () => store.store.faces.ids(),
      put: (template) => store.store.faces.put(template, null),
      end: (id) => void store.store.faces.remove(id as Id),
      opens: (template, key) => openTemplate(template, key).ok,
    },
    get keys() {
      return keys;
    },
  };
  const till: Till = {
    store,
    keys: () => keys,
    closed(work) {
      keys.close();
      store.store.close();
      work();
      store.reopen();
      keys = openKeys();
    },
    connect() {
      const snapshot = createSnapshotPort({
        dataDir: store.dataDir,
        key: store.keyStore.key ?? new Uint8Array(),
        storeId,
        store: store.store,
        clock: realTime.clock,
        random,
      });
      client = createSyncClient({
        ...realTime,
        store: store.store.sync,
        random,
        version: '0.0.0-test',
        log: (...line) => void chain.logged.push(line),
        onApplied: () => {},
        installDocument: () => ({ ok: true, value: undefined }),
        localPoints: () => 0,
        snapshot,
        faces,
        exchange: overheard,
      });
      client.start();
      const running = client;
      close = async () => {
        await running.stop();
        await snapshot.close();
      };
    },
    async disconnect() {
      client = undefined;
      await close();
      close = async () => {};
    },
    poke: () => client?.headquarters.syncNow(),
    enrol(memberId) {
      const made = enrolmentOf(memberId, {
        ...{ tillId, storeId, scope: 'chain' },
        at: new Date().toISOString(),
      });
      const key = randomBytes(32);
      const descriptor = Float32Array.from({ length: 128 }, () => Math.random());
      const sealed = sealTemplate(made.template, descriptor, key, random);
      const template = { ...made.template, sealed };
      keys.put(template.templateId, key);
      const enrolment = { consent: made.consent, template };
      store.store.faces.put(template, made.consent);
      store.store.outbox.append({ kind: 'face-enrolment', atMs: Date.now(), enrolment });
      client?.notify();
      return { template, key, descriptor };
    },
    withdraw(memberId, templateId) {
      keys.erase(templateId, 'withdrawn', Date.now());
      store.store.faces.remove(templateId);
      const withdrawal: FaceWithdrawal = {
        withdrawalId: randomBytes(8).toString('hex'),
        memberId,
        templateIds: [templateId],
        reason: 'withdrawn',
        channel: 'customer-screen',
        staffId: null,
        storeId: storeId as never,
        tillId: tillId as never,
        at: new Date().toISOString() as never,
      };
      store.store.outbox.append({ kind: 'face-withdrawal', atMs: Date.now(), withdrawal });
      client?.notify();
    },
    opened(templateId) {
      const [row, key] = [store.store.faces.find(templateId), keys.get(templateId)];
      if (row === undefined || key === undefined) return undefined;
      const opened = openTemplate(row.template, key);
      return opened.ok ? opened.value : undefined;
    },
  };
  till.connect();
  ending.push(async () => {
    await till.disconnect();
    keys.close();
    store.close();
  });
  return till;
}

/** Pokes tills until something holds. */
async function meanwhile(tills: readonly Till[], holds: () => boolean | Promise<boolean>) {
  await vi.waitFor(
    async () => {
      for (const till of tills) till.poke();
      expect(await holds()).toBe(true);
    },
    { timeout: 60_000, interval: 100 },
  );
}

/** A folder with every byte that headquarters stored, sent, heard and logged, to be searched. */
async function everything(chain: Chain): Promise<Buffer[]> {
  const { db } = chain.hq.deps;
  const tables = await db.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  const rows = [];
  for (const { name } of tables)
    rows.push(await db.query(`SELECT to_jsonb(t)::text AS row FROM ${name} AS t`));
  return [...wire, Buffer.from(JSON.stringify([rows, chain.logged]))];
}

/** Every form in which bytes may stand in text, base64 in the midst of other bytes included. */
function formsOf(secret: Buffer): Buffer[] {
  const shifted = [0, 1, 2].map((by) =>
    Buffer.concat([Buffer.alloc(by), secret])
      .toString('base64')
      .slice(by === 0 ? 0 : by + 1, -4),
  );
  const urls = shifted.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const hex = secret.toString('hex');
  return [
    secret,
    ...[...shifted, ...urls, hex, hex.toUpperCase()].map((text) => Buffer.from(text)),
  ];
}

const isIn = (bytes: readonly Buffer[], secret: Buffer): boolean =>
  bytes.some((one) => formsOf(secret).some((form) => one.includes(form)));

test('a template and its key reach another store, and headquarters never sees either in clear', async () => {
  wire.length = 0;
  const chain = await openChain();
  const memberId = await addMember(chain, 1);
  const a = await openTill(chain, 'till-a', 's1');
  const b = await openTill(chain, 'till-b', 's2');
  const { template, key, descriptor } = a.enrol(memberId);
  const { templateId } = template;
  const clear = Buffer.from(descriptor.buffer);
  await meanwhile([a, b], () => b.opened(templateId) !== undefined);
  expect(b.opened(templateId)).toEqual(descriptor);
  // Question and answer are gone.
  expect(await chain.hq.deps.db.query('SELECT 1 FROM face_questions')).toEqual([]);
  const { templates } = await chain.receipts(memberId);
  expect(templates).toMatchObject([
    { templateId, ended: null, tills: [{ tillId: 'till-a' }, { tillId: 'till-b' }] },
  ]);

  const seen = await everything(chain);
  // The ciphertext is there, so the search looks in the right places.
  expect(isIn(seen, Buffer.from(template.sealed, 'base64'))).toBe(true);
  expect(isIn(seen, key)).toBe(false);
  expect(isIn(seen, clear)).toBe(false);
  // A planted copy is found, in a row, a message and a log alike.
  await chain.hq.deps.db.query("INSERT INTO hq_meta VALUES ('planted', $1)", [
    Buffer.concat([Buffer.from('x'), key, Buffer.from('yz')]).toString('base64'),
  ]);
  expect(isIn(await everything(chain), key)).toBe(true);
  wire.push(Buffer.from(`{"d":"${clear.toString('hex')}"}`));
  expect(isIn(await everything(chain), clear)).toBe(true);
});

test('a withdrawal reaches a till that was offline, and no backup brings the template back', async () => {
  const chain = await openChain();
  const memberId = await addMember(chain, 1);
  const a = await openTill(chain, 'till-a', 's1');
  const b = await openTill(chain, 'till-b', 's2');
  const { templateId } = a.enrol(memberId).template;
  await meanwhile([a, b], () => b.opened(templateId) !== undefined);

  await b.disconnect();
  const image = newFolder();
  b.closed(() => cpSync(b.store.dataDir, image, { recursive: true }));
  await a.disconnect();
  const backup = await chain.backUp();

  a.connect();
  a.withdraw(memberId, templateId);
  const ended = async () => (await chain.receipts(memberId)).templates[0];
  await meanwhile([a], async () => (await ended())?.ended !== null);
  expect(await ended()).toMatchObject({
    ended: { reason: 'withdrawn' },
    tills: [
      { tillId: 'till-a', confirmedAt: expect.any(String), isGone: false },
      { tillId: 'till-b', confirmedAt: null, isGone: false },
    ],
    destroyed: false,
  });
  // Offline, till B can still open it.
  expect(b.opened(templateId)).toBeDefined();
  b.connect();
  await meanwhile([a, b], async () => (await ended())?.destroyed === true);
  expect(b.opened(templateId)).toBeUndefined();
  expect(b.keys().erased(templateId)).toMatchObject({ reason: 'told' });

  // The backup of headquarters has the template, and so has the image of till B's database.
  await a.disconnect();
  await b.disconnect();
  await chain.restore(backup);
  const [old] = await chain.hq.deps.db.query<{ body: string }>('SELECT body FROM face_templates');
  const ciphertext = JSON.parse(old?.body ?? '') as FaceTemplate;
  expect(ciphertext.templateId).toBe(templateId);
  b.closed(() => {
    rmSync(b.store.dataDir, { recursive: true });
    cpSync(image, b.store.dataDir, { recursive: true });
  });
  expect(b.store.store.faces.find(templateId)).toBeDefined();
  expect(b.opened(templateId)).toBeUndefined();

  // What is left opens with no key that anybody has, and what the tills say ends it again.
  b.connect();
  await meanwhile([b], async () => (await ended())?.ended != null);
  await meanwhile([b], () => b.store.store.faces.find(templateId) === undefined);
  expect(await chain.hq.deps.db.query('SELECT 1 FROM face_templates')).toEqual([]);
  for (const till of [a, b])
    for (const id of till.keys().ids())
      expect(openTemplate(ciphertext, till.keys().get(id) ?? new Uint8Array(32)).ok).toBe(false);
  a.connect();
  await meanwhile([a, b], async () => (await ended())?.destroyed === true);
});
