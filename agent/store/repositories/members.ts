import { assert, type Member } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { MembersRepository } from '../store.ts';

/** Fewest digits of a phone number that are looked up; fewer would name half the town. */
const PHONE_DIGITS_MIN = 4;

interface BodyRow {
  readonly body: string;
}

/** The member cache. Members come in checked, so a read only parses the JSON that was written. */
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
  const known = connection.statement<{ no: number; body: string }>(
    'SELECT no, body FROM members WHERE member_id = ?',
  );
  const insert = connection.statement<{ no: number }>(
    'INSERT INTO members (member_id, gsrn, phone_reversed, body) VALUES (?, ?, ?, ?) RETURNING no',
  );
  const update = connection.statement(
    'UPDATE members SET gsrn = ?, phone_reversed = ?, body = ? WHERE no = ?',
  );
  const giveCard = connection.statement(
    'INSERT INTO member_cards (card, member_no) VALUES (?, ?) ON CONFLICT (card) DO UPDATE SET member_no = excluded.member_no',
  );
  const takeCard = connection.statement(
    'DELETE FROM member_cards WHERE card = ? AND member_no = ?',
  );
  const count = connection.statement<{ n: number }>('SELECT count(*) AS n FROM members');

  /** A card that another member had goes to this one: the later word counts, as in the order of the feed. */
  function upsertOne(member: Member): void {
    const body = JSON.stringify(member);
    const phone = member.phone === undefined ? null : reversed(member.phone);
    const gsrn = member.gsrn ?? null;
    const old = known.get(member.memberId);
    let no = old?.no;
    if (old === undefined) {
      no = insert.get(member.memberId, gsrn, phone, body)?.no;
    } else if (old.body !== body) {
      update.run(gsrn, phone, body, old.no);
      for (const card of parse(old).cards)
        if (!member.cards.includes(card)) takeCard.run(card, old.no);
    }
    assert(no !== undefined, 'an inserted member has a row number');
    for (const card of member.cards) giveCard.run(card, no);
  }

  return {
    byId: (id) => parseFound(byId.get(id)),
    byCard: (card) => parseFound(byCard.get(card)),
    byGsrn: (gsrn) => parseFound(byGsrn.get(gsrn)),
    byPhoneSuffix(digits, limit) {
      assert(
        /^\d+$/.test(digits) && digits.length >= PHONE_DIGITS_MIN,
        'phones are found by 4 or more digits',
      );
      const from = reversed(digits);
      // ':' follows '9', so the range holds exactly the texts that begin with `from`.
      return byPhoneEnd.all(from, `${from}:`, limit).map(parse);
    },
    upsert: (members) => connection.together(() => members.forEach(upsertOne)),
    count: () => count.get()?.n ?? 0,
  };
}

function parse(row: BodyRow): Member {
  return JSON.parse(row.body) as Member;
}

function parseFound(row: BodyRow | undefined): Member | undefined {
  return row === undefined ? undefined : parse(row);
}

/** Phones are asked for by their end, and an index finds beginnings. */
function reversed(phone: string): string {
  return [...phone].reverse().join('');
}
