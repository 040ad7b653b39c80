import type { HqDeps } from '../../deps.ts';
import type { ImportKind } from '../import-fields.ts';
import { IMPORT_PROBLEMS, type RowProblem, rowProblem } from '../import-problem.ts';
import type { ReadRows } from '../import-target.ts';
import { IMPORT_TARGETS } from '../import-targets.ts';
import type { KeyedDraft } from '../keyed-target.ts';
import { maskValue } from '../mask-value.ts';
import type { MemberDraft } from '../member-draft.ts';
import { createProgress } from '../progress.ts';
import { createRowReader } from '../row-reader.ts';
import type { SourceRow } from '../source-row.ts';
import { type Claim, keyedClaim, memberClaim } from './claims.ts';
import { unreadableRow } from './finding.ts';
import { HQ_TABLES } from './keyed-rows.ts';
import { addRows, addUnread } from './proof-rows.ts';
import type { Proving } from './proving.ts';

/** Reads the source once, as the import reads it, into the tables of the proof. @returns its rows */
export async function layOutSource({ deps, tx, options, source, notes }: Proving): Promise<number> {
  const { kind, onProgress } = options;
  const target = IMPORT_TARGETS[kind];
  const { encoding } = source.file;
  // What the import looks up while it reads is asked in this snapshot.
  const inside: HqDeps = { ...deps, db: { ...deps.db, query: tx.query } };
  const context = { deps: inside, encoding, startedAtMs: deps.nowMs() };
  const stores = await tx.query<{ store_id: string }>('SELECT store_id FROM stores');
  const storeIds = new Set(stores.map(({ store_id }) => store_id));
  const progress = createProgress(deps.nowMs, onProgress);
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
    progress({ rowsRead, bytesRead: source.file.bytesRead(), sizeBytes: source.file.sizeBytes });
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
