import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { bucketOf } from '../../../protocol/digest.ts';
import { DIGEST_KEY_BYTES } from '../../../protocol/tree-shape.ts';
import type { HqSession } from '../../database/database.ts';
import type { HqDeps } from '../../deps.ts';
import type { ImportFailure } from '../import-failure.ts';
import type { ImportKind } from '../import-fields.ts';
import type { ImportProgress } from '../import-file.ts';
import { IMPORT_PROBLEMS, type RowProblem, rowProblem } from '../import-problem.ts';
import type { ReadRows } from '../import-target.ts';
import { IMPORT_TARGETS } from '../import-targets.ts';
import { DEFAULT_SOURCE, findSource } from '../imported-rows.ts';
import type { KeyedDraft } from '../keyed-target.ts';
import { SOURCE_STATEMENT_MS } from '../limits.ts';
import { maskValue } from '../mask-value.ts';
import type { MemberDraft } from '../member-draft.ts';
import { createRowReader } from '../row-reader.ts';
import { openRowSource, type RowSource, type RowSourceOptions } from '../row-source.ts';
import { SourceLost } from '../source-lost.ts';
import type { SourceRow } from '../source-row.ts';
import { tableLabel } from '../table-source.ts';
import { type Claim, type Facts, keyedClaim, memberClaim } from './claims.ts';
import {
  changedRow,
  duplicateRow,
  extraRow,
  type Finding,
  type FindingKind,
  missingRow,
  unreadableRow,
} from './finding.ts';
import { projectMember, readHqMembers } from './hq-members.ts';
import { type Judged, judgeMembers } from './judge-members.ts';
import { HQ_TABLES, judgeBodies, projectBody, readHqBodies } from './keyed-rows.ts';
import { PROOF_FIX_MAX_ROWS, PROOF_PAGE_BUCKETS } from './limits.ts';
import {
  addRows,
  addUnread,
  beginRows,
  endRows,
  readDoubles,
  readExtras,
  readRecords,
  type SourceRecordOfKey,
} from './proof-rows.ts';
import { createProofTree, differingBuckets, type ProofTree, proofDigest } from './proof-tree.ts';
import { writeProof } from './proofs.ts';

export interface VerifyOptions extends RowSourceOptions {
  /** The system that the rows come from, as its imports called it. */
  readonly source?: string | undefined;
  /** Rows that HQ changed later than this (epoch milliseconds) are told apart and do not fail. */
  readonly cutOverMs?: number | undefined;
  /** Duplicates are named and do not fail: somebody looked at them. */
  readonly acceptDuplicates?: boolean | undefined;
  /** What HQ has from this source and the source has no more is named and does not fail. */
  readonly acceptExtra?: boolean | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
  readonly onFindings?: ((findings: readonly Finding[]) => void) | undefined;
}

export type Verdict = 'pass' | 'fail';

