import type { EntryHeader } from '../../../agent/contract/ledger.ts';
import { storeSchema } from '../../../agent/contract/store.ts';
import { readSettings } from '../books/settings.ts';
import type { HqSession, HqValue } from '../database/database.ts';
import { isHqDatabaseError } from '../database/hq-database-error.ts';
import type { HqDeps } from '../deps.ts';
import { describeError } from '../server/describe-error.ts';
import { raiseAlarm } from '../tills/alarms.ts';
import { BROKE, checkSale, type Finding } from './check-sale.ts';
import type { PublishedRules } from './published-rules.ts';

/** Sales that are looked at before what was found is written. */
export const CHECK_BATCH = 50;

/** Failures of the database at one sale, after which it goes behind all others. */
export const SALE_FAILURES_MAX = 3;

/** Of one till and one rule set one alarm is raised in so many milliseconds; the report counts every sale. */
export const ENGINE_ALARM_EVERY_MS = 24 * 60 * 60_000;

/** The code of the alarm that the engine gave another evaluation for the same input. */
export const ENGINE_DIFFERS = 'engine-differs';

interface Due {
  readonly till_id: string;
  readonly incarnation: string;
  readonly seq: number;
  readonly due: number;
  /** What was found before; null at the first time. */
  readonly engine: string | null;
  readonly header: string;
  readonly sealed: Uint8Array;
  readonly key: Uint8Array | null;
}

interface Found {
  readonly row: Due;
  readonly header: EntryHeader;
  readonly finding: Finding;
}

/**
 * Looks at the sales that are due, those that came first before others. Reads without locks and lets other calls in
 * between; what was found is written in one short transaction, and not at all where entries came in meanwhile, because
 * they may have changed it: then the sales stay due.
 * @param failures how often the database failed at a sale, kept from call to call
 * @returns how many were due, {@link CHECK_BATCH} at most
 */
export async function checkDue(
  deps: HqDeps,
  rules: PublishedRules,
  failures = new Map<string, number>(),
): Promise<number> {
  const { db, log } = deps;
  const passed = await passedSoFar(db);
  const rows = await db.query<Due>(
    `SELECT e.till_id, e.incarnation, e.seq, e.due, e.engine, l.header, l.sealed, k.key
     FROM (SELECT * FROM evaluations_checked WHERE due IS NOT NULL ORDER BY due LIMIT ${CHECK_BATCH}) AS e
     JOIN ledger l ON l.till_id = e.till_id AND l.incarnation = e.incarnation AND l.seq = e.seq
     LEFT JOIN subject_keys k ON k.key_id = l.key_id
     ORDER BY e.due`,
  );
  if (rows.length === 0) return 0;
  const { tiers } = await readSettings(db, log);
  const books = { tiers, currency: deps.currency, timeZone: deps.timeZone };
  const zones = await timeZones(deps);
  const timeZoneOf = (storeId: string): string => zones.get(storeId) ?? deps.timeZone;
  const found: Found[] = [];
  for (const row of rows) {
    const header = JSON.parse(row.header) as EntryHeader;
    const entry = { header, sealed: row.sealed, key: row.key ?? undefined };
    const finding = await checkSale({ session: db, rules, books, timeZoneOf }, entry).catch(
      async (error: unknown) => {
        if (isHqDatabaseError(error)) return postponed(deps, row, failures, error);
        // One entry that breaks the check must not keep all others from it; the report counts it as wrong.
        const { tillId, seq } = header;
        log('error', 'a sale could not be checked', { tillId, seq, ...describeError(error) });
        return BROKE;
      },
    );
    if (finding !== null) found.push({ row, header, finding });
  }
  await db.transaction(async (tx) => {
    if ((await passedSoFar(tx, 'FOR UPDATE')) !== passed) return;
    await write(tx, deps.nowMs(), found);
  });
  return rows.length;
}

/** A database that fails is asked again later, and one sale at which it always fails keeps no other waiting. */
async function postponed(
  { db, log }: HqDeps,
  { till_id, incarnation, seq, due }: Due,
  failures: Map<string, number>,
  error: unknown,
): Promise<null> {
  const key = JSON.stringify([till_id, incarnation, seq]);
  const times = (failures.get(key) ?? 0) + 1;
  // Only what fails now is remembered, so this stays as small as a batch.
  if (failures.size >= CHECK_BATCH) failures.clear();
  failures.set(key, times);
  if (times < SALE_FAILURES_MAX) throw error;
  await db.query(
    `UPDATE evaluations_checked SET due = nextval('accuracy_due')
     WHERE till_id = $1 AND incarnation = $2 AND seq = $3 AND due = $4`,
    [till_id, incarnation, seq, due],
  );
  failures.delete(key);
  const detail = { tillId: till_id, seq, times, ...describeError(error) };
  log('error', 'a sale could not be checked and waits behind others', detail);
  return null;
}

async function passedSoFar(session: HqSession, lock = ''): Promise<number> {
  const [state] = await session.query<{ passed: number }>(
    `SELECT passed FROM accuracy_state ${lock}`,
  );
  return state?.passed ?? 0;
}

async function timeZones({ db }: Pick<HqDeps, 'db'>): Promise<Map<string, string>> {
  const rows = await db.query<{ body: string }>('SELECT body FROM stores');
  const stores = rows.map(({ body }) => storeSchema.parse(JSON.parse(body)));
  return new Map(stores.map(({ storeId, timeZone }) => [storeId, timeZone]));
}

async function write(tx: HqSession, nowMs: number, found: readonly Found[]): Promise<void> {
  for (const one of found) {
    await writeFinding(tx, nowMs, one);
    const { row, header, finding } = one;
    if (finding.engine === 'different' && row.engine !== 'different')
      await alarmOf(tx, nowMs, row.till_id, header, finding.fields);
  }
}

/** The first sale of a till and a rule set stands for those that follow within {@link ENGINE_ALARM_EVERY_MS}. */
async function alarmOf(
  tx: HqSession,
  atMs: number,
  tillId: string,
  { ruleSetVersion, saleId, seq }: EntryHeader,
  fields: readonly string[],
): Promise<void> {
  const of = `rules ${ruleSetVersion}, `;
  const raised = await tx.query(
    `SELECT 1 FROM alarms WHERE code = $1 AND till_id = $2 AND at_ms > $3 AND starts_with(detail, $4) LIMIT 1`,
    [ENGINE_DIFFERS, tillId, atMs - ENGINE_ALARM_EVERY_MS, of],
  );
  if (raised.length > 0) return;
  const detail = `${of}${saleId} seq ${seq}: ${fields.join(', ')}`;
  await raiseAlarm(tx, { atMs, code: ENGINE_DIFFERS, tillId, detail });
}

/** Only where it is still the same call: a sale that fell due again meanwhile stays due. */
async function writeFinding(tx: HqSession, nowMs: number, { row, finding }: Found): Promise<void> {
  const values: HqValue[] = [
    row.till_id,
    row.incarnation,
    row.seq,
    row.due,
    nowMs,
    finding.decidedAtMs,
    finding.rulesInForce,
    finding.engine,
    finding.accurate,
    finding.cause,
    JSON.stringify(finding.fields),
    JSON.stringify(finding.differences),
    [...finding.keys],
  ];
  await tx.query(
    `UPDATE evaluations_checked SET due = NULL, checked_at_ms = $5, decided_at_ms = $6, rules_in_force = $7,
       engine = $8, accurate = $9, cause = $10, fields = $11, differences = $12, keys = $13::text[]
     WHERE till_id = $1 AND incarnation = $2 AND seq = $3 AND due = $4`,
    values,
  );
}
