import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import { LEDGER_KEPT_MIN_MS } from '../../../../agent/store/sync/received-marks.ts';
import { createLedgerHandlers } from '../../../../sync/hq/checks/ledger/create-ledger-handlers.ts';
import { entryContent } from '../../../../sync/protocol/entry-content.ts';
import {
  LEAF_ENTRIES,
  NODE_ENTRIES,
  PROOF_NODES_MAX,
  REFILL_MAX_ENTRIES,
  refillRequestSchema,
} from '../../../../sync/protocol/ledger-proof.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { receiptOf } from '../books/rig.ts';
import { type LedgerRig, openLedgerRig } from './ledger-rig.ts';

/** Everything that an entry books at headquarters, and the ledger itself but for when it came. */
async function stateOf({ hq, memberId }: LedgerRig) {
  const texts = (sql: string) => hq.db.query(sql);
  return {
    account: await hq.account(memberId),
    member: await hq.body(memberId),
    uses: await texts('SELECT * FROM rule_uses ORDER BY 1, 2, 3, 4'),
    exceptions: await hq.exceptions(),
    heads: await texts('SELECT * FROM ledger_heads ORDER BY 1, 2'),
    keys: await texts('SELECT key_id FROM subject_keys ORDER BY 1'),
    ledger: await texts(
      `SELECT to_jsonb(l) - 'received_at_ms' AS row FROM ledger l ORDER BY till_id, incarnation, seq`,
    ),
  };
}

/** Makes the till prune its entries up to `seq`, as after 400 days and with a backup at headquarters. */
async function prune({ hq, till, caller }: LedgerRig, seq: number): Promise<void> {
  await hq.db.query('UPDATE ledger_heads SET backed_up_seq = $1', [seq]);
  for (const laterMs of [0, LEDGER_KEPT_MIN_MS]) {
    till.store.audit.append({ atMs: 1, staffId: null, action: 'a', detail: {} });
    const items = till.store.sync.nextUpload(10, 1_000_000);
    const { incarnation } = caller;
    const receipt = receiptOf(await hq.books.upload(caller, { incarnation, items }, undefined));
    const at = toInstant(Date.parse(receipt.at) + laterMs);
    expect(till.store.sync.acknowledge({ ...receipt, at })).toEqual({ ok: true });
  }
  till.store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 2_000);
  expect(till.store.ledger.base().seq).toBe(seq);
}

const harmTill = (rig: LedgerRig, sql: string) =>
  rig.till.withSql((db) => db.exec(`DROP TRIGGER ledger_keeps_content; ${sql}`));

