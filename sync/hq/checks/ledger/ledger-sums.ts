import { addDigest, sumBytes } from '../../../protocol/digest.ts';
import { LEAF_ENTRIES, NODE_ENTRIES } from '../../../protocol/ledger-proof.ts';
import { NODE_BYTES } from '../../../protocol/tree-shape.ts';
import type { HqSession } from '../../database/database.ts';
import { digestBytesSql, wordSql, wordSumSql } from '../../feed/digest-sql.ts';

/** Entries of a till's ledger that are compared: after `from`, up to `to`. */
export interface ProofScope {
  readonly tillId: string;
  readonly incarnation: string;
  readonly from: number;
  readonly to: number;
}

const LEAVES = NODE_ENTRIES / LEAF_ENTRIES;

/** `entryContent` of a row of `ledger`, from what lies in it. */
const CONTENT_SQL = `left(encode(sha256(convert_to('tillside/ledger-entry/1' || E'\\n' || till_id || E'\\n' ||
  incarnation || E'\\n' || seq || E'\\n' || encode(sha256(convert_to(header, 'UTF8')), 'hex') || E'\\n' || hash ||
  E'\\n' || encode(sha256(sealed), 'hex'), 'UTF8')), 'hex'), 32)`;

/** `OFFSET 0` keeps the planner from computing the digest anew for each of its bytes. */
const DIGESTS_SQL = `
  SELECT seq, ${digestBytesSql(CONTENT_SQL)} AS d FROM ledger
  WHERE till_id = $1 AND incarnation = $2 AND seq > $3 AND seq <= $4 OFFSET 0`;

/** Sums of nodes on the wire, each with those of its leaves. */
export interface NodeSums {
  readonly node: Buffer;
  readonly leaves: Buffer;
}

/** Sums of `count` nodes from `first` on, from the rows as they lie there. */
export async function sumNodes(
  session: HqSession,
  scope: ProofScope,
  first: number,
  count: number,
): Promise<NodeSums[]> {
  const rows = await session.query<{ leaf: number; s0: number; s1: number }>(
    `SELECT (seq - 1) / ${LEAF_ENTRIES} AS leaf, ${wordSumSql('w0')} AS s0, ${wordSumSql('w1')} AS s1
     FROM (SELECT seq, ${wordSql('d', 0)} AS w0, ${wordSql('d', 1)} AS w1 FROM (${DIGESTS_SQL}) AS x) AS y
     GROUP BY 1`,
    [
      scope.tillId,
      scope.incarnation,
      Math.max(scope.from, first * NODE_ENTRIES),
      Math.min(scope.to, (first + count) * NODE_ENTRIES),
    ],
  );
  const leaves = Buffer.alloc(count * LEAVES * NODE_BYTES);
  for (const { leaf, s0, s1 } of rows) {
    const at = (leaf - first * LEAVES) * NODE_BYTES;
    leaves.writeUInt32BE(s0, at);
    leaves.writeUInt32BE(s1, at + 4);
  }
  return Array.from({ length: count }, (_, n) => {
    const own = leaves.subarray(n * LEAVES * NODE_BYTES, (n + 1) * LEAVES * NODE_BYTES);
    return { node: sumOf(own), leaves: own };
  });
}

/** The sum of sums on the wire. */
export function sumOf(sums: Uint8Array): Buffer {
  const words = new Uint32Array(4);
  const padded = new Uint8Array(2 * NODE_BYTES);
  for (let at = 0; at < sums.length; at += NODE_BYTES) {
    padded.set(sums.subarray(at, at + NODE_BYTES));
    addDigest(words, 0, padded, 1);
  }
  return sumBytes(words, 0).subarray(0, NODE_BYTES);
}

/** The digests of a leaf's entries: seq, and the first 8 bytes as hex. */
export async function leafDigests(
  session: HqSession,
  scope: ProofScope,
  leaf: number,
): Promise<[number, string][]> {
  const rows = await session.query<{ seq: number; d: string }>(
    `SELECT seq, encode(substr(d, 1, ${NODE_BYTES}), 'hex') AS d FROM (${DIGESTS_SQL}) AS x ORDER BY seq`,
    [
      scope.tillId,
      scope.incarnation,
      Math.max(scope.from, leaf * LEAF_ENTRIES),
      Math.min(scope.to, (leaf + 1) * LEAF_ENTRIES),
    ],
  );
  return rows.map(({ seq, d }) => [seq, d]);
}
