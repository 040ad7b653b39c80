import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { plainPhone } from '../../../agent/domain/identify/plain-phone.ts';
import type { FeedRow } from '../../protocol/feed.ts';
import type { HqInput, HqReply } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { LOOKUP_MAX } from '../../protocol/member-lookup.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps, HqHandler, TillCaller } from '../deps.ts';
import { tillOf } from './callers.ts';
import { carryMembers } from './carry-members.ts';
import { countLookups } from './count-lookups.ts';
import { livingOf, readMembers } from './held-members.ts';
import { phoneForms } from './phone-forms.ts';
import { transact } from './transact.ts';

type Query = HqInput<'findMember'>;

/**
 * Finds a member for a till beyond what its store carries, by a whole key alone. Merged members are answered with whom
 * they were merged into. The store carries whoever is answered, so that what becomes of them reaches the till's copies,
 * erasure above all: one person as a visitor, several as looked up until one of them is served (see `expireVisits`). A till
 * that has looked up too many whom its store did not carry is told `busy` (see `countLookups`).
 */
export function createFindMember(deps: HqDeps): HqHandler<'findMember'> {
  async function answer(
    tx: HqSession,
    till: TillCaller,
    hits: readonly string[],
  ): Promise<Result<HqReply<'findMember'>, HqFailure>> {
    const { storeId } = till;
    const members = await readMembers(tx, hits);
    const living = new Set(hits.map((id) => livingOf(members, id).memberId));
    const ids = [...members.keys()].sort();
    const shown = ids.slice(0, LOOKUP_MAX);
    const isOne = living.size === 1;
    const reason = isOne ? 'visit' : 'lookup';
    const carried = isOne ? ids : shown;
    if (!(await countLookups(tx, deps, till, carried))) return err(hqFailure('busy'));
    await carryMembers(tx, { storeId, reason, atMs: deps.nowMs() }, carried);
    return ok({ rows: await rowsOf(tx, storeId, shown), tooMany: shown.length < ids.length });
  }

  return async (caller, query) => {
    const till = tillOf(caller);
    if (!till.ok) return till;
    return transact(deps, async (tx) => {
      const hits = await findHits(tx, query);
      if (!hits.ok) return hits;
      if (hits.value.length === 0) return ok({ rows: [], tooMany: false });
      return answer(tx, till.value, hits.value);
    });
  };
}

/** Ids under a key: all that a look-up may answer and one more. */
export async function findHits(
  session: HqSession,
  { by, value }: Query,
): Promise<Result<string[], HqFailure>> {
  const found = async (sql: string, key: string | string[]) => {
    const rows = await session.query<{ member_id: string }>(`${sql} LIMIT ${LOOKUP_MAX + 1}`, [
      key,
    ]);
    return ok(rows.map((row) => row.member_id));
  };
  switch (by) {
    case 'card':
      return found('SELECT member_id FROM member_cards WHERE card = $1', value);
    case 'gsrn':
      return found('SELECT member_id FROM members WHERE gsrn = $1', value);
    case 'member':
      return found('SELECT member_id FROM members WHERE member_id = $1', value);
    case 'phone': {
      const plain = plainPhone(value);
      if (plain === undefined) return err(hqFailure('invalid-input', 'value'));
      return found('SELECT member_id FROM members WHERE phone = ANY($1)', phoneForms(plain));
    }
  }
}

/**
 * Members and their accounts as they come down the feed of a store. The versions are those of the feed: a till that was told
 * to forget a member takes nothing older than the removal. Of the outbox the urgent rows are enough, and have an index. A
 * published version above all that were ever given is damaged and is left to the deep check.
 */
async function rowsOf(
  session: HqSession,
  storeId: string,
  ids: readonly string[],
): Promise<FeedRow[]> {
  const rows = await session.query<{ tbl: string; key: string; ver: number; body: string }>(
    `SELECT tbl, key, body, greatest(ver,
       (SELECT max(o.ver) FROM outbox o WHERE o.urgent AND o.scope = $2 AND o.tbl = r.tbl AND o.key = r.key),
       (SELECT p.ver FROM published p WHERE p.scope = $2 AND p.tbl = r.tbl AND p.key = r.key
          AND p.ver <= (SELECT last_value FROM row_version))) AS ver
     FROM (
       SELECT 'member' AS tbl, member_id AS key, ver, body FROM members WHERE member_id = ANY($1)
       UNION ALL
       SELECT 'points', member_id, ver, body FROM point_accounts WHERE member_id = ANY($1)
     ) AS r ORDER BY key, tbl`,
    [ids, storeId],
  );
  return rows.map(({ tbl, key, ver, body }) => [tbl, key, ver, body]);
}
