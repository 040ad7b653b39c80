import { assert, findingCards, type Member } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';

/** A member's row as it lies in the table. */
export interface MemberRow {
  readonly no: number;
  readonly ver: number;
  readonly body: string;
}

/** Writes members with what finds them, cards and the keys of passes; both what this till writes and what headquarters feeds. */
export interface MemberRows {
  find(memberId: string): MemberRow | undefined;
  /**
   * A card that another member had goes to this one: the later word counts, as in the order of the feed.
   * @param old the row as {@link find} gives it
   * @param body the member's JSON, kept as it is
   */
  write(old: MemberRow | undefined, member: Member, body: string, ver: number): void;
  remove(old: MemberRow): void;
}

/** What a member has where the JSON does not say; it may come from a headquarters that leaves out what is empty. */
const DEFAULTS = {
  cards: [],
  groups: [],
  tags: [],
  status: 'active',
  completedOrders: 0,
  yearSpendMinor: 0,
  entitlements: [],
} as const satisfies Partial<Member>;

/** Members come in checked, so a read only parses the JSON that was written. */
export function parseMember({ body }: { readonly body: string }): Member {
  return { ...DEFAULTS, ...(JSON.parse(body) as Member) };
}

/** The rows of members and their cards. */
export function createMemberRows(connection: Connection): MemberRows {
  const find = connection.statement<MemberRow>(
    'SELECT no, ver, body FROM members WHERE member_id = ?',
  );
  const insert = connection.statement<{ no: number }>(
    'INSERT INTO members (member_id, gsrn, phone_reversed, body, ver) VALUES (?, ?, ?, ?, ?) RETURNING no',
  );
  const update = connection.statement(
    'UPDATE members SET gsrn = ?, phone_reversed = ?, body = ?, ver = ? WHERE no = ?',
  );
  const remove = connection.statement('DELETE FROM members WHERE no = ?');
  const giveCard = connection.statement(
    'INSERT INTO member_cards (card, member_no) VALUES (?, ?) ON CONFLICT (card) DO UPDATE SET member_no = excluded.member_no',
  );
  const takeCard = connection.statement(
    'DELETE FROM member_cards WHERE card = ? AND member_no = ?',
  );
  const takeCards = connection.statement('DELETE FROM member_cards WHERE member_no = ?');

  return {
    find: (memberId) => find.get(memberId),
    write(old, member, body, ver) {
      const phone = member.phone === undefined ? null : reversed(member.phone);
      const gsrn = member.gsrn ?? null;
      let no = old?.no;
      if (old === undefined) {
        no = insert.get(member.memberId, gsrn, phone, body, ver)?.no;
      } else if (old.body !== body || old.ver !== ver) {
        update.run(gsrn, phone, body, ver, old.no);
        const cards = findingCards(member);
        for (const card of cardsOf(old) ?? [])
          if (!cards.includes(card)) takeCard.run(card, old.no);
      }
      assert(no !== undefined, 'an inserted member has a row number');
      for (const card of findingCards(member)) giveCard.run(card, no);
    },
    remove(old) {
      const cards = cardsOf(old);
      // Whoever gets the number next must not be found by cards that nobody knows of.
      if (cards === undefined) takeCards.run(old.no);
      for (const card of cards ?? []) takeCard.run(card, old.no);
      remove.run(old.no);
    },
  };
}

/** Cards of a row as it lay; `undefined` where the body is damaged and says nothing. */
function cardsOf(old: MemberRow): readonly string[] | undefined {
  try {
    const { cards, passKeys } = parseMember(old);
    return Array.isArray(cards)
      ? findingCards({ cards, ...(passKeys && { passKeys }) })
      : undefined;
  } catch {
    // The row is being replaced or removed: what comes is right, whatever this was.
    return undefined;
  }
}

/** Phones are asked for by their end, and an index finds beginnings. */
export function reversed(phone: string): string {
  return [...phone].reverse().join('');
}
