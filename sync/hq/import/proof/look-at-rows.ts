import { changedRow, missingRow } from './finding.ts';
import { readHqMembers } from './hq-members.ts';
import { type Judged, judgeMembers } from './judge-members.ts';
import { judgeBodies, readHqBodies } from './keyed-rows.ts';
import type { SourceRecordOfKey } from './proof-rows.ts';
import type { Proving } from './proving.ts';

/** Looks at rows one by one, by the rules of the import. */
export async function lookAtRows(
  { tx, options, notes }: Proving,
  records: readonly SourceRecordOfKey[],
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
  const missing = records.filter(({ key }) => !has(key));
  for (const { rowNos } of missing) notes.fix(rowNos);
  notes.tell(missing.map(({ key, rowNos: [rowNo = 0] }) => missingRow(key, rowNo)));
  for (const { record, differs, changedMs, isBooked } of judged) {
    const isSince = cutOverMs !== undefined && (changedMs > cutOverMs || isBooked);
    const { key, facts, rowNos } = record;
    const at = { key, rowNo: rowNos.at(-1) ?? 0 };
    notes.tell([changedRow(isSince ? 'changed-since' : 'changed', at, facts, differs)]);
    if (!isSince) notes.fix(rowNos);
  }
}
