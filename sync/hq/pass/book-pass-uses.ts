import type { BookedException } from '../books/exceptions.ts';
import type { ReadEntry } from '../books/intake/read-items.ts';
import type { HqSession } from '../database/database.ts';
import type { TillCaller } from '../deps.ts';

/** First half of the lock under which the uses of one key are noted; the second is a hash of its id. */
const USES_LOCK = 5_201_602;

interface Use {
  readonly key_id: string;
  readonly step: number;
  readonly counter: number;
  readonly till_id: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly at_ms: number;
}

/**
 * Notes which code of which pass named the member of each entry, and finds the codes that another till took too: the
 * picture of a pass, shown at two tills that could not know of each other. Whichever came later by its till's time is the
 * case, whichever arrives first; both sales are named. The facts are booked all the same.
 * @param till who wrote each entry
 */
export async function bookPassUses(
  tx: HqSession,
  entries: readonly ReadEntry[],
  till: (entry: ReadEntry) => Pick<TillCaller, 'tillId' | 'incarnation'>,
): Promise<BookedException[]> {
  const uses = entries.flatMap((entry): Use[] => {
    const { credential } = entry.facts;
    if (credential === undefined) return [];
    const { tillId, incarnation } = till(entry);
    return [
      {
        key_id: credential.keyId,
        step: credential.step,
        counter: credential.counter,
        till_id: tillId,
        incarnation,
        seq: entry.read.seq,
        at_ms: Date.parse(entry.read.at),
      },
    ];
  });
  if (uses.length === 0) return [];
  const keyIds = [...new Set(uses.map(({ key_id }) => key_id))].sort();
  // Two tills that upload at once would not see each other's entry.
  for (const keyId of keyIds)
    await tx.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [USES_LOCK, keyId]);
  const cases: BookedException[] = [];
  for (const use of uses) {
    const others = await tx.query<Use>(
      `SELECT * FROM pass_uses WHERE key_id = $1 AND step = $2 AND counter = $3 AND till_id <> $4
       ORDER BY at_ms, till_id, seq`,
      [use.key_id, use.step, use.counter, use.till_id],
    );
    await insert(tx, use);
    const [first] = others;
    if (first === undefined) continue;
    cases.push(
      isBefore(use, first)
        ? await caseOf(tx, first, use, entries)
        : await caseOf(tx, use, first, entries),
    );
  }
  await tx.query(
    `UPDATE pass_keys AS k SET counter = greatest(k.counter, n.counter)
     FROM (SELECT key_id, max(counter) AS counter FROM unnest($1::text[], $2::bigint[]) AS u (key_id, counter)
       GROUP BY key_id) AS n
     WHERE k.key_id = n.key_id AND k.counter < n.counter`,
    [uses.map(({ key_id }) => key_id), uses.map(({ counter }) => counter)],
  );
  return cases;
}

async function insert(tx: HqSession, use: Use): Promise<void> {
  await tx.query(
    `INSERT INTO pass_uses (key_id, step, counter, till_id, incarnation, seq, at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [use.key_id, use.step, use.counter, use.till_id, use.incarnation, use.seq, use.at_ms],
  );
}

function isBefore(a: Use, b: Use): boolean {
  return a.at_ms === b.at_ms ? a.till_id < b.till_id : a.at_ms < b.at_ms;
}

async function caseOf(
  tx: HqSession,
  later: Use,
  first: Use,
  entries: readonly ReadEntry[],
): Promise<BookedException> {
  const { key_id: keyId, step, counter } = later;
  const firstSale = await saleOf(tx, first, entries);
  const laterSale = await saleOf(tx, later, entries);
  return {
    code: 'pass-used-twice',
    tillId: later.till_id,
    incarnation: later.incarnation,
    seq: later.seq,
    memberId: laterSale.memberId,
    detail: {
      saleId: laterSale.saleId,
      firstSaleId: firstSale.saleId,
      firstTill: first.till_id,
      firstSeq: first.seq,
      keyId,
      step,
      counter,
    },
  };
}

/** The sale of a use: of this upload, or of the ledger. */
async function saleOf(
  tx: HqSession,
  use: Use,
  entries: readonly ReadEntry[],
): Promise<{ readonly saleId: string | null; readonly memberId: string | null }> {
  const [row] = await tx.query<{ sale_id: string; member_id: string | null }>(
    'SELECT sale_id, member_id FROM ledger WHERE till_id = $1 AND incarnation = $2 AND seq = $3',
    [use.till_id, use.incarnation, use.seq],
  );
  if (row !== undefined) return { saleId: row.sale_id, memberId: row.member_id };
  const own = entries.find(({ read }) => read.tillId === use.till_id && read.seq === use.seq);
  return { saleId: own?.read.saleId ?? null, memberId: own?.facts.memberId ?? null };
}
