import type { HqDatabase } from '../database/database.ts';
import { type LevelSums, scanLevelSums } from './level-sums.ts';

/** Trees that one process keeps, 560 KB each; the one used longest ago goes. */
export const TREES_KEPT = 16;
/** A tree is kept so long, in milliseconds: a walk over a slow line. */
export const TREE_KEPT_MS = 60_000;
/** Scans of stores that one process has under way, at most: all others of its connections serve pages and sales. */
export const SCANS_AT_ONCE = 2;

/** Trees of stores, each made by one scan that the questions of a walk, and tills that ask at the same time, share. */
export interface SumsCache {
  /**
   * @param mustSum the root's sum that the tree must have to be taken from what is kept; absent = whatever is kept, since
   *   a walk goes on from what it was told
   */
  tree(storeId: string, table: string, mustSum?: string): Promise<LevelSums>;
  /** Runs work that scans rows of a store, {@link SCANS_AT_ONCE} at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

export function createSumsCache({
  db,
  nowMs,
}: {
  readonly db: HqDatabase;
  nowMs(): number;
}): SumsCache {
  const kept = new Map<string, { readonly tree: Promise<LevelSums>; readonly madeMs: number }>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= SCANS_AT_ONCE) await new Promise<void>((go) => waiting.push(go));
    else running++;
    try {
      return await work();
    } finally {
      // The place goes from hand to hand, so that nobody who comes meanwhile takes it.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }

  function make(name: string, storeId: string, table: string): Promise<LevelSums> {
    const tree = inTurn(() => scanLevelSums(db, storeId, table));
    kept.delete(name);
    kept.set(name, { tree, madeMs: nowMs() });
    const forget = (): void => {
      if (kept.get(name)?.tree === tree) kept.delete(name);
    };
    // One that does not fit its root is of no use to anybody.
    tree.then(({ fits }) => fits || forget(), forget);
    for (const oldest of kept.keys()) {
      if (kept.size <= TREES_KEPT) break;
      kept.delete(oldest);
    }
    return tree;
  }

  return {
    inTurn,
    async tree(storeId, table, mustSum) {
      const name = `${storeId}\n${table}`;
      const known = kept.get(name);
      if (known !== undefined && Math.abs(nowMs() - known.madeMs) < TREE_KEPT_MS) {
        const tree = await known.tree;
        if (mustSum === undefined || tree.sum === mustSum) {
          if (kept.get(name) === known) {
            kept.delete(name);
            kept.set(name, known);
          }
          return tree;
        }
      }
      // Somebody else may have begun a scan of the state that we saw, or of a later one.
      const since = kept.get(name);
      if (since !== undefined && since !== known) return since.tree;
      return make(name, storeId, table);
    },
  };
}
