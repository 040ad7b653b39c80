import { ok } from '../../../agent/contract/result.ts';
import { plainPhone } from '../../../agent/domain/identify/plain-phone.ts';
import { pointsBalance } from '../../../agent/domain/points/lots.ts';
import { maskName } from '../../../agent/domain/privacy/mask-name.ts';
import type { PointsAccount } from '../../protocol/feed.ts';
import type { HqReply } from '../../protocol/hq-api.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps, HqHandler } from '../deps.ts';
import { lotsOf } from './account.ts';
import { chainDay } from './chain-day.ts';
import { livingOf, readMembers } from './held-members.ts';
import type { MemberBody } from './member-body.ts';
import { phoneForms } from './phone-forms.ts';

type Hit = HqReply<'searchMembers'>['members'][number];

/** Digits from which on the end of a phone number is looked for. */
const PHONE_END_MIN = 4;

/**
 * Finds members for the console: by id, card, GSRN or phone exactly, by the last digits of a phone, and by the beginning
 * of a name. Merged members appear as whom they were merged into.
 */
export function createSearchMembers(deps: HqDeps): HqHandler<'searchMembers'> {
  return async (_caller, { query, limit }) => {
    const wanted = query.trim();
    const found = new Set(await byKey(deps.db, wanted, limit));
    if (found.size < limit && isPhoneEnd(wanted))
      for (const id of await byPhoneEnd(deps.db, wanted, limit)) found.add(id);
    if (found.size < limit && /\D/.test(wanted))
      for (const id of await byName(deps.db, wanted, limit)) found.add(id);
    const members = await readMembers(deps.db, found);
    const living = new Set([...found].map((id) => livingOf(members, id).memberId));
    const ids = [...living].slice(0, limit);
    const balances = await balancesOf(deps, ids);
    return ok({
      members: ids.flatMap((id) => {
        const member = members.get(id);
        return member === undefined ? [] : [hitOf(member, balances.get(id) ?? 0)];
      }),
    });
  };
}

function isPhoneEnd(text: string): boolean {
  return /^\d+$/.test(text) && text.length >= PHONE_END_MIN;
}

async function byKey(session: HqSession, wanted: string, limit: number): Promise<string[]> {
  const plain = plainPhone(wanted);
  return idsOf(
    session,
    `SELECT member_id FROM members WHERE member_id = $1 OR gsrn = $1 OR phone = ANY($2)
     UNION SELECT member_id FROM member_cards WHERE card = $1 LIMIT $3`,
    [wanted, plain === undefined ? [] : phoneForms(plain), limit],
  );
}

async function byPhoneEnd(session: HqSession, digits: string, limit: number): Promise<string[]> {
  return idsOf(session, 'SELECT member_id FROM members WHERE phone LIKE $1 ORDER BY 1 LIMIT $2', [
    `%${digits}`,
    limit,
  ]);
}

/** In the text of the row, which is canonical JSON: taking every row apart would cost far more. */
async function byName(session: HqSession, name: string, limit: number): Promise<string[]> {
  const inJson = JSON.stringify(name).slice(1, -1);
  const pattern = `"name":"${inJson}`.replace(/[\\%_]/g, '\\$&');
  return idsOf(session, 'SELECT member_id FROM members WHERE body LIKE $1 ORDER BY 1 LIMIT $2', [
    `%${pattern}%`,
    limit,
  ]);
}

async function idsOf(
  session: HqSession,
  sql: string,
  values: (string | number | string[])[],
): Promise<string[]> {
  const rows = await session.query<{ member_id: string }>(sql, values);
  return rows.map((row) => row.member_id);
}

async function balancesOf(
  { db, nowMs, timeZone }: HqDeps,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const today = chainDay(nowMs(), timeZone);
  const rows = await db.query<{ member_id: string; body: string }>(
    'SELECT member_id, body FROM point_accounts WHERE member_id = ANY($1)',
    [ids],
  );
  return new Map(
    rows.map(({ member_id, body }) => [
      member_id,
      pointsBalance(lotsOf(JSON.parse(body) as PointsAccount), today),
    ]),
  );
}

function hitOf({ memberId, name, phone, tier, homeStoreId }: MemberBody, points: number): Hit {
  return {
    memberId,
    maskedName: maskName(name),
    phoneLast4: phone?.slice(-4) ?? null,
    tier,
    points,
    homeStoreId: homeStoreId ?? null,
  };
}
