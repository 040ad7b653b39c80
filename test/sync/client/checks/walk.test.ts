import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unreachableBy } from '../../../../sync/client/call-failure.ts';
import { DRIFT_SMALL_ROWS, driftMaxRows } from '../../../../sync/protocol/drift-limits.ts';
import { bodyOf, keyOf, walkRig } from './walk-rig.ts';

const place = (pos: number) => ({ timeline: 'timeline-1', pos, chain: '0'.repeat(64) });

describe('a walk', () => {
  test('of a till that holds what headquarters holds asks once, for at most 64 bytes a table', async () => {
    const rig = walkRig();
    const walked = await rig.walk();
    expect(walked).toMatchObject({ ok: true, value: { repaired: 0, rows: 300, large: [] } });
    expect(rig.tally.roundTrips).toBe(1);
    expect(rig.tally.bytes).toBeLessThanOrEqual(64);
    expect(rig.till.repairs).toEqual([]);
  });

  test('finds and repairs whatever differs, of every kind, and nothing else, in four questions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(299), { maxLength: 60 }),
        fc.array(fc.constantFrom('missing', 'extra', 'stale', 'damaged'), {
          minLength: 60,
          maxLength: 60,
        }),
        async (places, kinds) => {
          const rig = walkRig();
          const expected = { missing: 0, extra: 0, stale: 0, damaged: 0 };
          for (const [i, n] of places.entries()) {
            const kind = kinds[i] as keyof typeof expected;
            expected[kind] += 1;
            if (kind === 'missing') rig.till.remove('member', keyOf(n));
            else if (kind === 'extra') rig.till.put('member', `x-${n}`, 5, '{}');
            else if (kind === 'stale') rig.till.put('member', keyOf(n), n, bodyOf(n));
            else rig.till.put('member', keyOf(n), n + 1, '{}');
          }
          const walked = await rig.walk();
          expect(walked).toMatchObject({
            ok: true,
            value: { repaired: places.length, kinds: expected, stays: 0, left: 0, large: [] },
          });
          expect(rig.tally.roundTrips).toBe(places.length === 0 ? 1 : 4);
          const repaired = rig.till.repairs.flatMap(({ keys }) => keys);
          expect(new Set(repaired).size).toBe(places.length);
          await rig.walk();
          expect(rig.kinds().at(-1)).toBe('roots');
        },
      ),
      { numRuns: 15 },
    );
  });

  test('finds rows whose payloads were swapped, and changes that are equal and opposite', async () => {
    const rig = walkRig();
    rig.till.put('member', keyOf(1), 2, bodyOf(2));
    rig.till.put('member', keyOf(2), 3, bodyOf(1));
    rig.till.remove('member', keyOf(7));
    rig.till.put('member', 'x-7', 8, bodyOf(7));
    const walked = await rig.walk();
    expect(walked).toMatchObject({
      value: { repaired: 4, kinds: { damaged: 2, missing: 1, extra: 1 } },
    });
  });

  test('leaves alone what headquarters changed behind the place of the till', async () => {
    const rig = walkRig();
    rig.hq.put('member', keyOf(3), 900, '{"fresh":true}', 11);
    rig.hq.put('member', 'm-new', 901, '{}', 12);
    rig.hq.remove('member', keyOf(4), 902, 13);
    const walked = await rig.walk();
    expect(walked).toMatchObject({ ok: true, value: { repaired: 0, large: [] } });
    expect(rig.till.repairs).toEqual([]);
  });

  test('tells no drift of rows that the feed brings while it is under way, at any of its questions', async () => {
    for (const [at, t] of ['roots', 'nodes', 'nodes', 'rows'].entries()) {
      const rig = walkRig();
      rig.till.put('member', keyOf(9), 9, bodyOf(9));
      rig.hq.before = () => {
        if (rig.asked.length !== at + 1) return;
        for (let n = 20; n < 40; n++) {
          rig.hq.put('member', keyOf(n), 1_000 + n, '{"later":1}', 11);
          // The feed has brought half of it by then.
          if (n % 2 === 0) rig.till.put('member', keyOf(n), 1_000 + n, '{"later":1}');
        }
      };
      const walked = await rig.walk();
      expect(walked, t).toMatchObject({ ok: true, value: { repaired: 1, kinds: { stale: 1 } } });
    }
  });

  test('leaves a row alone that changed between question and repair', async () => {
    const rig = walkRig();
    rig.till.put('member', keyOf(9), 9, bodyOf(9));
    rig.hq.before = ({ t }) => {
      if (t === 'rows') rig.till.put('member', keyOf(9), 2_000, '{"newer":1}');
    };
    const walked = await rig.walk();
    expect(walked).toMatchObject({ value: { repaired: 0, left: 1 } });
    expect(rig.till.tables.get('member')?.get(keyOf(9))?.ver).toBe(2_000);
  });

  test('counts the own sums again where the root differs and no part does', async () => {
    const rig = walkRig();
    rig.till.wrongRoot = 'member';
    expect(await rig.walk()).toMatchObject({ value: { mended: 1, repaired: 0 } });
    expect(rig.kinds()).toEqual(['roots']);
    expect(await rig.walk()).toMatchObject({ value: { mended: 0 } });
  });

  test('covers tables that the till lacks whole, and tables that headquarters has no rows of', async () => {
    const rig = walkRig();
    rig.hq.put('tag', 'vip', 4, '{"tag":"vip"}');
    rig.till.put('setting', 'old', 3, '{}');
    const walked = await rig.walk();
    expect(walked).toMatchObject({ value: { kinds: { missing: 1, extra: 1 }, repaired: 2 } });
    expect(rig.till.tables.get('tag')?.has('vip')).toBe(true);
    expect(rig.till.tables.get('setting')?.has('old')).toBe(false);
  });

  test('asks again for rows that did not fit into an answer, until all are there', async () => {
    const rig = walkRig();
    rig.hq.rowsMax = 7;
    for (let n = 0; n < 50; n++) rig.till.remove('member', keyOf(n));
    const walked = await rig.walk();
    expect(walked).toMatchObject({ value: { repaired: 50, kinds: { missing: 50 } } });
    expect(rig.kinds().filter((t) => t === 'rows')).toHaveLength(8);
  });

  test('takes no row that it did not ask for, and ends where headquarters says that there is more and sends none', async () => {
    const rig = walkRig();
    rig.till.remove('member', keyOf(1));
    rig.spoil.rows = () => ({ rows: [['m-alien', 9, '{}']], later: 0, more: true });
    expect(await rig.walk()).toMatchObject({ ok: true, value: { repaired: 0 } });
    expect(rig.kinds().filter((t) => t === 'rows')).toHaveLength(1);
    expect(rig.till.tables.get('member')?.has('m-alien')).toBe(false);
  });

  test('repairs a share of one in a hundred row by row, and changes nothing where one more row differs', async () => {
    const count = 40_000;
    const most = driftMaxRows(count);
    expect(most).toBe(400);
    for (const more of [0, 1]) {
      const rig = walkRig(count);
      for (let n = 0; n < most + more; n++)
        rig.till.put('member', keyOf(n * 90), n * 90 + 1, '{"flipped":1}');
      const walked = await rig.walk();
      if (more === 0) expect(walked).toMatchObject({ value: { repaired: most, large: [] } });
      else {
        expect(walked).toMatchObject({ value: { repaired: 0, large: [{ table: 'member' }] } });
        expect(rig.till.repairs).toEqual([]);
      }
    }
  }, 60_000);

  test('repairs a small table whatever its share, up to the limit', async () => {
    for (const more of [0, 1]) {
      const rig = walkRig(300);
      for (let n = 0; n < DRIFT_SMALL_ROWS + more; n++) rig.till.remove('member', keyOf(n));
      const walked = await rig.walk();
      expect(walked).toMatchObject({
        value: more === 0 ? { repaired: DRIFT_SMALL_ROWS, large: [] } : { repaired: 0 },
      });
    }
  });

  test('ends with the failure where headquarters is cut off in any question, and nothing is half done', async () => {
    for (const at of [0, 1, 2, 3]) {
      const rig = walkRig();
      rig.till.remove('member', keyOf(5));
      rig.failures.set(at, unreachableBy('network', 'ECONNRESET'));
      const walked = await rig.walk();
      expect(walked).toMatchObject({
        ok: false,
        error: { failure: { code: 'call', failure: { reason: 'network' } } },
      });
      expect(rig.till.repairs).toEqual([]);
      rig.failures.clear();
      expect(await rig.walk()).toMatchObject({ ok: true, value: { repaired: 1 } });
    }
  });

  test('takes answers that do not fit their question for no answer', async () => {
    const bytes = (length: number): Buffer => Buffer.alloc(length, 7);
    const wrong: ((rig: ReturnType<typeof walkRig>) => void)[] = [
      (rig) => {
        rig.spoil.roots = ({ differ }) => ({
          differ: differ.map(([table, rows]) => [table, rows, bytes(8)]),
        });
      },
      // Nodes that are not below what was asked for.
      (rig) => {
        rig.spoil.nodes = (reply) => ({ ...reply, differ: Buffer.from([0xff, 0xff]) });
      },
      // Sums of fewer nodes than were named.
      (rig) => {
        rig.spoil.nodes = (reply) => ({ ...reply, sums: bytes(8) });
      },
      // Nodes that do not rise.
      (rig) => {
        rig.spoil.nodes = (reply) => ({
          ...reply,
          differ: Buffer.concat([reply.differ, reply.differ]),
        });
      },
      // Fewer digests than were counted.
      (rig) => {
        rig.spoil.nodes = (reply) =>
          reply.counts.length === 0 ? reply : { ...reply, digests: reply.digests.subarray(8) };
      },
    ];
    for (const spoil of wrong) {
      const rig = walkRig();
      rig.till.remove('member', keyOf(5));
      spoil(rig);
      expect(await rig.walk()).toMatchObject({
        error: { failure: { code: 'call', failure: { reason: 'wrong-answer' } } },
      });
    }
  });

  test('under another key than headquarters has finds everything different and changes nothing', async () => {
    const rig = walkRig(1_000);
    // As rows would digest under another key.
    for (const digests of rig.till.digested.values())
      for (const digest of digests.values()) digest.reverse();
    expect(await rig.walk()).toMatchObject({
      value: { repaired: 0, large: [{ table: 'member' }] },
    });
    expect(rig.till.repairs).toEqual([]);
  });

  test('of a till without a place in the feed is not begun', async () => {
    const rig = walkRig();
    rig.till.place = undefined;
    expect(await rig.walk()).toMatchObject({
      ok: false,
      error: { failure: { code: 'not-ready' }, done: { repaired: 0 } },
    });
    expect(rig.asked).toEqual([]);
    rig.till.place = place(10);
  });
});
