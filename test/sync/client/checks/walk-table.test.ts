import { describe, expect, test } from 'vitest';
import { ok } from '../../../../agent/contract/result.ts';
import { YIELD_EVERY_ROWS } from '../../../../sync/client/checks/walk-parts.ts';
import { walkTable } from '../../../../sync/client/checks/walk-table.ts';
import {
  DRIFT_SMALL_ROWS,
  driftMaxRows,
  LISTED_MAX_ROWS,
  LISTED_ROOM_ROWS,
  listedMaxRows,
} from '../../../../sync/protocol/drift-limits.ts';
import { BUCKETS, NODE_BYTES } from '../../../../sync/protocol/tree-shape.ts';
import { keyOf, walkRig } from './walk-rig.ts';

const PER_BUCKET = 4;
const all = (count: number): Buffer => {
  const bytes = Buffer.alloc(2 * count);
  for (let i = 0; i < count; i++) bytes.writeUInt16BE(i, 2 * i);
  return bytes;
};
const none = Buffer.alloc(0);

interface Asked {
  readonly t: string;
  readonly level: number;
  readonly parents: Buffer;
}

/** Headquarters lists `listed` rows, of which the till has none. */
function rig(listed: number) {
  const buckets = Math.ceil(listed / PER_BUCKET);
  const counts = Buffer.alloc(4 * buckets);
  for (let i = 0; i < buckets; i++)
    counts.writeUInt32BE(Math.min(PER_BUCKET, listed - PER_BUCKET * i), 4 * i);
  const digests = Buffer.alloc(NODE_BYTES * listed);
  for (let i = 0; i < listed; i++) digests.writeUInt32BE(i + 1, NODE_BYTES * i);
  const is = { asked: [] as string[], yields: 0 };
  /** What lies below the nodes that are asked for, as far as the list goes. */
  const leaves = (parents: Buffer) => {
    const named = Array.from({ length: parents.length / 2 }, (_, i) => parents.readUInt16BE(2 * i));
    const last = Math.min(buckets, 16 * ((named.at(-1) ?? -1) + 1));
    return {
      differ: all(last),
      sums: none,
      counts: counts.subarray(0, 4 * last),
      digests: digests.subarray(0, NODE_BYTES * Math.min(listed, PER_BUCKET * last)),
    };
  };
  const ask = async ({ t, level, parents }: Asked) => {
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
        : leaves(parents);
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
  test('is matched up to its limit, and one row more is large drift', async () => {
    // The till has none of them, so what it lacks has a limit of its own: it is met first in a small table.
    const rows = 100_000;
    const most = listedMaxRows(rows);
    const over = rig(most + 1);
    expect(await over.walk(rows)).toMatchObject({
      value: { code: 'large', large: { sure: false, needsCopy: true } },
    });
    // Of a part of it the till hears that it lacks what headquarters has.
    expect(over.is.asked).toEqual(['nodes', 'nodes', 'nodes']);
    expect(over.is.yields * YIELD_EVERY_ROWS).toBeLessThanOrEqual(most / 2);
    const lacking = driftMaxRows(rows) + LISTED_ROOM_ROWS;
    for (const more of [0, 1]) {
      const { is, walk } = rig(lacking + more);
      const walked = await walk(rows);
      if (more === 0) {
        expect(walked).toMatchObject({ value: { code: 'same' } });
        expect(is.asked.slice(0, 3)).toEqual(['nodes', 'nodes', 'rows']);
      } else {
        expect(walked).toMatchObject({ value: { code: 'large', large: { found: lacking + 1 } } });
        expect(is.asked).toEqual(['nodes', 'nodes']);
        expect(is.yields).toBe(Math.floor((lacking + 1) / YIELD_EVERY_ROWS));
      }
    }
  });

  test('that headquarters does not make is large drift; a part of it tells whether a copy would bring anything', async () => {
    const { till, asked, failures, walk } = walkRig(20_000);
    const large = async () => {
      failures.set(asked.length + 2, { code: 'refused', refusal: 'too-large' } as never);
      const walked = await walk();
      expect(till.repairs).toEqual([]);
      return walked;
    };
    for (let n = 0; n < 4_000; n++) till.put('member', `x-${n}`, 5, '{}');
    for (const [missing, needsCopy] of [
      [0, false],
      [100, false],
      [500, true],
    ] as const) {
      for (let n = 0; n < missing; n++) till.remove('member', keyOf(n));
      expect(await large(), String(missing)).toMatchObject({
        value: { large: [{ table: 'member', sure: false, needsCopy }] },
      });
    }
  }, 60_000);

  test('without any of more rows than are asked about calls for no copy: headquarters lost them', async () => {
    const { hq, till, kinds, walk } = walkRig(DRIFT_SMALL_ROWS + LISTED_ROOM_ROWS + 1);
    hq.tables.get('member')?.clear();
    expect(await walk()).toMatchObject({
      value: { large: [{ table: 'member', sure: false, needsCopy: false }] },
    });
    expect(kinds()).toEqual(['roots', 'nodes', 'nodes']);
    expect(till.repairs).toEqual([]);
  }, 60_000);

  test('has room for all rows in the buckets of those that may differ, and never more than a till can match', () => {
    for (const rows of [0, 300, 60_000, 1_000_000]) {
      const most = listedMaxRows(rows);
      expect(most).toBeGreaterThanOrEqual(driftMaxRows(rows) * Math.ceil(rows / BUCKETS));
      expect(most).toBeLessThan(LISTED_MAX_ROWS);
    }
    expect(listedMaxRows(5_000_000)).toBe(LISTED_MAX_ROWS);
  });
});
