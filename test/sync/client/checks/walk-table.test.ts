import { describe, expect, test } from 'vitest';
import { ok } from '../../../../agent/contract/result.ts';
import { walkTable, YIELD_EVERY_ROWS } from '../../../../sync/client/checks/walk-table.ts';
import {
  driftMaxRows,
  LISTED_MAX_ROWS,
  LISTED_ROOM_ROWS,
  listedMaxRows,
} from '../../../../sync/protocol/drift-limits.ts';
import { BUCKETS, NODE_BYTES } from '../../../../sync/protocol/tree-shape.ts';

const PER_BUCKET = 4;
const all = (count: number): Buffer => {
  const bytes = Buffer.alloc(2 * count);
  for (let i = 0; i < count; i++) bytes.writeUInt16BE(i, 2 * i);
  return bytes;
};
const none = Buffer.alloc(0);

/** Headquarters lists `listed` rows, of which the till has none. */
function rig(listed: number) {
  const buckets = Math.ceil(listed / PER_BUCKET);
  const counts = Buffer.alloc(4 * buckets);
  for (let i = 0; i < buckets; i++)
    counts.writeUInt32BE(Math.min(PER_BUCKET, listed - PER_BUCKET * i), 4 * i);
  const digests = Buffer.alloc(NODE_BYTES * listed);
  for (let i = 0; i < listed; i++) digests.writeUInt32BE(i + 1, NODE_BYTES * i);
  const is = { asked: [] as string[], yields: 0 };
  const ask = async ({ t, level }: { readonly t: string; readonly level?: number }) => {
    is.asked.push(t);
    is.yields = 0;
    if (t === 'rows')
      return ok({ reply: { rows: [], later: 0, more: false }, sentBytes: 0, receivedBytes: 0 });
    const reply =
      level === 2
        ? {
            differ: all(256),
            sums: Buffer.alloc(NODE_BYTES * 16 * 256, 7),
            counts: none,
            digests: none,
          }
        : { differ: all(buckets), sums: none, counts, digests };
    return ok({ reply, sentBytes: 0, receivedBytes: 0 });
  };
  return {
    is,
    walk: (rows: number) =>
      walkTable(
        {
          ask: ask as never,
          digestKey: Buffer.alloc(32),
          cursor: () => ({ timeline: 't', pos: 1, chain: '0'.repeat(64) }),
          tally: { roundTrips: 0, bytes: 0 },
          checks: { digests: () => [] },
          clock: { now: () => 0, monoMs: () => 0 },
          async yieldNow() {
            is.yields += 1;
          },
        },
        ['member', rows, Buffer.alloc(NODE_BYTES * 16, 7)],
        new AbortController().signal,
      ),
  };
}

describe('a list of rows by digest', () => {
  test('is matched up to its limit, and one row more is large drift at once', async () => {
    // The till has none of them, so what it lacks has a limit of its own: it is met first in a small table.
    const rows = 100_000;
    const most = listedMaxRows(rows);
    const over = rig(most + 1);
    expect(await over.walk(rows)).toMatchObject({ value: { code: 'large' } });
    expect(over.is).toEqual({ asked: ['nodes', 'nodes'], yields: 0 });
    const lacking = driftMaxRows(rows) + LISTED_ROOM_ROWS;
    for (const more of [0, 1]) {
      const { is, walk } = rig(lacking + more);
      const walked = await walk(rows);
      if (more === 0) {
        expect(walked).toMatchObject({ value: { code: 'same' } });
        expect(is.asked.slice(0, 3)).toEqual(['nodes', 'nodes', 'rows']);
      } else {
        expect(walked).toMatchObject({ value: { code: 'large', found: lacking + 1 } });
        expect(is.asked).toEqual(['nodes', 'nodes']);
        expect(is.yields).toBe(Math.floor((lacking + 1) / YIELD_EVERY_ROWS));
      }
    }
  });

  test('has room for all rows in the buckets of those that may differ, and never more than a till can match', () => {
    for (const rows of [0, 300, 60_000, 1_000_000]) {
      const most = listedMaxRows(rows);
      expect(most).toBeGreaterThanOrEqual(driftMaxRows(rows) * Math.ceil(rows / BUCKETS));
      expect(most).toBeLessThan(LISTED_MAX_ROWS);
    }
    expect(listedMaxRows(5_000_000)).toBe(LISTED_MAX_ROWS);
  });
});
