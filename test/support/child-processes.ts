import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes whose parent is `parent`, from /proc; Linux alone. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // The name before it may hold anything, brackets included; behind the last one come state and parent.
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        // Ended while we looked.
        return false;
      }
    });
}
