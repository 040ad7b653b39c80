import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { HqDatabase } from '../../sync/hq/database/database.ts';
import type { HqLog } from '../../sync/hq/deps.ts';
import {
  type CertifiedKey,
  createAuthority,
  defaultValidity,
  issueServerCertificate,
} from '../../sync/hq/keys/certificate.ts';
import type { HqTls } from '../../sync/hq/keys/tls.ts';
import { type HqOptions, type RunningHq, startHq } from '../../sync/hq/start-hq.ts';
import { systemTimers } from '../../sync/hq/system-timers.ts';
import { publicKeyText } from '../../sync/protocol/public-key-text.ts';
import type { RegistrationTicket } from '../../sync/protocol/registration.ts';
import { signRequest } from '../../sync/protocol/signed-request.ts';
import { PROTOCOL_VERSION } from '../../sync/protocol/version.ts';
import { copyPgliteImage, startPglite } from './hq-images.ts';
import { must } from './must.ts';

const PROGRAM_FOLDER = fileURLToPath(new URL('../../', import.meta.url));
const DAY_MS = 24 * 60 * 60_000;

/** Limit for hooks that start an HQ: the first PGlite of a test file takes seconds on a busy machine. */
export const HQ_START_LIMIT_MS = 60_000;

/** A store as HQ keeps it. */
export function testStore(storeId: string) {
  return {
    storeId,
    name: { 'zh-CN': `门店 ${storeId}`, en: `Store ${storeId}` },
    storeTier: 'standard',
    timeZone: 'Asia/Shanghai',
    currency: 'CNY',
    dayEndsAtMinute: 0,
  };
}

/** An HQ in this process. */
export interface TestHq extends RunningHq {
  /** Its keys folder; given back with `close` unless it was given. */
  readonly keysFolder: string;
  /** Every line that it logged. */
  readonly logged: readonly { level: string; message: string; fields: unknown }[];
}

export interface TestHqOptions extends Partial<Omit<HqOptions, 'database' | 'log'>> {
  /** Absent = PGlite in memory. */
  readonly db?: HqDatabase;
  readonly database?: HqOptions['database'];
  /** Stores that it has from the start. */
  readonly stores?: readonly string[];
  readonly log?: HqLog;
}

/** Starts an HQ in this process, with TLS by a generated authority unless said otherwise. */
export async function startTestHq(options: TestHqOptions = {}): Promise<TestHq> {
  const { db, database, stores = ['s1', 's2'], log, ...rest } = options;
  const keysFolder = options.keysFolder ?? mkdtempSync(join(tmpdir(), 'tillside-hq-keys-'));
  const logged: { level: string; message: string; fields: unknown }[] = [];
  const prepared = await prepare(db, database);
  const hq = must(
    await startHq({
      host: '127.0.0.1',
      port: 0,
      currency: 'CNY',
      timeZone: 'Asia/Shanghai',
      version: '0.0.0-test',
      nowMs: () => Date.now(),
      random: (bytes) => randomBytes(bytes),
      timers: systemTimers,
      database: prepared,
      ...rest,
      keysFolder,
      log(level, message, fields) {
        logged.push({ level, message, fields });
        log?.(level, message, fields);
      },
    }),
  );
  for (const storeId of stores) await addStore(hq.deps.db, storeId);
  return {
    ...hq,
    keysFolder,
    logged,
    async close() {
      await hq.close();
      if (options.keysFolder === undefined) rmSync(keysFolder, { recursive: true, force: true });
    },
  };
}

/** The database to start on, made from an image where there is none. */
async function prepare(
  db: HqDatabase | undefined,
  database: HqOptions['database'] | undefined,
): Promise<HqOptions['database']> {
  if (db !== undefined) return { kind: 'opened', db };
  if (database === undefined) return { kind: 'opened', db: await startPglite() };
  if (database.kind === 'pglite' && database.folder !== 'memory' && !existsSync(database.folder))
    await copyPgliteImage(database.folder);
  return database;
}

