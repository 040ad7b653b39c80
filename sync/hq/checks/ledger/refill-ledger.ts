import { createHash } from 'node:crypto';
import type { EntryHeader } from '../../../../agent/contract/ledger.ts';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import type { HqInput, HqReply } from '../../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../../protocol/hq-error.ts';
import type { RefillOutcome } from '../../../protocol/ledger-proof.ts';
import { openSealedSale } from '../../accuracy/open-sealed-sale.ts';
import { lockHead } from '../../books/intake/ledger-heads.ts';
import type { LedgerHead } from '../../books/intake/place-items.ts';
import { type ReadEntry, readItems } from '../../books/intake/read-items.ts';
import { isBase64, isSubjectKey, writeEntries } from '../../books/intake/write-entries.ts';
import { transact } from '../../books/transact.ts';
import type { HqSession } from '../../database/database.ts';
import type { HqDeps, TillCaller } from '../../deps.ts';
import { raiseAlarm, raiseAlarmOnce } from '../../tills/alarms.ts';
import { auditLedger, rangesOf } from './audit-ledger.ts';
import { mendEntry } from './mend-entry.ts';

/** A row of the ledger as it lies there. */
interface Row {
  readonly seq: number;
  readonly header: string;
  readonly hash: string;
  readonly sealed: Uint8Array;
  readonly key: Uint8Array | null;
}

type Reply = HqReply<'refillLedger'>;
type Outcomes = Reply['outcomes'];

/** Outcomes that people at HQ hear of. */
const ALARMS: Partial<Record<RefillOutcome, string>> = {
  refilled: 'ledger-refilled',
  mended: 'ledger-mended',
  'till-damaged': 'ledger-till-damaged',
  unproved: 'ledger-unproved',
  forked: 'ledger-forked',
};

/**
 * Takes entries again that HQ had taken and lacks or has damaged, under the lock of the till's head. An entry counts only
 * where the one after it in HQ's ledger (or the head) names its hash, so no till can write another past; one that does not
 * fit is a fork, told to people and passed over: what the till sells meanwhile is another matter. Rows of the ledger are all that is written: what the entry booked stands already.
 */
export function createRefill(
  deps: HqDeps,
): (till: TillCaller, input: HqInput<'refillLedger'>) => Promise<Result<Reply, HqFailure>> {
  return async (till, { entries }) => {
    const read = readItems(entries, till);
    if (!read.ok) return read;
    const items = read.value
      .filter((one): one is ReadEntry => one.kind === 'entry')
      .sort((a, b) => b.read.seq - a.read.seq);
    const twice = items.find(({ read: { seq } }, i) => items[i - 1]?.read.seq === seq);
    if (twice !== undefined) return err(hqFailure('invalid-input', 'entries'));
    return transact(deps, (tx) => take(deps, tx, till, items));
  };
}

async function take(
  deps: HqDeps,
  tx: HqSession,
  till: TillCaller,
  items: readonly ReadEntry[],
): Promise<Result<Reply, HqFailure>> {
  const head = await lockHead(tx, till);
  const outcomes: Outcomes = [];
  for (const item of items) {
    const { seq } = item.read;
    if (seq > head.seq)
      return err(hqFailure('ledger-gap', undefined, { expectedSeq: head.seq + 1 }));
    outcomes.push({ seq, outcome: await takeOne(deps, tx, till, head, item) });
  }
  await tell(deps, tx, till, outcomes);
  return ok({ outcomes });
}

