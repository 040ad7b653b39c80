import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { bucketOf } from '../../../protocol/digest.ts';
import type { HqSession } from '../../database/database.ts';
import type { ImportKind } from '../import-fields.ts';
import { createProgress } from '../progress.ts';
import type { Facts } from './claims.ts';
import { projectMember, readHqMembers } from './hq-members.ts';
import { projectBody, readHqBodies } from './keyed-rows.ts';
import { readRecords, type SourceRecordOfKey } from './proof-rows.ts';
import { type ProofTree, proofDigest } from './proof-tree.ts';
import type { Proving } from './proving.ts';

/** Sums up both sides: what the source says of each key, and what HQ has in the same fields. */
export async function sumUp(
  { deps, tx, options }: Proving,
  keys: number,
  { digestKey, own, hq }: { digestKey: Uint8Array; own: ProofTree; hq: ProofTree },
): Promise<void> {
  const { kind, onProgress } = options;
  const progress = createProgress(deps.nowMs, onProgress);
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
    progress({ rowsRead: done, bytesRead: done, sizeBytes: keys });
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
