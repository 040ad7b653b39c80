import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, ok, type TillPlace, tillPlaceSchema } from '../../agent/contract/index.ts';
import { systemClock } from '../../agent/main/system.ts';
import { openStore } from '../../agent/store/open-store.ts';
import type { Store } from '../../agent/store/store.ts';

/** A till's real store in a temporary folder. */
export interface BenchStore {
  readonly store: Store;
  readonly dataDir: string;
  readonly key: Uint8Array;
  readonly place: TillPlace;
  /** Path of the live database. */
  file(): string;
  /** Closes it and removes the folder. */
  close(): void;
}

/** Opens an empty encrypted store of a till of store s1, as the till does. */
export function openBenchStore(tillId = 'till-1', storeId = 's1'): BenchStore {
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-bench-'));
  const key = randomBytes(32);
  const place = tillPlaceSchema.parse({
    tillId,
    store: {
      storeId,
      name: { 'zh-CN': '测试店', en: 'Test store' },
      storeTier: 'standard',
      timeZone: 'Asia/Shanghai',
      currency: 'CNY',
    },
  });
  const keyStore = { load: () => ok(key), save: () => ok(undefined) };
  const opened = openStore({ dataDir, keyStore, clock: systemClock, random: randomBytes, place });
  assert(opened.ok, 'the store opens');
  const store = opened.value;
  return {
    store,
    dataDir,
    key,
    place,
    file() {
      const live = JSON.parse(readFileSync(join(dataDir, 'live.json'), 'utf8')) as { file: string };
      return join(dataDir, live.file);
    },
    close() {
      store.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
