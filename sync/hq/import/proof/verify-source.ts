import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { bucketOf } from '../../../protocol/digest.ts';
import { DIGEST_KEY_BYTES } from '../../../protocol/tree-shape.ts';
import type { HqDeps } from '../../deps.ts';
import type { ImportFailure } from '../import-failure.ts';
import type { ImportKind } from '../import-fields.ts';
import { DEFAULT_SOURCE, findSource } from '../imported-rows.ts';
import { SOURCE_STATEMENT_MS } from '../limits.ts';
import type { ImportProgress } from '../progress.ts';
import { openRowSource, type RowSourceOptions } from '../row-source.ts';
import { SourceLost } from '../source-lost.ts';
import { tableLabel } from '../table-source.ts';
import { duplicateRow, extraRow, type Finding, type FindingKind } from './finding.ts';
import { HQ_TABLES } from './keyed-rows.ts';
import { layOutSource } from './lay-out-source.ts';
import { PROOF_PAGE_BUCKETS } from './limits.ts';
import { lookAtRows } from './look-at-rows.ts';
import { beginRows, endRows, readDoubles, readExtras, readRecords } from './proof-rows.ts';
import { createProofTree, differingBuckets, proofDigest } from './proof-tree.ts';
import { writeProof } from './proofs.ts';
import { createProofNotes, type Proving } from './proving.ts';
import { sumUp } from './sum-up.ts';

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
      (tx) => prove({ deps, tx, options, source, notes: createProofNotes(options.onFindings) }),
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

/** A proof that is not filed yet. */
type Made = Omit<ProofSummary, 'proofId'>;

async function prove(proving: Proving): Promise<Omit<Proof, 'summary'> & { summary: Made }> {
  const { deps, tx, options, source, notes } = proving;
  const { kind, source: name = DEFAULT_SOURCE } = options;
  const startedAtMs = deps.nowMs();
  // HQ waits for the source between two statements.
  await tx.query(
    `SELECT set_config('idle_in_transaction_session_timeout', '${2 * SOURCE_STATEMENT_MS}', true)`,
  );
  await beginRows(tx);
  const rowsRead = await layOutSource(proving);
  const keys = await endRows(tx);
  await tellDuplicates(proving);

  const digestKey = deps.random(DIGEST_KEY_BYTES);
  const [own, hq] = [createProofTree(), createProofTree()];
  await sumUp(proving, keys, { digestKey, own, hq });
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
    for await (const records of readRecords(tx, buckets)) await lookAtRows(proving, records);
  }
  const { counts } = notes;
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
  return { summary, rowsToFix: notes.rowsToFix, isBeyondFix: notes.isBeyondFix() };
}

async function tellDuplicates({ tx, options, notes }: Proving): Promise<void> {
  for await (const doubles of readDoubles(tx, HQ_TABLES[options.kind].keyField))
    notes.tell(doubles.map(duplicateRow));
}
