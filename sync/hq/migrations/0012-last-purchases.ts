import type { HqMigration } from './migration.ts';

/**
 * Members' last purchases, from the ledgers, for rows that were counted before these were kept: without them every member
 * reads as one who has never been here. Older entries are all of stores, older online bookings all of the web shop. The day
 * is that of the entry, no later than the one after it came; a zone's hours do not matter to days since then.
 */
export const FILL_LAST_PURCHASES = `
    WITH RECURSIVE alive (member_id, now_id, step) AS (
      SELECT member_id, member_id, 0 FROM members
      UNION ALL
      SELECT a.member_id, substring(m.body FROM '"mergedInto":"([^"]*)"'), a.step + 1
      FROM alive a JOIN members m ON m.member_id = a.now_id
      WHERE a.step < 8 AND m.body LIKE '%"status":"merged"%' AND m.body LIKE '%"mergedInto":"%'
    ), owners AS (
      SELECT DISTINCT ON (member_id) member_id, now_id FROM alive ORDER BY member_id, step DESC
    ), purchases AS (
      SELECT member_id, 'store' AS channel, least(business_day COLLATE "C",
        to_char(to_timestamp(received_at_ms / 1000.0) AT TIME ZONE 'UTC' + interval '1 day', 'YYYY-MM-DD') COLLATE "C") AS day
      FROM ledger WHERE member_id IS NOT NULL AND kind = 'sale' AND facts LIKE '%"orders":1%'
      UNION ALL
      SELECT member_id, 'online', to_char(to_timestamp(at_ms / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD') COLLATE "C"
      FROM online_ledger WHERE kind = 'purchase'
    ), last AS (
      SELECT now_id, channel, max(day) AS day
      FROM purchases JOIN owners USING (member_id) GROUP BY now_id, channel
    ), found AS (
      SELECT now_id, string_agg('"' || channel || '":"' || day || '"', ',' ORDER BY channel) AS days
      FROM last GROUP BY now_id
    )
    UPDATE members AS m SET body = left(body, -1) || ',"lastPurchaseOn":{' || days || '}}'
    FROM found WHERE m.member_id = found.now_id AND m.body LIKE '{"%}' AND m.body NOT LIKE '%"lastPurchaseOn":%'`;

/** Last purchases of members, and members by whom they were merged into. */
export const migration: HqMigration = {
  version: 12,
  name: 'last-purchases',
  sql: `
    CREATE INDEX members_merged_into ON members ((substring(body FROM '"mergedInto":"([^"]*)"')))
      WHERE body LIKE '%"status":"merged"%';
    ${FILL_LAST_PURCHASES};
  `,
};