describeOnEngines("the upward proof of a till's ledger", (engines) => {
  const open = async (count: number) => {
    const rig = await openLedgerRig(await engines.fresh());
    await rig.sell(count);
    return rig;
  };

  test('costs one short question where both sides hold the same', async () => {
    const rig = await open(LEAF_ENTRIES + 2);
    const record = await rig.prove();
    expect(record).toMatchObject({
      kind: 'ledger',
      outcome: 'clean',
      rows: LEAF_ENTRIES + 2,
      roundTrips: 1,
      failure: null,
    });
    expect(record.bytes).toBeLessThan(300);
    expect(await rig.alarms()).toEqual([]);
  });

  test('leaves out what headquarters has yet to receipt', async () => {
    const rig = await open(3);
    rig.till.store.sync.sendAgain(2);
    expect(await rig.prove()).toMatchObject({ outcome: 'clean', rows: 2 });
  });

  test('entries gone from headquarters are sent again: no account moves, the alarm and the audit name them', async () => {
    const rig = await open(12);
    const before = await stateOf(rig);
    await rig.harm('DELETE FROM ledger WHERE seq IN (1, 5, 6, 7, 12)');
    expect(await rig.prove()).toMatchObject({
      outcome: 'repaired',
      missing: 5,
      damaged: 0,
      repaired: 5,
    });
    expect(rig.calls).toEqual(['proveLedger nodes', 'proveLedger leaves', 'refillLedger']);
    expect(await stateOf(rig)).toEqual(before);
    expect(await rig.alarms()).toEqual(['ledger-refilled seq 1, 5-7, 12']);
    expect(await rig.audited()).toEqual([['ledger-refilled', [12, 7, 6, 5, 1]]]);
    expect(await rig.prove()).toMatchObject({ outcome: 'clean', roundTrips: 1 });
  });

  test.each([
    ['sealed body', 'sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)'],
    ['header', "header = replace(header, 'CNY', 'CNX')"],
    ['hash', "hash = repeat('0', 64)"],
    ['header and sealed body', "header = '{}', sealed = ''"],
  ])(
    'a damaged %s at headquarters is put right, and its damaged image is kept',
    async (_what, set) => {
      const rig = await open(6);
      const before = await stateOf(rig);
      // The last, one in the middle, and one after it: each is proved by the one behind it.
      await rig.harm(`UPDATE ledger SET ${set} WHERE seq IN (3, 4, 6)`);
      const harmed = await rig.hq.db.query<{ row: string }>(
        'SELECT to_jsonb(l)::text AS row FROM ledger l WHERE seq = 4',
      );
      expect(await rig.prove()).toMatchObject({ outcome: 'repaired', damaged: 3, repaired: 3 });
      expect(await stateOf(rig)).toEqual(before);
      const kept = await rig.hq.db.query<{ row: string }>(
        'SELECT damaged AS row FROM ledger_mends WHERE seq = 4',
      );
      expect(kept).toEqual(harmed);
      expect(await rig.alarms()).toEqual(['ledger-mended seq 3-4, 6']);
      expect(await rig.audited()).toEqual([['ledger-mended', [6, 4, 3]]]);
      expect(await rig.prove()).toMatchObject({ outcome: 'clean' });
    },
  );

  test('sealed bodies that changed places are found, although the sums of a set without order would agree', async () => {
    const rig = await open(4);
    const before = await stateOf(rig);
    await rig.harm(`UPDATE ledger l SET sealed = o.sealed FROM ledger o
      WHERE (l.seq, o.seq) IN ((2, 3), (3, 2))`);
    expect(await rig.prove()).toMatchObject({ damaged: 2, repaired: 2 });
    expect(await stateOf(rig)).toEqual(before);
  });

  test('a body damaged at the till never reaches headquarters, whose own opens', async () => {
    const rig = await open(4);
    const before = await stateOf(rig);
    harmTill(rig, 'UPDATE ledger SET sealed = zeroblob(length(sealed)) WHERE seq = 3');
    for (let n = 0; n < 2; n++)
      expect(await rig.prove()).toMatchObject({ outcome: 'stays', damaged: 1, repaired: 0 });
    expect(await stateOf(rig)).toEqual(before);
    expect(await rig.hq.db.query('SELECT 1 FROM ledger_mends')).toEqual([]);
    expect(rig.troubles.get('ledger-damaged')).toBe('seq 3');
    expect(await rig.alarms()).toEqual(['ledger-till-damaged seq 3']);
  });

  test('a header damaged at the till is reported and not sent', async () => {
    const rig = await open(4);
    harmTill(rig, "UPDATE ledger SET header = replace(header, 'CNY', 'CNX') WHERE seq = 3");
    expect(await rig.prove()).toMatchObject({ outcome: 'stays', damaged: 1, repaired: 0 });
    expect(rig.calls).toEqual(['proveLedger nodes', 'proveLedger leaves', 'proveLedger report']);
    expect(rig.troubles.get('ledger-damaged')).toBe('seq 3');
    expect(await rig.alarms()).toEqual(['ledger-till-damaged seq 3']);
  });

  test('where both images of a body are damaged neither is taken', async () => {
    const rig = await open(3);
    await rig.harm("UPDATE ledger SET sealed = '' WHERE seq = 2");
    harmTill(rig, "UPDATE ledger SET sealed = x'00' WHERE seq = 2");
    expect(await rig.prove()).toMatchObject({ outcome: 'stays', repaired: 0 });
    expect(await rig.alarms()).toEqual(['ledger-unproved seq 2']);
  });

  test('of entries that the till has pruned the proof still names each that headquarters lost or damaged', async () => {
    const rig = await open(LEAF_ENTRIES + 20);
    for (const base of [LEAF_ENTRIES - 1, LEAF_ENTRIES, LEAF_ENTRIES + 1]) {
      await prune(rig, base);
      expect(await rig.prove()).toMatchObject({ outcome: 'clean', rows: LEAF_ENTRIES + 20 });
    }
    await rig.harm(`DELETE FROM ledger WHERE seq = 7;
      UPDATE ledger SET sealed = '' WHERE seq = ${LEAF_ENTRIES + 1}`);
    for (let n = 0; n < 2; n++)
      expect(await rig.prove()).toMatchObject({
        outcome: 'stays',
        missing: 1,
        damaged: 1,
        repaired: 0,
      });
    expect(rig.troubles.get('ledger-lost')).toBe(`seq 7, ${LEAF_ENTRIES + 1}`);
    expect(await rig.alarms()).toEqual([`ledger-lost seq 7, ${LEAF_ENTRIES + 1}`]);
    expect(await rig.audited()).toEqual([['ledger-lost', [7, LEAF_ENTRIES + 1]]]);
    expect(rig.calls).not.toContain('refillLedger');
  });

  test('another entry under a number that headquarters lost does not fit the chain: a fork, with one alarm', async () => {
    const rig = await open(4);
    const [, second, third] = rig.till.store.sync.ledger.entries([1, 2, 3]);
    const other = rig.hq.till('till-1', rig.caller);
    other.entry();
    const foreign = other.entry();
    await rig.harm('DELETE FROM ledger WHERE seq = 2');
    const { refillLedger } = createLedgerHandlers(rig.hq.deps);
    const { incarnation } = rig.caller;
    for (let n = 0; n < 2; n++)
      expect(
        await refillLedger(rig.caller, { incarnation, entries: [foreign] }, undefined),
      ).toMatchObject({ value: { outcomes: [{ seq: 2, outcome: 'forked' }] } });
    expect(await rig.alarms()).toEqual(['ledger-forked seq 2']);
    expect(await rig.hq.db.query('SELECT seq FROM ledger ORDER BY seq')).toHaveLength(3);
    const right = { incarnation, entries: [second, third] as never[] };
    expect(await refillLedger(rig.caller, right, undefined)).toMatchObject({
      value: {
        outcomes: [
          { seq: 3, outcome: 'whole' },
          { seq: 2, outcome: 'refilled' },
        ],
      },
    });
  });

  test('a headquarters that is ahead of the till is a fork, as after the till went back to an image', async () => {
    const rig = await open(2);
    await rig.hq.db.query('UPDATE ledger_heads SET seq = 3');
    expect(await rig.prove()).toMatchObject({ outcome: 'stays' });
    expect(await rig.alarms()).toEqual(['ledger-forked seq 3']);
  });

  test('what was sold and sent while the proof ran is no fork', async () => {
    const rig = await open(2);
    const proof = rig.prove();
    await rig.sell(3);
    expect(await proof).toMatchObject({ outcome: 'clean' });
    expect(await rig.alarms()).toEqual([]);
  });

  test('an entry that headquarters never had is a gap, not a refill', async () => {
    const rig = await open(2);
    const { refillLedger } = createLedgerHandlers(rig.hq.deps);
    await rig.hq.db.query('UPDATE ledger_heads SET seq = 1');
    const [second] = rig.till.store.sync.ledger.entries([2]);
    const input = { incarnation: rig.caller.incarnation, entries: [second] as never[] };
    expect(await refillLedger(rig.caller, input, undefined)).toMatchObject({
      error: { code: 'ledger-gap', detail: { expectedSeq: 2 } },
    });
  });

  test('tills of an older protocol and of another database are refused', async () => {
    const rig = await open(1);
    const { proveLedger } = createLedgerHandlers(rig.hq.deps);
    const { incarnation } = rig.caller;
    const asked = { t: 'nodes', incarnation, from: 0, to: 1, first: 0, sums: '' } as const;
    const refusal = async (caller: LedgerRig['caller']) =>
      proveLedger(caller, asked, undefined).then((reply) => !reply.ok && reply.error.code);
    expect(await refusal({ ...rig.caller, protocol: 3 })).toBe('protocol-unsupported');
    expect(await refusal({ ...rig.caller, incarnation: 'incarnation-2' })).toBe(
      'incarnation-unknown',
    );
  });

  test('the append-only ledger opens for nothing but a mend whose damaged image was kept', async () => {
    const rig = await open(2);
    const run = (sql: string) =>
      rig.hq.db.query(sql).then(
        () => 'done',
        (error) => error.code,
      );
    expect(await run('DELETE FROM ledger WHERE seq = 1')).toBe('P0001');
    expect(await run("UPDATE ledger SET sealed = '' WHERE seq = 1")).toBe('P0001');
    const keep = (damaged: string) => `INSERT INTO ledger_mends
      (till_id, incarnation, seq, at_ms, damaged, hash, sealed_hash)
      SELECT till_id, incarnation, seq, 0, ${damaged}, hash, encode(sha256(''), 'hex') FROM ledger l WHERE seq = 1`;
    await run(keep("'something else'"));
    expect(await run("UPDATE ledger SET sealed = '' WHERE seq = 1")).toBe('P0001');
    await run(keep('to_jsonb(l)::text'));
    expect(await run("UPDATE ledger SET sealed = 'x' WHERE seq = 1")).toBe('P0001');
    expect(await run("UPDATE ledger SET sealed = '', header = '{}' WHERE seq = 1")).toBe('P0001');
    expect(await run('DELETE FROM ledger WHERE seq = 1')).toBe('P0001');
    expect(await run("UPDATE ledger SET sealed = '' WHERE seq = 1")).toBe('done');
    expect(await run('DELETE FROM ledger_mends')).toBe('P0001');
    expect(await run("UPDATE ledger_mends SET damaged = ''")).toBe('P0001');
  });

  test('over several questions, each of a bounded size, every entry is named at the edges of leaves and nodes', async () => {
    const rig = await open(0);
    const count = PROOF_NODES_MAX * NODE_ENTRIES + 3;
    const { tillId, incarnation } = rig.caller;
    await rig.hq.db.query(
      `INSERT INTO ledger SELECT $1, $2, n, 'entry-' || n, 'sale', 'sale-' || n, NULL, 'store-1', '2026-11-21', 0, 0,
         'CNY', 0, 0, NULL, 'header ' || n, 'hash ' || n, convert_to('sealed ' || n, 'UTF8'), 'key', NULL, '{}', 0
       FROM generate_series(1, $3::integer) AS n`,
      [tillId, incarnation, count],
    );
    await rig.hq.db.query(`INSERT INTO ledger_heads VALUES ($1, $2, $3, 'hash', 1, 0)`, [
      tillId,
      incarnation,
      count,
    ]);
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    const contents = (after: number, to: number) =>
      Array.from({ length: to - after }, (_, n) => {
        const seq = after + n + 1;
        const image = {
          seq,
          headerHash: sha(`header ${seq}`),
          hash: `hash ${seq}`,
          sealedHash: sha(`sealed ${seq}`),
        };
        return { seq, content: entryContent(tillId, incarnation, image), fault: null };
      });
    const ledger = {
      range: () => ({ from: 0, base: count, head: { seq: count, hash: 'hash' } }),
      contents,
      entries: () => [],
    };
    const received = () => ({ seq: count, outboxNo: 1, backedUpSeq: count });
    const store = { ...rig.till.store.sync, ledger, received };
    expect(await rig.prove(store)).toMatchObject({ outcome: 'clean', rows: count, roundTrips: 2 });
    const gone = [
      1,
      LEAF_ENTRIES,
      LEAF_ENTRIES + 1,
      NODE_ENTRIES,
      NODE_ENTRIES + 1,
      count - 3,
      count,
    ];
    await rig.harm(`DELETE FROM ledger WHERE seq IN (${gone})`);
    expect(await rig.prove(store)).toMatchObject({ outcome: 'stays', missing: gone.length });
    expect(rig.troubles.get('ledger-lost')).toBe(`seq ${gone.join(', ')}`);
  });

  test('a long run of lost entries comes back in several refills', async () => {
    const rig = await open(REFILL_MAX_ENTRIES + 5);
    const before = await stateOf(rig);
    await rig.harm('DELETE FROM ledger WHERE seq > 2');
    expect(await rig.prove()).toMatchObject({ repaired: REFILL_MAX_ENTRIES + 3 });
    expect(rig.calls.filter((name) => name === 'refillLedger')).toHaveLength(2);
    expect(await stateOf(rig)).toEqual(before);
  });
});

test('a refill takes as many entries as its limit, and not one more', () => {
  const entry = {
    kind: 'entry',
    no: 1,
    header: '{}',
    hash: '0'.repeat(64),
    sealed: '',
    key: null,
    facts: {
      memberId: null,
      movements: [],
      couponsUsed: [],
      allowanceIds: [],
      spendMinor: 0,
      orders: 0,
      ruleUses: [],
    },
  };
  const asked = (count: number) =>
    refillRequestSchema.safeParse({
      incarnation: 'incarnation-1',
      entries: Array(count).fill(entry),
    }).success;
  expect(asked(REFILL_MAX_ENTRIES)).toBe(true);
  expect(asked(REFILL_MAX_ENTRIES + 1)).toBe(false);
  expect(NODE_ENTRIES * PROOF_NODES_MAX).toBe(16_384);
});
