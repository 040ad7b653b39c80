import type { Page } from '../../protocol/feed.ts';
import type { ChecksStore } from '../check-ports.ts';

const NO_SUM = '0'.repeat(32);

/**
 * Compares the roots of a page that was just applied with the till's own at exactly its end (V1).
 * @returns tables whose rows are not what headquarters held there; none where the till's roots are not known there
 */
export function compareRoots(
  checks: Pick<ChecksStore, 'roots'>,
  { to, roots = [] }: Pick<Page, 'to' | 'roots'>,
): readonly string[] {
  if (roots.length === 0) return [];
  const own = checks.roots();
  if (own === undefined) return [];
  const { timeline, pos, chain } = own.cursor;
  if (timeline !== to.timeline || pos !== to.pos || chain !== to.chain) return [];
  return roots
    .filter(({ table, rows, sum }) => {
      const ours = own.roots.find((root) => root.table === table);
      return (ours?.rows ?? 0) !== rows || (ours?.sum ?? NO_SUM) !== sum;
    })
    .map(({ table }) => table);
}
