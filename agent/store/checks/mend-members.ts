import { passCard } from '../../contract/index.ts';
import { reversed } from '../repositories/member-rows.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { Mend } from './scrub.ts';

/** Name under which a scrub goes through the cards themselves, behind the members. */
export const CARDS = 'member:cards';

/** What finds a member, as the body says it. */
interface FoundBy {
  readonly gsrn: string | null;
  readonly phone: string | null;
  /** See `findingCards`. */
  readonly cards: readonly string[];
}

interface CardRow {
  readonly card: string;
  readonly no: number;
  readonly body: string | null;
}

/**
 * What finds members: columns and cards. Each card of a member leads to that member, or to another one who has it, too; and
 * no card leads anywhere else. The second is found by counting: only where there are more cards than members have, each is
 * looked at.
 */
export function createMendMembers(connection: Connection): {
  readonly mend: Mend;
  /** Cards after `after`, about `limit`; `to` absent = that were the last ones. */
  cards(after: string, limit: number): { readonly mended: number; readonly to?: string };
} {
  const setColumns = connection.statement(
    'UPDATE members SET gsrn = ?, phone_reversed = ? WHERE no = ?',
  );
  const wrongCards = connection.statement<{ card: string; no: number; holder: string | null }>(`
    SELECT j.value ->> 0 AS card, j.value ->> 1 AS no, m.body AS holder FROM json_each(?) j
    LEFT JOIN member_cards c ON c.card = (j.value ->> 0)
    LEFT JOIN members m ON m.no = c.member_no
    WHERE c.member_no IS NOT (j.value ->> 1)`);
  // Places and numbers together, so that cards which change places are noticed.
  const rightCards = connection.statement<{ n: number; sum: number | null }>(`
    SELECT count(*) AS n, sum(c.member_no * (j.key + 1)) AS sum FROM json_each(?) j
    JOIN member_cards c ON c.card = j.value`);
  const giveCard = connection.statement(
    'INSERT INTO member_cards VALUES (?, ?) ON CONFLICT (card) DO UPDATE SET member_no = excluded.member_no',
  );
  const takeCard = connection.statement('DELETE FROM member_cards WHERE card = ?');
  const someCards = connection.statement<{ card: string }>(
    'SELECT card FROM member_cards WHERE card > ? ORDER BY card LIMIT ?',
  );
  const cardRows = connection.statement<CardRow>(`
    SELECT c.card, c.member_no AS no, m.body FROM member_cards c LEFT JOIN members m ON m.no = c.member_no
    WHERE c.card > ? ORDER BY c.card LIMIT ?`);

  /** Cards that led to their members in this pass; `undefined` = it did not begin at the first one. */
  let right: number | undefined;
  /** Cards that were counted since; `null` = each is looked at. */
  let counted: number | null = null;

  const mend: Mend = (rows, isFirst) => {
    if (isFirst) [right, counted] = [0, 0];
    const pairs: [string, number][] = [];
    let mended = 0;
    for (const row of rows) {
      const found = foundBy(row.body);
      const no = Number(row['no']);
      if (found === undefined) continue;
      const phone = row['phone_reversed'];
      if (row['gsrn'] !== found.gsrn || !isReversed(phone as string | null, found.phone)) {
        setColumns.run(found.gsrn, found.phone === null ? null : reversed(found.phone), no);
        mended += 1;
      }
      for (const card of new Set(found.cards)) pairs.push([card, no]);
    }
    const wrong = areRight(pairs) ? [] : wrongCards.all(JSON.stringify(pairs));
    let others = 0;
    for (const { card, no, holder } of wrong) {
      // The later word of two members counts, and which one that was is not known any more.
      if (holder !== null && foundBy(holder)?.cards.includes(card) === true) {
        others += 1;
        continue;
      }
      giveCard.run(card, no);
      mended += 1;
    }
    if (right !== undefined) right += pairs.length - others;
    return mended;
  };

  /** The common case, found out by one sum. */
  function areRight(pairs: readonly (readonly [string, number])[]): boolean {
    const found = rightCards.get(JSON.stringify(pairs.map(([card]) => card)));
    const sum = pairs.reduce((all, [, no], i) => all + no * (i + 1), 0);
    return found?.n === pairs.length && (found.sum ?? 0) === sum;
  }

  function countSome(after: string, limit: number): { mended: number; to?: string } {
    const some = someCards.all(after, limit);
    counted = (counted ?? 0) + some.length;
    const to = some.at(-1)?.card;
    if (some.length === limit && to !== undefined) return { mended: 0, to };
    if (counted === right) return { mended: 0 };
    counted = null;
    return { mended: 0, to: '' };
  }

  return {
    mend,
    cards(after, limit) {
      if (after === '' && right === undefined) counted = null;
      if (counted !== null) return countSome(after, limit);
      const some = cardRows.all(after, limit);
      let mended = 0;
      for (const { card, body } of some) {
        const cards = body === null ? [] : foundBy(body)?.cards;
        // A member whose body cannot be read keeps them until headquarters said what is right.
        if (cards === undefined || cards.includes(card)) continue;
        takeCard.run(card);
        mended += 1;
      }
      const to = some.at(-1)?.card;
      return some.length < limit || to === undefined ? { mended } : { mended, to };
    },
  };
}

function foundBy(body: string): FoundBy | undefined {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    // The scrub has found that the row is not what it was; what finds it waits for the repair.
    return undefined;
  }
  if (typeof content !== 'object' || content === null) return undefined;
  const {
    gsrn = null,
    phone = null,
    cards = [],
    passKeys = [],
  } = content as Record<string, unknown>;
  if (!isTextOrNull(gsrn) || !isTextOrNull(phone) || !Array.isArray(cards)) return undefined;
  if (!cards.every((card) => typeof card === 'string')) return undefined;
  const keyIds = Array.isArray(passKeys) ? passKeys.map(keyIdOf) : [undefined];
  if (!keyIds.every((keyId) => keyId !== undefined)) return undefined;
  return { gsrn, phone, cards: [...cards, ...keyIds.map(passCard)] };
}

function keyIdOf(key: unknown): string | undefined {
  const { keyId } = (key ?? {}) as { readonly keyId?: unknown };
  return typeof keyId === 'string' ? keyId : undefined;
}

/** Without making either text where they fit: every member is asked. */
function isReversed(end: string | null, phone: string | null): boolean {
  if (end === null || phone === null) return end === phone;
  for (let i = 0; i < phone.length; i++)
    if (phone[i] !== end[end.length - 1 - i]) return end === reversed(phone);
  return end.length === phone.length;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
