import { afterEach } from 'vitest';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { createFeedReader, type FeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import { createSequencer, type Sequencer } from '../../../../sync/hq/feed/create-sequencer.ts';
import type { BatchLimits } from '../../../../sync/hq/feed/sequence-batch.ts';
import { systemTimers } from '../../../../sync/hq/system-timers.ts';
import type { Cursor, Page } from '../../../../sync/protocol/feed.ts';
import { PROTOCOL_VERSION } from '../../../../sync/protocol/version.ts';
import { must, quietLog } from '../../../support/hq-database.ts';

const open: Sequencer[] = [];

/** Ends the sequencers of each test before its databases are closed. */
export function endSequencersAfterEach(): void {
  afterEach(async () => {
    for (const sequencer of open.splice(0)) await sequencer.close();
  });
}

/** A running sequencer that ends with the test. */
export async function startSequencer(
  db: HqDatabase,
  limits: Partial<BatchLimits> = {},
): Promise<Sequencer> {
  const sequencer = await createSequencer({
    db,
    log: quietLog,
    nowMs: () => 0,
    timers: systemTimers,
    limits,
  });
  open.push(sequencer);
  return sequencer;
}

/** The cursor of a till that has seen nothing. */
export async function atTheBeginning(reader: FeedReader): Promise<Cursor> {
  const { timeline } = await reader.head();
  return { timeline, pos: 0, chain: '0'.repeat(64) };
}

export interface Following {
  readonly storeId?: string;
  readonly protocol?: number;
  readonly maxRows?: number;
}

/** All pages from a cursor to the head. */
export async function pagesFrom(
  db: HqDatabase,
  cursor: Cursor | null,
  { storeId = 'store-1', protocol = PROTOCOL_VERSION, maxRows }: Following = {},
): Promise<Page[]> {
  const reader = createFeedReader({ db });
  const pages: Page[] = [];
  let at = cursor ?? (await atTheBeginning(reader));
  for (;;) {
    const query = { storeId, protocol, cursor: at, ...(maxRows === undefined ? {} : { maxRows }) };
    const page = must(await reader.readPage(query));
    if (page.to.pos === at.pos) return pages;
    pages.push(page);
    at = page.to;
  }
}
