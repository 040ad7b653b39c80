import type { EntryFacts } from '../../../agent/contract/entry-facts.ts';
import type { HqDatabase, HqSession } from '../database/database.ts';
import { isoWeek } from './iso-week.ts';

/** Entries that one transaction takes in. */
export const PASS_BATCH = 500;
/** Tills that it looks into, those first whose entries have waited longest. */
const PASS_TILLS = 20;

/** Tills with entries that were not taken in. */
const BEHIND = `ledger_heads h
  LEFT JOIN accuracy_cursors c ON c.till_id = h.till_id AND c.incarnation = h.incarnation
  WHERE h.seq > coalesce(c.seq, 0)`;

interface Entry {
  readonly till_id: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly kind: string;
  readonly sale_id: string;
  readonly store_id: string;
  readonly business_day: string;
  readonly at_ms: number;
  readonly member_id: string | null;
  readonly facts: EntryFacts;
  readonly received_at_ms: number;
}

/**
 * Takes received entries in, each once: when rules and coupons were used, and every sale as one to be looked at. Sales
 * that were looked at before an earlier entry came are due again where it changes what they would have known. The cursor
 * of each till moves in the same transaction, so it goes on wherever it was stopped; no lock of the books is taken.
 * @returns how many were taken in; fewer than {@link PASS_BATCH} = all that there are
 */
export async function passEntries(db: HqDatabase): Promise<number> {
  const [waits] = await db.query(`SELECT 1 FROM ${BEHIND} LIMIT 1`);
  if (waits === undefined) return 0;
  return db.transaction(async (tx) => {
    await tx.query('SELECT passed FROM accuracy_state FOR UPDATE');
    const entries = await nextEntries(tx);
    if (entries.length === 0) return 0;
    await noteUses(tx, entries);
    await noteCoupons(tx, entries);
    await noteSales(tx, entries);
    await callAgain(tx, entries);
    await moveCursors(tx, entries);
    await tx.query('UPDATE accuracy_state SET passed = passed + 1');
    return entries.length;
  });
}

/** A till's entries have no gap up to its head, so none is committed behind a cursor. */
async function nextEntries(tx: HqSession): Promise<Entry[]> {
  const rows = await tx.query<Omit<Entry, 'facts'> & { readonly facts: string }>(
    `SELECT l.* FROM (
       SELECT h.till_id, h.incarnation, coalesce(c.seq, 0) AS seq, row_number() OVER (ORDER BY (
           SELECT received_at_ms FROM ledger w WHERE w.till_id = h.till_id AND w.incarnation = h.incarnation
             AND w.seq > coalesce(c.seq, 0) ORDER BY w.seq LIMIT 1
         ), h.till_id, h.incarnation) AS place
       FROM ${BEHIND} ORDER BY place LIMIT ${PASS_TILLS}
     ) AS t CROSS JOIN LATERAL (
       SELECT till_id, incarnation, seq, kind, sale_id, store_id, business_day, at_ms, member_id, facts,
         received_at_ms FROM ledger
       WHERE till_id = t.till_id AND incarnation = t.incarnation AND seq > t.seq
       ORDER BY seq LIMIT ${PASS_BATCH}
     ) AS l
     ORDER BY t.place, l.seq LIMIT ${PASS_BATCH}`,
  );
  return rows.map((row) => ({ ...row, facts: JSON.parse(row.facts) as EntryFacts }));
}

async function noteUses(tx: HqSession, entries: readonly Entry[]): Promise<void> {
  const uses = entries.flatMap((entry) => entry.facts.ruleUses.map((use) => ({ ...use, entry })));
  if (uses.length === 0) return;
  await tx.query(
    `INSERT INTO accuracy_uses (rule_id, budget_id, store_id, member_id, day, at_ms, till_id, incarnation, seq, uses,
       amount_minor)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
       $8::text[], $9::bigint[], $10::bigint[], $11::bigint[])`,
    [
      uses.map((one) => one.ruleId),
      uses.map((one) => one.budgetId),
      uses.map((one) => one.entry.store_id),
      uses.map((one) => one.entry.member_id),
      uses.map((one) => one.day),
      uses.map((one) => one.entry.at_ms),
      uses.map((one) => one.entry.till_id),
      uses.map((one) => one.entry.incarnation),
      uses.map((one) => one.entry.seq),
      uses.map((one) => one.uses),
      uses.map((one) => one.amountMinor),
    ],
  );
  const totals = uses.flatMap(({ ruleId, uses: count, budgetId, amountMinor }) => [
    { kind: 'rule', id: ruleId, amount: count },
    ...(budgetId === null ? [] : [{ kind: 'budget', id: budgetId, amount: amountMinor }]),
  ]);
  await tx.query(
    `INSERT INTO accuracy_totals AS t (kind, id, amount)
     SELECT kind, id, sum(amount) FROM unnest($1::text[], $2::text[], $3::bigint[]) AS n (kind, id, amount)
     GROUP BY kind, id
     ON CONFLICT (kind, id) DO UPDATE SET amount = t.amount + excluded.amount`,
    [totals.map((one) => one.kind), totals.map((one) => one.id), totals.map((one) => one.amount)],
  );
}