export interface ProofSummary {
  readonly proofId: number;
  readonly kind: ImportKind;
  readonly source: string;
  readonly rowsRead: number;
  /** Keys that the source names, each once. */
  readonly keys: number;
  readonly counts: Readonly<Record<FindingKind, number>>;
  readonly verdict: Verdict;
  /** The sums of both sides, as they stand: equal where nothing needed a rule of the import to be explained. */
  readonly sourceRoot: string;
  readonly hqRoot: string;
  readonly bucketsDiffering: number;
  /** Columns that nobody knows: not compared. */
  readonly ignoredColumns: readonly string[];
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** A proof, and the rows of the source that an import would have to bring again. */
export interface Proof {
  readonly summary: ProofSummary;
  readonly rowsToFix: ReadonlySet<number>;
  /** More rows differ than are fixed singly. */
  readonly isBeyondFix: boolean;
}

/**
 * Holds HQ against a source: each row of the source as the import would write it, against HQ's row in the fields that the
 * source names. Both sides are summed up by buckets; only the rows of buckets that differ are looked at singly, with the
 * rules of the import beside them. Everything is one snapshot of HQ; nothing is written but the proof itself.
 */
export async function verifySource(
  deps: HqDeps,
  options: VerifyOptions,
): Promise<Result<Proof, ImportFailure>> {
  const opened = await openRowSource(options);
  if (!opened.ok) return opened;
  const source = opened.value;
  try {
    const proof = await deps.db.transaction(
      (tx) => prove({ deps, tx, options, source }),
      'repeatable read',
    );
    const { path, table, cutOverMs } = options;
    const origin = table === undefined ? path : (tableLabel(table.url, table.table) ?? table.table);
    const proofId = await writeProof(deps.db, { ...proof.summary, origin, cutOverMs });
    return ok({ ...proof, summary: { ...proof.summary, proofId } });
  } catch (error) {
    if (error instanceof SourceLost) return err(error.failure);
    throw error;
  } finally {
    await source.close();
  }
}

interface Walk {
  readonly deps: HqDeps;
  readonly tx: HqSession;
  readonly options: VerifyOptions;
  readonly source: RowSource;
}

interface Notes {
  readonly counts: Record<FindingKind, number>;
  readonly rowsToFix: Set<number>;
  isBeyondFix: boolean;
  tell(findings: readonly Finding[]): void;
}

/** A proof that is not filed yet. */
type Made = Omit<ProofSummary, 'proofId'>;

async function prove(walk: Walk): Promise<Omit<Proof, 'summary'> & { summary: Made }> {
  const { deps, tx, options, source } = walk;
  const { kind, source: name = DEFAULT_SOURCE } = options;
  const startedAtMs = deps.nowMs();
  const counts = {
    missing: 0,
    extra: 0,
    changed: 0,
    'changed-since': 0,
    unreadable: 0,
    duplicate: 0,
  };
  const notes: Notes = {
    counts,
    rowsToFix: new Set(),
    isBeyondFix: false,
    tell(findings) {
      for (const { kind: found } of findings) counts[found] += 1;
      if (findings.length > 0) options.onFindings?.(findings);
    },
  };
  // HQ waits for the source between two statements.
  await tx.query(
    `SELECT set_config('idle_in_transaction_session_timeout', '${2 * SOURCE_STATEMENT_MS}', true)`,
  );
  await beginRows(tx);
  const rowsRead = await layOut(walk, notes);
  const keys = await endRows(tx);
  await tellDuplicates(walk, notes);

  const digestKey = deps.random(DIGEST_KEY_BYTES);
  const [own, hq] = [createProofTree(), createProofTree()];
  await sumUp(walk, keys, { digestKey, own, hq });
  const sourceId = await findSource(tx, kind, name);
  if (sourceId !== undefined) {
    for await (const extras of readExtras(tx, sourceId, HQ_TABLES[kind])) {
      for (const key of extras) hq.add(bucketOf(key), proofDigest(digestKey, kind, key, ''));
      notes.tell(extras.map(extraRow));
    }
  }
  const differing = differingBuckets(own, hq);
  for (let at = 0; at < differing.length; at += PROOF_PAGE_BUCKETS) {
    const buckets = differing.slice(at, at + PROOF_PAGE_BUCKETS);
    for await (const records of readRecords(tx, buckets)) await lookAt(walk, records, notes);
  }
  const { acceptDuplicates = false, acceptExtra = false } = options;
  const failing =
    counts.missing +
    counts.changed +
    counts.unreadable +
    (acceptExtra ? 0 : counts.extra) +
    (acceptDuplicates ? 0 : counts.duplicate);
  const summary: Made = {
    kind,
    source: name,
    rowsRead,
    keys,
    counts,
    // Nothing compared proves nothing.
    verdict: failing === 0 && keys > 0 ? 'pass' : 'fail',
    sourceRoot: own.root(),
    hqRoot: hq.root(),
    bucketsDiffering: differing.length,
    ignoredColumns: source.ignored(),
    startedAtMs,
    endedAtMs: deps.nowMs(),
  };
  return { summary, rowsToFix: notes.rowsToFix, isBeyondFix: notes.isBeyondFix };
}

/** Reads the source once, as the import reads it, into the tables of the proof. @returns its rows */
async function layOut({ deps, tx, options, source }: Walk, notes: Notes): Promise<number> {
  const { kind } = options;
  const target = IMPORT_TARGETS[kind];
  const { encoding } = source.file;
  // What the import looks up while it reads is asked in this snapshot.
  const inside: HqDeps = { ...deps, db: { ...deps.db, query: tx.query } };
  const context = { deps: inside, encoding, startedAtMs: deps.nowMs() };
  const stores = await tx.query<{ store_id: string }>('SELECT store_id FROM stores');
  const storeIds = new Set(stores.map(({ store_id }) => store_id));
  const progress = progressOf(walkProgress(deps, options));
  let rowsRead = 0;
  for await (const rows of source.batches(target.batchRows)) {
    rowsRead += rows.length;
    const { drafts, problems } = (await target.prepare(rows, context)) as ReadRows<never>;
    const claims = (drafts as readonly (MemberDraft | KeyedDraft)[]).map(
      (draft): Claim => ('memberId' in draft ? memberClaim(draft) : keyedClaim(draft)),
    );
    const refused = problems.filter(({ code }) => IMPORT_PROBLEMS[code].kind === 'refused');
    const strangers = kind === 'members' || kind === 'staff' ? unknownStores(claims, storeIds) : [];
    const wrong = groupByRow([...refused, ...strangers]);
    const unread = rows.filter(({ rowNo }) => wrong.has(rowNo));
    const keyOf = (row: SourceRow): string | undefined => readKey(row, kind, deps, encoding);
    await addUnread(
      tx,
      unread.flatMap((row) => keyOf(row) ?? []),
    );
    notes.tell(
      unread.map((row) => unreadableRow(row.rowNo, keyOf(row), wrong.get(row.rowNo) ?? [])),
    );
    await addRows(
      tx,
      claims.filter(({ rowNo }) => !wrong.has(rowNo)),
    );
    progress(rowsRead, source.file.bytesRead(), source.file.sizeBytes);
  }
  return rowsRead;
}

/** Rows that name a store which HQ does not have: the import refuses them. */
function unknownStores(claims: readonly Claim[], storeIds: ReadonlySet<string>): RowProblem[] {
  return claims.flatMap(({ rowNo, facts }) => {
    const home = facts['homeStoreId'];
    const all = facts['storeIds'];
    const named = [
      home === undefined ? [] : [home],
      Array.isArray(all) ? all : [],
    ].flat() as string[];
    const field = home === undefined ? 'stores' : 'homeStoreId';
    const wrong = named.find((storeId) => !storeIds.has(storeId));
    return wrong === undefined
      ? []
      : [rowProblem(rowNo, field, 'unknown-store', maskValue(field, wrong))];
  });
}

/** The key of a row that is not right, where at least that can be read. */
function readKey(
  row: SourceRow,
  kind: ImportKind,
  { timeZone, currency }: HqDeps,
  encoding: string,
): string | undefined {
  if (row.fault !== undefined) return undefined;
  const reader = createRowReader(row, { timeZone, currency, encoding });
  const { keyField } = HQ_TABLES[kind];
  return kind === 'members' ? reader.id(keyField) : reader.text(keyField, 64);
}

function groupByRow(problems: readonly RowProblem[]): Map<number, RowProblem[]> {
  const rows = new Map<number, RowProblem[]>();
  for (const problem of problems)
    rows.set(problem.rowNo, [...(rows.get(problem.rowNo) ?? []), problem]);
  return rows;
}

async function tellDuplicates({ tx, options }: Walk, notes: Notes): Promise<void> {
  for await (const doubles of readDoubles(tx, HQ_TABLES[options.kind].keyField))
    notes.tell(doubles.map(duplicateRow));
}

/** Sums up both sides: what the source says of each key, and what HQ has in the same fields. */
async function sumUp(
  walk: Walk,
  keys: number,
  { digestKey, own, hq }: { digestKey: Uint8Array; own: ProofTree; hq: ProofTree },
): Promise<void> {
  const { deps, tx, options } = walk;
  const { kind } = options;
  const progress = progressOf(walkProgress(deps, options));
  let done = 0;
  for await (const records of readRecords(tx)) {
    const held = await projectionsOf(tx, kind, records);
    for (const { key, facts } of records) {
      const bucket = bucketOf(key);
      const said = canonicalJson(facts);
      const digest = proofDigest(digestKey, kind, key, said);
      own.add(bucket, digest);
      const has = held.get(key);
      if (has === undefined) continue;
      const shown = canonicalJson(has);
      hq.add(bucket, shown === said ? digest : proofDigest(digestKey, kind, key, shown));
    }
    done += records.length;
    progress(done, done, keys);
  }
}

async function projectionsOf(
  tx: HqSession,
  kind: ImportKind,
  records: readonly SourceRecordOfKey[],
): Promise<Map<string, Facts>> {
  const keys = records.map(({ key }) => key);
  const projected = new Map<string, Facts>();
  if (kind === 'members') {
    const members = await readHqMembers(tx, keys);
    for (const { key, facts } of records) {
      const member = members.get(key);
      if (member !== undefined) projected.set(key, projectMember(facts, member));
    }
    return projected;
  }
  const bodies = await readHqBodies(tx, kind, keys);
  for (const { key, facts } of records)
    if (bodies.has(key)) projected.set(key, projectBody(facts, bodies.get(key)));
  return projected;
}

/** Looks at rows one by one, by the rules of the import. */
async function lookAt(
  { tx, options }: Walk,
  records: readonly SourceRecordOfKey[],
  notes: Notes,
): Promise<void> {
  const { kind, cutOverMs } = options;
  const keys = records.map(({ key }) => key);
  let judged: readonly Judged[];
  let has: (key: string) => boolean;
  if (kind === 'members') {
    const members = await readHqMembers(tx, keys);
    judged = await judgeMembers(tx, records, members);
    has = (key) => members.has(key);
  } else {
    const bodies = await readHqBodies(tx, kind, keys);
    judged = await judgeBodies(tx, kind, records, bodies);
    has = (key) => bodies.has(key);
  }
  const fix = ({ rowNos }: SourceRecordOfKey): void => {
    if (notes.rowsToFix.size + rowNos.length > PROOF_FIX_MAX_ROWS) notes.isBeyondFix = true;
    else for (const rowNo of rowNos) notes.rowsToFix.add(rowNo);
  };
  const missing = records.filter(({ key }) => !has(key));
  missing.forEach(fix);
  notes.tell(missing.map(({ key, rowNos: [rowNo = 0] }) => missingRow(key, rowNo)));
  for (const { record, differs, changedMs, isBooked } of judged) {
    const isSince = cutOverMs !== undefined && (changedMs > cutOverMs || isBooked);
    const { key, facts, rowNos } = record;
    const at = { key, rowNo: rowNos.at(-1) ?? 0 };
    notes.tell([changedRow(isSince ? 'changed-since' : 'changed', at, facts, differs)]);
    if (!isSince) fix(record);
  }
}

function walkProgress({ nowMs }: HqDeps, { onProgress }: VerifyOptions) {
  return { nowMs, onProgress };
}

function progressOf({
  nowMs,
  onProgress,
}: {
  nowMs: () => number;
  onProgress: VerifyOptions['onProgress'];
}): (rowsRead: number, done: number, all: number) => void {
  const beganMs = nowMs();
  return (rowsRead, done, all) => {
    if (onProgress === undefined) return;
    const seconds = Math.max(0.001, (nowMs() - beganMs) / 1_000);
    const perSecond = done / seconds;
    onProgress({
      rowsRead,
      bytesRead: done,
      sizeBytes: all,
      rowsPerSecond: Math.round(rowsRead / seconds),
      secondsLeft: perSecond > 0 ? Math.ceil((all - done) / perSecond) : null,
    });
  };
}
