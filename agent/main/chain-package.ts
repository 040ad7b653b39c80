import { z } from 'zod';
import { createPinHasher } from '../app/pin-hash.ts';
import {
  articleSchema,
  memberSchema,
  pinSchema,
  pointsLotSchema,
  staffSchema,
} from '../contract/index.ts';
import type { Store } from '../store/store.ts';

/** Rows written in one transaction while loading, so that a slow disk still shows progress. */
export const LOAD_BATCH_ROWS = 1_000;

/** What a till needs to know of its chain when no headquarters brings it: people, goods and who may sell. */
export const chainPackageSchema = z.object({
  schema: z.literal('tillside/chain-package/1'),
  staff: z.array(staffSchema.extend({ pin: pinSchema })).max(1_000),
  members: z.array(memberSchema).max(2_000_000),
  lots: z.array(pointsLotSchema).max(5_000_000),
  articles: z.array(articleSchema).max(500_000),
});
export type ChainPackage = z.infer<typeof chainPackageSchema>;

/**
 * Loads a package into an open database. Loading it twice changes nothing more: rows are written over by themselves,
 * and a lot of points that is there already stays as it is, because some of it may be spent.
 * @param onProgress told of rows done and rows in all
 */
export async function loadChainPackage(
  store: Store,
  chain: ChainPackage,
  random: (count: number) => Uint8Array,
  onProgress: (done: number, all: number) => void = () => undefined,
): Promise<void> {
  const pins = createPinHasher(random);
  const all = chain.staff.length + chain.members.length + chain.lots.length + chain.articles.length;
  let done = 0;
  const advance = (count: number): void => {
    done += count;
    onProgress(done, all);
  };
  for (const { pin, ...staff } of chain.staff) {
    const pinHash = await pins.hash(pin);
    store.transaction(() => store.staff.upsert(staff, pinHash));
    advance(1);
  }
  inBatches(chain.articles, (rows) => {
    store.transaction(() => store.articles.upsert(rows));
    advance(rows.length);
  });
  inBatches(chain.members, (rows) => {
    store.transaction(() => store.members.upsert(rows));
    advance(rows.length);
  });
  inBatches(chain.lots, (rows) => {
    store.transaction(() => store.points.addLots(rows));
    advance(rows.length);
  });
}

function inBatches<T>(rows: readonly T[], write: (batch: readonly T[]) => void): void {
  for (let at = 0; at < rows.length; at += LOAD_BATCH_ROWS)
    write(rows.slice(at, at + LOAD_BATCH_ROWS));
}