async function noteCoupons(tx: HqSession, entries: readonly Entry[]): Promise<void> {
  const used = entries.flatMap((entry) => entry.facts.couponsUsed.map((code) => ({ code, entry })));
  if (used.length === 0) return;
  await tx.query(
    `INSERT INTO accuracy_coupons (code, at_ms, till_id, incarnation, seq)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])`,
    [
      used.map((one) => one.code),
      used.map((one) => one.entry.at_ms),
      used.map((one) => one.entry.till_id),
      used.map((one) => one.entry.incarnation),
      used.map((one) => one.entry.seq),
    ],
  );
}

async function noteSales(tx: HqSession, entries: readonly Entry[]): Promise<void> {
  const [state] = await tx.query<{ since: number }>(
    'SELECT history_since_ms AS since FROM accuracy_state',
  );
  const since = state?.since ?? 0;
  // What came before anything was kept of members says how often rules were used; to judge it nothing is left.
  const sales = entries.filter(
    ({ kind, received_at_ms }) => kind === 'sale' && received_at_ms >= since,
  );
  if (sales.length === 0) return;
  await tx.query(
    `INSERT INTO evaluations_checked (till_id, incarnation, seq, sale_id, store_id, business_day, week, at_ms, due)
     SELECT n.*, nextval('accuracy_due')
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
       AS n`,
    [
      sales.map((one) => one.till_id),
      sales.map((one) => one.incarnation),
      sales.map((one) => one.seq),
      sales.map((one) => one.sale_id),
      sales.map((one) => one.store_id),
      sales.map((one) => one.business_day),
      sales.map((one) => isoWeek(one.business_day)),
      sales.map((one) => one.at_ms),
    ],
  );
}

/** What was looked at before an entry of an earlier moment came, and read the same member, rule, budget or coupon. */
async function callAgain(tx: HqSession, entries: readonly Entry[]): Promise<void> {
  const earliest = new Map<string, number>();
  for (const { at_ms, member_id, facts } of entries)
    for (const key of keysOf(member_id, facts))
      earliest.set(key, Math.min(at_ms, earliest.get(key) ?? at_ms));
  if (earliest.size === 0) return;
  await tx.query(
    `UPDATE evaluations_checked AS e SET due = nextval('accuracy_due')
     FROM unnest($1::text[], $2::bigint[]) AS n (key, at_ms)
     WHERE e.keys @> ARRAY[n.key] AND e.decided_at_ms >= n.at_ms AND e.due IS NULL`,
    [[...earliest.keys()], [...earliest.values()]],
  );
}

function keysOf(
  memberId: string | null,
  { movements, spendMinor, orders, ruleUses, couponsUsed }: EntryFacts,
): string[] {
  const moves = movements.length > 0 || spendMinor !== 0 || orders !== 0;
  return [
    ...(memberId !== null && moves ? [`m:${memberId}`] : []),
    ...ruleUses.flatMap(({ ruleId, budgetId }) =>
      budgetId === null ? [`r:${ruleId}`] : [`r:${ruleId}`, `b:${budgetId}`],
    ),
    ...couponsUsed.map((code) => `c:${code}`),
  ];
}

async function moveCursors(tx: HqSession, entries: readonly Entry[]): Promise<void> {
  const last = new Map(entries.map((one) => [JSON.stringify([one.till_id, one.incarnation]), one]));
  const heads = [...last.values()];
  await tx.query(
    `INSERT INTO accuracy_cursors (till_id, incarnation, seq)
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
     ON CONFLICT (till_id, incarnation) DO UPDATE SET seq = excluded.seq`,
    [
      heads.map((one) => one.till_id),
      heads.map((one) => one.incarnation),
      heads.map((one) => one.seq),
    ],
  );
}
