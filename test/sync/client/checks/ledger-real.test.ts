import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { HQ_START_LIMIT_MS, type TestHq } from '../../../support/hq.ts';
import { commitSale } from '../../../support/ledger.ts';
import { until } from '../virtual-time.ts';
import { type DriftTill, startDriftHq, startDriftTill } from './drift-rig.ts';

let hq: TestHq;
let rig: DriftTill;
beforeAll(async () => {
  hq = await startDriftHq();
  rig = await startDriftTill(hq, 'till-1');
}, HQ_START_LIMIT_MS);
afterAll(async () => {
  await rig?.stop();
  await hq?.close();
});

test('a check that a person asks for proves the ledger too: what headquarters lost is there again, over the real wire', async () => {
  for (let n = 1; n <= 5; n++) commitSale(rig.till.store, n, 'm-1' as MemberId);
  rig.client.notify();
  await until(() => rig.facts().receivedSeq === 5);
  expect((await rig.verify(false)).map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ['walk', 'clean'],
    ['ledger', 'clean'],
  ]);
  await hq.deps.db.script(`ALTER TABLE ledger DISABLE TRIGGER USER;
    DELETE FROM ledger WHERE seq IN (2, 5);
    UPDATE ledger SET sealed = '' WHERE seq = 3;
    ALTER TABLE ledger ENABLE TRIGGER USER`);
  const [, ledger] = await rig.verify(false);
  expect(ledger).toMatchObject({
    outcome: 'repaired',
    rows: 5,
    missing: 2,
    damaged: 1,
    repaired: 3,
  });
  expect(rig.facts().checks?.lastLedger).toEqual(ledger);
  const rows = await hq.deps.db.query<{ seq: number; hash: string; sealed: Uint8Array }>(
    'SELECT seq, hash, sealed FROM ledger ORDER BY seq',
  );
  expect(rows.map(({ seq, hash, sealed }) => [seq, hash, Buffer.from(sealed)])).toEqual(
    rig.till.store.ledger
      .after(0, 9)
      .map(({ header, hash, sealed }) => [header.seq, hash, Buffer.from(sealed)]),
  );
});
