import { pointsAccountSchema } from '../../../sync/protocol/feed.ts';
import { findingCards } from '../../contract/index.ts';
import { reversed } from '../repositories/member-rows.ts';
import type { Connection } from '../sqlite/connection.ts';
import { createFedArticles } from '../sync/fed-articles.ts';
import { createFedStaff } from '../sync/fed-staff.ts';
import { createFeedRows } from '../sync/feed-rows.ts';
import { readBody } from '../sync/read-body.ts';
import { readMember } from './read-member.ts';

/** Takes a row into an empty table; answers why this program cannot read it. */
export type LoadRow = (key: string, ver: number, body: string) => string | undefined;

/** How a segment of a table is taken, rows coming in order of the key: plain inserts, nothing looked up. */
export function createLoaders(connection: Connection): (table: string) => LoadRow {
  const feedRows = createFeedRows(connection);
  const [staff, articles] = [createFedStaff(connection), createFedArticles(connection)];
  const own: Readonly<Record<string, () => LoadRow>> = {
    member: () => loadMembers(connection),
    points: () => loadAccounts(connection),
    staff: () => (key, ver, body) => staff.put(key, ver, body, undefined),
    article: () => (key, ver, body) => articles.put(key, ver, body, undefined),
  };

  return (table) => {
    const aside = feedRows.table(table);
    const load = Object.hasOwn(own, table) ? own[table]?.() : undefined;
    return (key, ver, body) => {
      const why = load ? load(key, ver, body) : aside.put(key, ver, body, undefined);
      if (why !== undefined) feedRows.refuse(table, key, ver, body, why);
      return why;
    };
  };
}

/** Cards come in no order: they wait in a list and are sorted once all are there. */
function loadMembers(connection: Connection): LoadRow {
  const insert = connection.statement(
    'INSERT INTO members (no, member_id, gsrn, phone_reversed, body, ver) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const lastNo = connection.statement<{ no: number }>(
    'SELECT coalesce(max(no), 0) AS no FROM members',
  );
  const addCard = connection.statement('INSERT INTO snapshot_cards VALUES (?, ?, ?)');

  let no = lastNo.get()?.no ?? 0;

  return (key, ver, body) => {
    const read = readMember(body);
    if (!read.ok) return read.error;
    const { memberId, gsrn, phone, cards, passKeys } = read.value;
    if (memberId !== key) return 'memberId: is not the key';
    no += 1;
    insert.run(no, key, gsrn ?? null, phone === undefined ? null : reversed(phone), body, ver);
    for (const card of findingCards({ cards, passKeys })) addCard.run(card, no, ver);
    return undefined;
  };
}

function loadAccounts(connection: Connection): LoadRow {
  const insert = connection.statement('INSERT INTO points_accounts VALUES (?, ?, ?)');
  const addLot = connection.statement(`
    INSERT INTO points_lots
      (member_id, lot_id, points, earned_at, expires_on, available_on, channel, bucket, source, made_seq)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`);

  return (key, ver, body) => {
    const read = readBody(body, pointsAccountSchema);
    if (!read.ok) return read.error;
    const { memberId, lots } = read.value;
    if (memberId !== key) return 'memberId: is not the key';
    if (new Set(lots.map(({ lotId }) => lotId)).size < lots.length) return 'lots: one lot twice';
    insert.run(key, ver, body);
    for (const { lotId, points, earnedAt, channel, bucket, source, ...days } of lots) {
      const [expiresOn, availableOn] = [days.expiresOn ?? null, days.availableOn ?? null];
      addLot.run(key, lotId, points, earnedAt, expiresOn, availableOn, channel, bucket, source);
    }
    return undefined;
  };
}