/** Puts a store into HQ's database. */
export async function addStore(db: HqDatabase, storeId: string): Promise<void> {
  const store = testStore(storeId);
  await db.query(
    `INSERT INTO stores (store_id, store_tier, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [storeId, store.storeTier, JSON.stringify(store)],
  );
}

/** What is wrong with a certificate: for the tests of whoever must refuse it. */
export type BadCertificate = 'expired' | 'not-yet-valid' | 'other-host' | 'foreign-authority';

/**
 * TLS material that a till must refuse although HQ works: shown by `startTestHq({ tls: { ready } })`. `ca` is what tills
 * pinned; a `foreign-authority` has signed with another one.
 */
export async function badTls(what: BadCertificate): Promise<HqTls> {
  const nowMs = Date.now();
  const random = (bytes: number) => randomBytes(bytes);
  const validity = defaultValidity(nowMs);
  const authority = await createAuthority(validity, random);
  const signer: CertifiedKey =
    what === 'foreign-authority' ? await createAuthority(validity, random) : authority;
  const own =
    what === 'expired'
      ? { fromMs: nowMs - 10 * DAY_MS, toMs: nowMs - DAY_MS }
      : what === 'not-yet-valid'
        ? { fromMs: nowMs + DAY_MS, toMs: nowMs + 10 * DAY_MS }
        : validity;
  const hosts = what === 'other-host' ? ['hq.example'] : ['127.0.0.1', 'localhost'];
  const server = await issueServerCertificate(signer, hosts, own, random);
  return { ...server, ca: authority.cert, endsAtMs: own.toMs, source: 'given' };
}

/** Where and as whom requests go. */
export interface HqTarget {
  readonly url: string;
  readonly ca: string | null;
}

export interface HqAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Parsed where it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  readonly body: any;
  readonly bytes: Buffer;
}

export interface HqRequest {
  readonly method?: string;
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string | number>;
  /** Sent as JSON; text and bytes as they are. */
  readonly body?: unknown;
}

/** One request to HQ over its pinned authority, and the whole answer. */
export async function askHq(
  target: HqTarget,
  path: string,
  options: HqRequest = {},
): Promise<HqAnswer> {
  const response = await openRequest(target, path, options);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const json = response.headers['content-type']?.startsWith('application/json') === true;
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: json ? JSON.parse(bytes.toString('utf8')) : undefined,
    bytes,
  };
}

/** One request to HQ; the answer's body is the caller's to read. */
export async function openRequest(
  { url, ca }: HqTarget,
  path: string,
  { method, token, headers = {}, query = {}, body }: HqRequest = {},
): Promise<IncomingMessage> {
  const at = new URL(path, url);
  for (const [name, value] of Object.entries(query)) at.searchParams.set(name, String(value));
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const options = {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    agent: false as const,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  };
  const sent =
    at.protocol === 'https:'
      ? httpsRequest(at, { ...options, ...(ca === null ? {} : { ca }) })
      : httpRequest(at, options);
  const answered = once(sent, 'response');
  sent.end(body === undefined ? undefined : raw ? body : JSON.stringify(body));
  const [response] = (await answered) as [IncomingMessage];
  // HQ may end the connection before it has read a body that it refused.
  sent.on('error', () => {});
  return response;
}

/** A till as far as HQ can tell: a key, an incarnation, the proofs that it believes in. */
export interface TestTill {
  readonly tillId: string;
  readonly ticket: RegistrationTicket;
  readonly privateKey: KeyObject;
  readonly publicKey: string;
  readonly incarnation: string;
  /** What its data folder holds of proofs; a copy of the folder copies them. */
  proofs: string[];
  timeline: string | null;
}

/** A till's facts before it has registered. */
export function newTestTill(ticket: RegistrationTicket): TestTill {
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    tillId: ticket.tillId,
    ticket,
    privateKey,
    publicKey: publicKeyText(privateKey),
    incarnation: `inc-${randomBytes(8).toString('hex')}`,
    proofs: [],
    timeline: null,
  };
}

/** Sends the registration of a till; `changes` replace fields before or after the signature. */
export async function register(
  target: HqTarget,
  till: TestTill,
  changes: { readonly signed?: object; readonly unsigned?: object } = {},
): Promise<HqAnswer> {
  const fields = {
    code: till.ticket.code,
    tillId: till.tillId,
    publicKey: till.publicKey,
    incarnation: till.incarnation,
    version: '0.0.0-test',
    ...changes.signed,
  };
  const signature = signRequest('tillside/register/1', fields, till.privateKey);
  return askHq(target, '/v1/registrations', {
    body: { ...fields, signature, ...changes.unsigned },
  });
}

/** Opens a session as the till's own program does, proofs included. */
export async function openSession(
  target: HqTarget,
  till: TestTill,
  changes: { readonly signed?: object; readonly unsigned?: object } = {},
): Promise<HqAnswer> {
  const challenge = await askHq(target, '/v1/challenges', { body: { tillId: till.tillId } });
  const nextProof = randomBytes(24).toString('base64url');
  const fields = {
    tillId: till.tillId,
    incarnation: till.incarnation,
    protocol: PROTOCOL_VERSION,
    version: '0.0.0-test',
    challenge: challenge.body.challenge as string,
    timeline: till.timeline,
    proofs: till.proofs,
    nextProof,
    clock: new Date().toISOString(),
    ...changes.signed,
  };
  const signature = signRequest('tillside/session/1', fields, till.privateKey);
  const answer = await askHq(target, '/v1/sessions', {
    body: { ...fields, signature, ...changes.unsigned },
  });
  if (answer.status === 200) {
    till.proofs = [nextProof];
    till.timeline = answer.body.timeline;
  }
  return answer;
}

/** A registered till with a session. */
export async function joinTill(
  hq: TestHq,
  tillId: string,
  storeId = 's1',
): Promise<{ readonly till: TestTill; readonly token: string }> {
  const till = newTestTill(must(await hq.ticket(tillId, storeId)));
  const registered = await register(hq, till);
  if (registered.status !== 200) throw new Error(JSON.stringify(registered.body));
  const session = await openSession(hq, till);
  if (session.status !== 200) throw new Error(JSON.stringify(session.body));
  return { till, token: session.body.token };
}

/** An HQ in a process of its own, as `till hq run` starts it. */
export interface HqProcess extends HqTarget {
  readonly port: number;
  readonly data: string;
  readonly console: string;
  readonly child: ChildProcess;
  /** Everything on standard error so far. */
  log(): string;
  /** Asks it to stop, as an operator does. @returns the exit code */
  stop(): Promise<number | null>;
  /** `kill -9` */
  kill(): Promise<void>;
}

/** Starts `node sync/hq/main.ts run --json` on a data folder; `flags` as on the command line. */
export async function startHqProcess(
  data: string,
  flags: readonly string[] = [],
): Promise<HqProcess> {
  const child = spawn(
    process.execPath,
    [
      join(PROGRAM_FOLDER, 'sync/hq/main.ts'),
      'run',
      '--json',
      '--data',
      data,
      '--port',
      '0',
      ...flags,
    ],
    { cwd: PROGRAM_FOLDER, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const exited = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(([code]) => [`exit ${String(code)}`]),
  ])) as [string];
  if (!line.startsWith('{') || child.exitCode !== null)
    throw new Error(`headquarters did not start: ${line}\n${log}`);
  const facts = JSON.parse(line) as { url: string; port: number; console: string };
  const { readFileSync } = await import('node:fs');
  const { ca } = JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as {
    ca: string | null;
  };
  return {
    ...facts,
    ca,
    data,
    child,
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
