import { hkdfSync } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { FaceTemplate } from '../../../agent/contract/index.ts';
import { openTemplate } from '../../../agent/store/face-seal.ts';
import type { FaceChain } from './chain.ts';
import { newFolder } from './chain.ts';
import type { ChainTill } from './till.ts';

const KEY_BYTES = 32;
/** Of 32 random bytes at least so many differ: fewer do once in more than 10^9 keys. */
const DIFFERENT_MIN = 20;
const TEXT_OF_BYTES = /(?:[0-9a-f]{2}){32,}|[A-Za-z0-9+/_-]{43,}/gi;

/**
 * What a till has in the place where keys could be: its database and its key file as plain bytes, pages that nothing points
 * to included, the journal of the key file, and the keys of both files. The till is started anew.
 */
export async function everythingAt(till: ChainTill): Promise<Buffer[]> {
  const copy = newFolder();
  const key = till.store.keyStore.key ?? new Uint8Array();
  await till.restart(() => {
    cpSync(till.store.dataDir, join(copy, 'data'), { recursive: true });
    cpSync(dirname(till.keysFile), join(copy, 'keys'), { recursive: true });
  });
  const { file } = JSON.parse(readFileSync(join(copy, 'data', 'live.json'), 'utf8'));
  const derived = hkdfSync('sha256', key, new Uint8Array(0), 'tillside/template-keys/1', KEY_BYTES);
  const database = join(copy, 'data', file);
  const keyFile = join(copy, 'keys', basename(till.keysFile));
  const journal = readFileSync(`${keyFile}-journal`);
  makePlain(database, key);
  makePlain(keyFile, new Uint8Array(derived));
  const plain = [database, keyFile].map((name) => readFileSync(name));
  return [Buffer.from(key), Buffer.from(derived), journal, ...plain];
}

/** Takes the encryption off a database: each page stays what it was. */
function makePlain(file: string, key: Uint8Array): void {
  const db = new Database(file);
  db.pragma(`cipher='sqlcipher'`);
  db.pragma('legacy=4');
  db.pragma(`key="x'${Buffer.from(key).toString('hex')}'"`);
  db.pragma('journal_mode=DELETE');
  db.pragma(`rekey=''`);
  db.close();
}

/** Every row that headquarters has. */
export async function everythingIn({ hq }: FaceChain): Promise<Buffer[]> {
  const { db } = hq.deps;
  const tables = await db.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  const rows = [];
  for (const { name } of tables)
    rows.push(await db.query(`SELECT to_jsonb(t)::text AS row FROM ${name} AS t`));
  return [Buffer.from(JSON.stringify(rows))];
}

/** Whether any 32 bytes in a row, as they are or written as text, open a template. */
export function opensWithAny(template: FaceTemplate, places: readonly Buffer[]): boolean {
  return places.some((bytes) =>
    [bytes, ...writtenIn(bytes)].some((one) => windowOpens(template, one)),
  );
}

/** Bytes that stand in text as hex or base64, also where other bytes of a text lie before them. */
function writtenIn(bytes: Buffer): Buffer[] {
  return [...bytes.toString('latin1').matchAll(TEXT_OF_BYTES)].flatMap(([text]) => [
    Buffer.from(text, 'hex'),
    ...[0, 1, 2, 3].map((from) => Buffer.from(text.slice(from), 'base64')),
  ]);
}

function windowOpens(template: FaceTemplate, bytes: Buffer): boolean {
  // Counts of the window that ends at `at`: text and repetition are no random key, and cost no attempt.
  const counts = new Uint8Array(256);
  let different = 0;
  let unprintable = 0;
  const isPrintable = (byte: number) => byte >= 32 && byte <= 126;
  for (const [at, byte] of bytes.entries()) {
    counts[byte] = (counts[byte] ?? 0) + 1;
    if (counts[byte] === 1) different += 1;
    if (!isPrintable(byte)) unprintable += 1;
    const gone = bytes[at - KEY_BYTES];
    if (gone !== undefined) {
      counts[gone] = (counts[gone] ?? 0) - 1;
      if (counts[gone] === 0) different -= 1;
      if (!isPrintable(gone)) unprintable -= 1;
    }
    if (at + 1 < KEY_BYTES || different < DIFFERENT_MIN || unprintable === 0) continue;
    if (openTemplate(template, bytes.subarray(at + 1 - KEY_BYTES, at + 1)).ok) return true;
  }
  return false;
}