async function takeOne(
  deps: HqDeps,
  tx: HqSession,
  till: TillCaller,
  head: LedgerHead,
  item: ReadEntry,
): Promise<RefillOutcome> {
  const { seq, entryId } = item.read;
  const rows = await readRows(tx, till, seq);
  const named = namedAfter(head, seq, rows);
  if (named === undefined) return 'unproved';
  if (named !== item.hash) return 'forked';
  const row = rows.find((one) => one.seq === seq);
  if (row !== undefined) return judge(deps, tx, till, row, item);
  const [elsewhere] = await tx.query<{ hash: string }>(
    'SELECT hash FROM ledger WHERE entry_id = $1',
    [entryId],
  );
  // The very entry under a damaged number: a row's place is what a mend must not change.
  if (elsewhere !== undefined) return elsewhere.hash === item.hash ? 'unproved' : 'forked';
  await writeEntries(tx, till, deps.nowMs(), [item]);
  return 'refilled';
}

/** The entry and the one after it, as they are by now in this transaction. */
function readRows(tx: HqSession, till: TillCaller, seq: number): Promise<Row[]> {
  return tx.query<Row>(
    `SELECT l.seq, l.header, l.hash, l.sealed, k.key FROM ledger l
     LEFT JOIN subject_keys k ON k.key_id = l.key_id
     WHERE l.till_id = $1 AND l.incarnation = $2 AND l.seq IN ($3, $4)`,
    [till.tillId, till.incarnation, seq, seq + 1],
  );
}

/** The hash that the chain has for an entry, by what comes after it; undefined = that is not there or not whole. */
function namedAfter(head: LedgerHead, seq: number, rows: readonly Row[]): string | undefined {
  if (seq === head.seq) return head.hash;
  const after = rows.find((one) => one.seq === seq + 1);
  if (after === undefined || sha256(after.header) !== after.hash) return undefined;
  return (JSON.parse(after.header) as EntryHeader).prevHash;
}

/** Which image of an entry is right, and the row made so. The till's header is the one that the chain names. */
async function judge(
  deps: HqDeps,
  tx: HqSession,
  till: TillCaller,
  row: Row,
  item: ReadEntry,
): Promise<RefillOutcome> {
  const headerIsRight = sha256(row.header) === item.hash && row.hash === item.hash;
  const theirs = Buffer.from(item.sealed, 'base64');
  const same = theirs.equals(row.sealed);
  if (headerIsRight && same) return 'whole';
  const keys = [row.key, keyOf(item)].filter((key) => key !== null);
  const opens = (sealed: Uint8Array): boolean =>
    keys.some((key) => openSealedSale({ header: item.read, sealed }, key).ok);
  if (!same && opens(row.sealed)) {
    if (headerIsRight) return 'till-damaged';
    await mendEntry(tx, till, { item, sealed: row.sealed, atMs: deps.nowMs() });
    return 'mended';
  }
  // A body whose key is destroyed is read by nobody: the till's stands.
  if (!same && keys.length > 0 && !opens(theirs)) return 'unproved';
  if (!isBase64(item.sealed)) return 'unproved';
  await mendEntry(tx, till, { item, sealed: theirs, atMs: deps.nowMs() });
  return 'mended';
}

async function tell(
  deps: HqDeps,
  tx: HqSession,
  { tillId, incarnation }: TillCaller,
  outcomes: Outcomes,
): Promise<void> {
  const atMs = deps.nowMs();
  for (const [outcome, code] of Object.entries(ALARMS)) {
    const seqs = outcomes.filter((one) => one.outcome === outcome).map(({ seq }) => seq);
    if (seqs.length === 0) continue;
    deps.log('error', 'the ledgers of a till and of headquarters differ', { tillId, code });
    const alarm = { atMs, code, tillId, detail: `${incarnation} seq ${rangesOf(seqs)}` };
    // What stays as it is is found again every day.
    const isNews = outcome === 'refilled' || outcome === 'mended';
    if (isNews) await raiseAlarm(tx, alarm);
    else if (!(await raiseAlarmOnce(tx, alarm))) continue;
    await auditLedger(tx, { tillId, atMs, action: code, detail: { incarnation, seqs } });
  }
}

function keyOf({ key }: ReadEntry): Uint8Array | null {
  return key === null || !isSubjectKey(key) ? null : Buffer.from(key, 'base64');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
