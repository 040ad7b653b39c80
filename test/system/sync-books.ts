import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import {
  type EntryHeader,
  GENESIS_HASH,
  type Member,
  memberSchema,
} from '../../agent/contract/index.ts';
import { canonicalJson } from '../../agent/domain/ledger/canonical-json.ts';
import { openLocked } from '../../agent/main/open-locked.ts';
import { verifyLedger } from '../../agent/main/verify-ledger.ts';
import type { HqDatabase } from '../../sync/hq/database/database.ts';
import type { PointsAccount } from '../../sync/protocol/feed.ts';
import type { HqProgram } from '../support/hq-program.ts';
import { type SyncedTill, until } from '../support/synced-till.ts';

/** A ledger as headquarters holds it. */
interface HqEntry {
  readonly till_id: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly kind: string;
  readonly sale_id: string;
  readonly header: string;
  readonly hash: string;
}

/** What headquarters holds when everything is quiet. */
export interface HqBooks {
  readonly entries: readonly HqEntry[];
  readonly accounts: ReadonlyMap<string, PointsAccount>;
  readonly members: ReadonlyMap<string, Member>;
  readonly openAllowances: readonly string[];
  readonly exceptions: readonly string[];
  readonly alarms: readonly string[];
  /** Rows that wait for their number in the feed. */
  readonly waiting: number;
}

/** What one till holds. */
export interface TillBooks {
  readonly tillId: string;
  readonly chain: { readonly ok: boolean; readonly detail: string };
  /** Hash by entry, from the first. */
  readonly hashes: readonly string[];
  /** Sale entries in their order. */
  readonly sales: readonly string[];
  readonly openAllowances: readonly string[];
  readonly waiting: number;
  pointsOf(memberId: string): number;
  lotsOf(memberId: string): readonly { readonly lotId: string; readonly points: number }[];
  memberOf(memberId: string): Member | undefined;
}

/** Waits until nothing waits anywhere: outboxes empty, every till at headquarters' head. */
export async function untilQuiet(hq: HqProgram, tills: readonly SyncedTill[]): Promise<void> {
  for (const till of tills) await till.syncNow();
  let seen = '';
  await until(
    'quiet',
    async () => {
      const before = await hq.overview();
      const views = await Promise.all(tills.map((till) => till.sync()));
      const after = await hq.overview();
      seen = JSON.stringify({
        hq: { head: after.head, waiting: after.waiting, alarms: after.alarms },
        tills: views.map(({ state, reason, troubles, waiting, pos, headPos }) => ({
          ...{ state, reason, troubles, waiting, pos, headPos },
        })),
      });
      const still = before.head === after.head && before.waiting + after.waiting === 0;
      const there = views.every(
        ({ state, waiting, pos }) => state === 'online' && waiting === 0 && pos === after.head,
      );
      return still && there ? true : undefined;
    },
    () => `${seen}\n${tills.map((till) => till.till().log().slice(-2_000)).join('\n')}`,
  );
}

/** Reads headquarters' database, of which no process runs. */
export async function readHqBooks(db: HqDatabase): Promise<HqBooks> {
  const entries = await db.query<HqEntry>(
    `SELECT till_id, incarnation, seq, kind, sale_id, header, hash FROM ledger
     ORDER BY till_id, incarnation, seq`,
  );
  const accounts = await db.query<{ body: string }>('SELECT body FROM point_accounts');
  const members = await db.query<{ member_id: string; body: string }>(
    'SELECT member_id, body FROM members',
  );
  const texts = async (sql: string): Promise<string[]> =>
    (await db.query<{ text: string }>(sql)).map(({ text }) => text);
  const [outbox] = await db.query<{ rows: unknown }>('SELECT count(*) AS rows FROM outbox');
  return {
    entries: entries.map((entry) => ({ ...entry, seq: Number(entry.seq) })),
    accounts: new Map(
      accounts.map(({ body }) => {
        const account = JSON.parse(body) as PointsAccount;
        return [account.memberId as string, account];
      }),
    ),
    members: new Map(
      members.map(({ member_id, body }) => [member_id, memberSchema.parse(JSON.parse(body))]),
    ),
    openAllowances: await texts(
      `SELECT allowance_id AS text FROM allowances WHERE state = 'open' ORDER BY allowance_id`,
    ),
    exceptions: await texts(`SELECT code || ' ' || detail AS text FROM exceptions ORDER BY id`),
    alarms: await texts(`SELECT code || ' ' || detail AS text FROM alarms ORDER BY id`),
    waiting: Number(outbox?.rows),
  };
}

/** Reads a till's database, of which no process runs. `use` may look as long as it runs. */
export function withTillBooks<T>(till: SyncedTill, use: (books: TillBooks) => T): T {
  const { dataDir, keyFile } = till.folder;
  const opened = openLocked(dataDir, keyFile, undefined);
  if (!opened.ok) throw new Error(opened.error.message.en);
  const { store, lock } = opened.value;
  try {
    const entries = store.ledger.after(0, 1_000_000);
    return use({
      tillId: till.tillId,
      chain: verifyLedger(store),
      hashes: entries.map(({ hash }) => hash),
      sales: entries
        .filter(({ header }) => header.kind === 'sale')
        .map(({ header }) => header.saleId),
      openAllowances: store.sync.openAllowances(),
      waiting: store.sync.waiting().count,
      pointsOf: (memberId) => store.points.balance(memberId as never),
      lotsOf: (memberId) =>
        store.points.lots(memberId as never).map(({ lotId, points }) => ({ lotId, points })),
      // Without what headquarters alone counts by: a till keeps such fields, and does not read them.
      memberOf: (memberId) => memberSchema.optional().parse(store.members.byId(memberId as never)),
    });
  } finally {
    store.close();
    lock.release();
  }
}

/** The points of an account. */
export function balanceOf(account: PointsAccount | undefined): number {
  return account?.lots.reduce((sum, { points }) => sum + points, 0) ?? 0;
}

/** Recomputes every chain at headquarters from the texts of its headers. @returns the hashes by till */
export function expectWholeChains(books: HqBooks, replay: string): Map<string, string[]> {
  const chains = new Map<string, HqEntry[]>();
  for (const entry of books.entries) {
    const chain = `${entry.till_id}:${entry.incarnation}`;
    chains.set(chain, [...(chains.get(chain) ?? []), entry]);
  }
  const hashes = new Map<string, string[]>();
  for (const [chain, entries] of chains) {
    let previous: string = GENESIS_HASH;
    for (const [index, { seq, header, hash, till_id }] of entries.entries()) {
      const parsed = JSON.parse(header) as EntryHeader;
      const where = `${chain} entry ${index + 1}; ${replay}`;
      expect(seq, where).toBe(index + 1);
      expect([parsed.seq, parsed.tillId, parsed.prevHash], where).toEqual([seq, till_id, previous]);
      expect(createHash('sha256').update(canonicalJson(parsed)).digest('hex'), where).toBe(hash);
      previous = hash;
    }
    const [tillId = ''] = chain.split(':');
    expect(hashes.has(tillId), `${tillId} has one database; ${replay}`).toBe(false);
    hashes.set(
      tillId,
      entries.map(({ hash }) => hash),
    );
  }
  return hashes;
}
