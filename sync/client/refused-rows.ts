import type { Applied } from './ports.ts';
import type { Troubles } from './troubles.ts';

/** Rows that are remembered as unreadable, at most; more are counted as this many. */
export const REFUSED_ROWS_MAX = 1_000;

/**
 * Keeps the trouble about rows that this version cannot read: it stands until each of them came again in a form that it
 * can, as after an update of either side.
 */
export function createRefusedRows(troubles: Troubles): (applied: Applied) => void {
  const open = new Map<string, string>();
  return ({ changed, refused = [] }) => {
    if (refused.length === 0 && open.size === 0) return;
    for (const { table, key } of changed) open.delete(`${table}\n${key}`);
    for (const { table, key, why } of refused)
      if (open.size < REFUSED_ROWS_MAX) open.set(`${table}\n${key}`, `${table}: ${why}`);
    const first = open.values().next();
    if (first.done) troubles.clear('row-refused');
    else troubles.raise('row-refused', `${first.value} (${open.size} rows)`);
  };
}
