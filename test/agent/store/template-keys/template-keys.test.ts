import { hkdfSync, randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import type { TemplateId } from '../../../../agent/contract/index.ts';
import { openTemplateKeys } from '../../../../agent/store/template-keys/open-template-keys.ts';
import { findInClear } from '../../../support/byte-search.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-template-keys-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const A = 'a'.repeat(32) as TemplateId;
const B = 'b'.repeat(32) as TemplateId;
const databaseKey = randomBytes(32);
let files = 0;

function freshFile(): string {
  files += 1;
  return join(root, String(files), 'till.key.faces');
}

/** A copy of the file in clear, as whoever has the database key could make it. */
function inClear(file: string): string {
  const copy = join(mkdtempSync(join(root, 'clear-')), 'copy');
  copyFileSync(file, copy);
  const db = new Database(copy);
  const key = Buffer.from(
    hkdfSync('sha256', databaseKey, new Uint8Array(0), 'tillside/template-keys/1', 32),
  );
  db.pragma(`cipher='sqlcipher'`);
  db.pragma('legacy=4');
  db.pragma(`key="x'${key.toString('hex')}'"`);
  db.pragma('journal_mode=DELETE');
  db.pragma(`rekey=''`);
  db.close();
  return join(copy, '..');
}

describe('the keys of templates', () => {
  test('are there after the file was closed and opened again, and nobody else may read the file', () => {
    const file = freshFile();
    const key = randomBytes(32);
    const first = openTemplateKeys(file, databaseKey).keys;
    expect(first.put(A, key)).toBe(true);
    first.close();
    const { keys, wasDestroyed } = openTemplateKeys(file, databaseKey);
    expect([wasDestroyed, keys.ids(), Buffer.from(keys.get(A) ?? [])]).toEqual([false, [A], key]);
    expect(keys.get(B)).toBeUndefined();
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0);
    keys.close();
  });

  test('once erased are never put again, and the first reason counts', () => {
    const { keys } = openTemplateKeys(freshFile(), databaseKey);
    const key = randomBytes(32);
    keys.put(A, key);
    expect(keys.put(A, key)).toBe(true);
    expect(keys.put(A, randomBytes(32))).toBe(false);
    keys.erase(A, 'withdrawn', 5);
    keys.erase(A, 'retention', 9);
    keys.erase(B, 'told', 7);
    expect([keys.put(A, key), keys.put(B, key)]).toEqual([false, false]);
    expect([keys.erased(A), keys.erased(B)]).toEqual([
      { reason: 'withdrawn', atMs: 5 },
      { reason: 'told', atMs: 7 },
    ]);
    expect([keys.ids(), keys.erasedIds()]).toEqual([[], [A, B]]);
    keys.close();
  });

  test('are in no page of the file once erased, even for whoever has the database key, and the search finds those that are', () => {
    const file = freshFile();
    const [gone, kept] = [randomBytes(32), randomBytes(32)];
    const { keys } = openTemplateKeys(file, databaseKey);
    keys.put(A, gone);
    keys.put(B, kept);
    keys.close();
    expect(findInClear(inClear(file), [gone])).toHaveLength(1);
    expect(findInClear(join(file, '..'), [gone, kept, databaseKey])).toEqual([]);
    const again = openTemplateKeys(file, databaseKey).keys;
    again.erase(A, 'withdrawn', 1);
    again.close();
    expect(findInClear(inClear(file), [gone])).toEqual([]);
    expect(findInClear(inClear(file), [kept])).toHaveLength(1);
  });

  test('leave nothing in the journal, also where a kill came before it was overwritten', () => {
    const file = freshFile();
    const { keys } = openTemplateKeys(file, databaseKey);
    keys.put(A, randomBytes(32));
    keys.erase(A, 'withdrawn', 1);
    const journal = readFileSync(`${file}-journal`);
    expect(journal.length).toBeGreaterThan(512);
    expect(journal.every((byte) => byte === 0)).toBe(true);
    keys.close();
    // A journal without a head, as a commit leaves it.
    writeFileSync(`${file}-journal`, Buffer.concat([Buffer.alloc(512), randomBytes(4_096)]));
    openTemplateKeys(file, databaseKey).keys.close();
    expect(readFileSync(`${file}-journal`).every((byte) => byte === 0)).toBe(true);
  });

  test('of a damaged file, or of another database, are destroyed and not set aside', () => {
    for (const spoil of ['another key', 'flipped bits'] as const) {
      const file = freshFile();
      const first = openTemplateKeys(file, databaseKey).keys;
      first.put(A, randomBytes(32));
      first.close();
      const before = readFileSync(file);
      if (spoil === 'flipped bits') {
        const bytes = Buffer.from(before);
        bytes.fill(0xff, 5_000, 5_100);
        writeFileSync(file, bytes);
      }
      const key = spoil === 'another key' ? randomBytes(32) : databaseKey;
      const { keys, wasDestroyed } = openTemplateKeys(file, key);
      expect([wasDestroyed, keys.ids()]).toEqual([true, []]);
      expect(keys.put(A, randomBytes(32))).toBe(true);
      keys.close();
      expect(findInClear(join(file, '..'), [before.subarray(0, 512)])).toEqual([]);
    }
  });

  test('a disk that refuses says so by an error of storage and changes nothing', () => {
    const file = freshFile();
    const { keys } = openTemplateKeys(file, databaseKey);
    keys.put(A, randomBytes(32));
    const other = new Database(file, { timeout: 0 });
    const key = Buffer.from(
      hkdfSync('sha256', databaseKey, new Uint8Array(0), 'tillside/template-keys/1', 32),
    );
    other.pragma(`cipher='sqlcipher'`);
    other.pragma('legacy=4');
    other.pragma(`key="x'${key.toString('hex')}'"`);
    other.exec('BEGIN EXCLUSIVE');
    expect(() => keys.erase(A, 'withdrawn', 1)).toThrow(/storage-failed/);
    other.exec('ROLLBACK');
    other.close();
    expect(keys.ids()).toEqual([A]);
    keys.close();
  });
});
