import { assert, type Member, PASS_CARD_PREFIX, passCard } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { MembersRepository } from '../store.ts';
import { createMemberRows, parseMember, reversed } from './member-rows.ts';

/** Fewest digits of a phone number that are looked up; fewer would name half the town. */
const PHONE_DIGITS_MIN = 4;

interface BodyRow {
  readonly body: string;
}

/** The member cache. */
export function createMembers(connection: Connection): MembersRepository {
  const byId = connection.statement<BodyRow>('SELECT body FROM members WHERE member_id = ?');
  const byCard = connection.statement<BodyRow>(
    'SELECT m.body FROM member_cards c JOIN members m ON m.no = c.member_no WHERE c.card = ?',
  );
  const byGsrn = connection.statement<BodyRow>(
    'SELECT body FROM members WHERE gsrn = ? ORDER BY member_id LIMIT 1',
  );
  // The index alone finds and orders the matches; only those that are answered are read.
  const byPhoneEnd = connection.statement<BodyRow>(`
    SELECT m.body FROM (
      SELECT no, member_id FROM members
      WHERE phone_reversed >= ? AND phone_reversed < ? ORDER BY member_id LIMIT ?
    ) found JOIN members m ON m.no = found.no ORDER BY found.member_id`);
  const rows = createMemberRows(connection);
  const count = connection.statement<{ n: number }>('SELECT count(*) AS n FROM members');

  function upsertOne(member: Member): void {
    const old = rows.find(member.memberId);
    // What headquarters said of them counts.
    if (old === undefined || old.ver === 0) rows.write(old, member, JSON.stringify(member), 0);
  }

  return {
    byId: (id) => parseFound(byId.get(id)),
    byCard: (card) =>
      card.startsWith(PASS_CARD_PREFIX) ? undefined : parseFound(byCard.get(card)),
    byPassKey: (keyId) => parseFound(byCard.get(passCard(keyId))),
    byGsrn: (gsrn) => parseFound(byGsrn.get(gsrn)),
    byPhoneSuffix(digits, limit) {
      assert(
        /^\d+$/.test(digits) && digits.length >= PHONE_DIGITS_MIN,
        'phones are found by 4 or more digits',
      );
      const from = reversed(digits);
      // ':' follows '9', so the range holds exactly the texts that begin with `from`.
      return byPhoneEnd.all(from, `${from}:`, limit).map(parseMember);
    },
    upsert: (members) => connection.together(() => members.forEach(upsertOne)),
    count: () => count.get()?.n ?? 0,
  };
}

function parseFound(row: BodyRow | undefined): Member | undefined {
  return row === undefined ? undefined : parseMember(row);
}
