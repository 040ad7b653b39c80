import { FEED_TABLES, type FeedTable } from '../../protocol/feed.ts';
import { TABLES_SINCE } from '../../protocol/version.ts';

/** Feed tables that came after `protocol`: its tills would not know what to do with their rows. */
export function hiddenTables(protocol: number): string[] {
  return Object.entries(TABLES_SINCE)
    .filter(([, since]) => since > protocol)
    .map(([table]) => table);
}

/** Feed tables that tills of `protocol` get. */
export function shownTables(protocol: number): FeedTable[] {
  const hidden = hiddenTables(protocol);
  return FEED_TABLES.filter((table) => !hidden.includes(table));
}
