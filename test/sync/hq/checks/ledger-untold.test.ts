import { expect, test } from 'vitest';
import { LEDGER_KEPT_MIN_MS } from '../../../../agent/store/sync/received-marks.ts';
import { createLedgerHandlers } from '../../../../sync/hq/checks/ledger/create-ledger-handlers.ts';
import { REFILL_MAX_ENTRIES } from '../../../../sync/protocol/ledger-proof.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { openLedgerRig } from './ledger-rig.ts';

describeOnEngines('what the upward proof cannot put right', (engines) => {
  const open = async (count: number) => {
    const rig = await openLedgerRig(await engines.fresh());
    await rig.sell(count);
    return rig;
  };

  test("an entry that lies at headquarters under a damaged number is unproved: neither a fork nor the end of the till's sync", async () => {
    const rig = await open(8);
    await rig.harm('DELETE FROM ledger WHERE seq = 6; UPDATE ledger SET seq = 1003 WHERE seq = 3');
    expect(await rig.prove()).toMatchObject({ outcome: 'stays', failure: null, repaired: 1 });
    expect(await rig.alarms()).toEqual(['ledger-refilled seq 6', 'ledger-unproved seq 3']);
    for (let n = 0; n < 2; n++)
      expect(await rig.prove()).toMatchObject({ outcome: 'stays', failure: null, missing: 1 });
    expect(await rig.alarms()).toHaveLength(2);
    expect(await rig.hq.db.query('SELECT seq FROM ledger ORDER BY seq')).toHaveLength(8);
  });

  test('of a refill an entry that forks is passed over, told once, and the rest is taken', async () => {
    const rig = await open(6);
    const fifth = rig.till.store.sync.ledger.entries([5]);
    const other = rig.hq.till('till-1', rig.caller);
    other.entry();
    const foreign = other.entry();
    await rig.harm('DELETE FROM ledger WHERE seq IN (2, 5)');
    const { refillLedger } = createLedgerHandlers(rig.hq.deps);
    const { incarnation } = rig.caller;
    const entries = [...fifth, foreign] as never[];
    expect(await refillLedger(rig.caller, { incarnation, entries }, undefined)).toMatchObject({
      value: {
        outcomes: [
          { seq: 5, outcome: 'refilled' },
          { seq: 2, outcome: 'forked' },
        ],
      },
    });
    expect(await refillLedger(rig.caller, { incarnation, entries }, undefined)).toMatchObject({
      ok: true,
    });
    expect(await rig.alarms()).toEqual(['ledger-refilled seq 5', 'ledger-forked seq 2']);
    expect(await rig.hq.db.query('SELECT seq FROM ledger ORDER BY seq')).toHaveLength(5);
  });

  test('entries that headquarters lost and the till cannot send are named on both sides, in every proof, and none is sent twice', async () => {
    const count = REFILL_MAX_ENTRIES + 10;
    const rig = await open(count);
    await rig.harm('DELETE FROM ledger WHERE seq > 5');
    rig.till.withSql((db) => db.exec("DELETE FROM outbox WHERE kind = 'entry' AND seq IN (6, 40)"));
    const gone = count - 5;
    // Without the one after it, what comes before the one that is gone is not proved.
    expect(await rig.prove()).toMatchObject({
      outcome: 'stays',
      missing: gone,
      repaired: count - 40,
    });
    expect(rig.calls.filter((name) => name === 'refillLedger')).toHaveLength(2);
    expect(rig.troubles.get('ledger-lost')).toBe('seq 6, 40');
    expect(await rig.alarms()).toContain('ledger-lost seq 6, 40');
    expect(await rig.prove()).toMatchObject({ outcome: 'stays', repaired: 0 });
    expect(rig.troubles.get('ledger-lost')).toBe('seq 6, 40');
  });

  test('an entry that is damaged here and gone at headquarters is lost', async () => {
    const rig = await open(4);
    await rig.harm('DELETE FROM ledger WHERE seq = 2');
    rig.till.withSql((db) =>
      db.exec(`DROP TRIGGER ledger_keeps_content;
        UPDATE ledger SET header = replace(header, 'CNY', 'CNX') WHERE seq = 2`),
    );
    expect(await rig.prove()).toMatchObject({ outcome: 'stays', missing: 1 });
    expect(rig.troubles).toEqual(
      new Map([
        ['ledger-lost', 'seq 2'],
        ['ledger-damaged', 'seq 2'],
      ]),
    );
  });

  test('what the till lost of its pruned entries is its own damage, where headquarters has them', async () => {
    const rig = await open(6);
    await rig.hq.db.query('UPDATE ledger_heads SET backed_up_seq = 4');
    await rig.sell(1);
    rig.hq.clockMs += LEDGER_KEPT_MIN_MS;
    await rig.sell(1);
    rig.till.store.sync.pruneLedger(Number.MAX_SAFE_INTEGER, 100);
    expect(rig.till.store.ledger.base().seq).toBe(4);
    rig.till.withSql((db) =>
      db.exec(`DROP TRIGGER ledger_pruned_grows;
        UPDATE ledger_pruned SET contents = substr(contents, 1, 32)`),
    );
    expect(await rig.prove()).toMatchObject({ outcome: 'stays', damaged: 2 });
    expect([...rig.troubles.keys()]).toEqual(['ledger-damaged']);
    expect(await rig.alarms()).toEqual(['ledger-till-damaged seq 3-4']);
    await rig.harm('DELETE FROM ledger WHERE seq = 3');
    await rig.prove();
    expect(rig.troubles.get('ledger-lost')).toBe('seq 3');
  });
});
