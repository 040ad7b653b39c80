import type Database from 'better-sqlite3';
import canonicalize from 'canonicalize';
import {
  assert,
  type TillId,
  type TillPlace,
  UUID_RANDOM_BYTES,
  uuidv7,
} from '../contract/index.ts';
import type { StoreIdentity } from './create-store.ts';

const TILL_ID_BYTES = 4;

/** What a fresh database is told about itself. */
export interface Birth {
  readonly place: TillPlace | undefined;
  readonly nowMs: number;
  readonly random: (bytes: number) => Uint8Array;
}

/** Writes till id, incarnation and, where given, the till's place into a fresh database. Throws SQLite's errors. */
export function writeIdentity(
  db: Database.Database,
  { place, nowMs, random }: Birth,
): StoreIdentity {
  const chance = Buffer.from(random(TILL_ID_BYTES)).toString('hex');
  const tillId = place?.tillId ?? (`till-${chance}` as TillId);
  const incarnation = uuidv7(nowMs, random(UUID_RANDOM_BYTES));
  const set = db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)');
  db.transaction(() => {
    set.run('tillId', tillId);
    set.run('incarnation', incarnation);
    if (place === undefined) return;
    const body = canonicalize(place);
    assert(body !== undefined, 'a place is JSON');
    db.prepare(`INSERT INTO documents VALUES ('place', 1, ?, ?, 0)`).run(body, nowMs);
  }).immediate();
  return { tillId, incarnation };
}

/** Who a database says it is; nothing where it does not say. Throws SQLite's errors. */
export function readIdentity(db: Database.Database): StoreIdentity | undefined {
  const get = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE name = ?');
  const tillId = get.get('tillId')?.value;
  const incarnation = get.get('incarnation')?.value;
  if (tillId === undefined || incarnation === undefined) return undefined;
  return { tillId: tillId as TillId, incarnation };
}
