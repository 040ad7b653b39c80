import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, ok, tillPlaceSchema, UUID_RANDOM_BYTES, uuidv7 } from '../../contract/index.ts';
import { canonicalJson } from '../../domain/ledger/canonical-json.ts';
import type { KeyStore } from '../../store/key-store.ts';
import { openStore } from '../../store/open-store.ts';
import { POINTER_FILE } from '../../store/pointer.ts';
import { openDatabase } from '../../store/sqlite/open-database.ts';
import type { Chance } from './chance.ts';

/** The key of every simulated till's database. */
export const SIM_KEY = new Uint8Array(32).fill(7);
export const SIM_KEY_STORE: KeyStore = { load: () => ok(SIM_KEY), save: () => ok(undefined) };

/** Makes a data folder with a fresh database of no till in particular, which is copied instead of made. */
export function makeTemplate(folder: string, chance: Chance): void {
  const made = openStore({
    dataDir: folder,
    keyStore: SIM_KEY_STORE,
    clock: { now: () => 0 },
    random: chance.bytes,
    place: placeOf('template', 'none'),
  });
  assert(made.ok, 'a fresh database is made');
  made.value.close();
}

export function placeOf(tillId: string, storeId: string) {
  return tillPlaceSchema.parse({
    tillId,
    store: {
      storeId,
      name: { 'zh-CN': storeId, en: storeId },
      storeTier: 'standard',
      timeZone: 'Asia/Shanghai',
      currency: 'CNY',
    },
  });
}

/** Gives a copied fresh database its till, its incarnation and its place. */
export function claimTemplate(
  dataDir: string,
  name: string,
  storeId: string,
  chance: Chance,
): void {
  const pointer = JSON.parse(readFileSync(join(dataDir, POINTER_FILE), 'utf8')) as { file: string };
  const db = openDatabase(join(dataDir, pointer.file), SIM_KEY, false);
  db.pragma('synchronous=OFF');
  const set = db.prepare('UPDATE meta SET value = ? WHERE name = ?');
  set.run(name, 'tillId');
  set.run(uuidv7(0, chance.bytes(UUID_RANDOM_BYTES)), 'incarnation');
  db.prepare(`UPDATE documents SET body = ? WHERE kind = 'place'`).run(
    canonicalJson(placeOf(name, storeId)),
  );
  db.close();
}
