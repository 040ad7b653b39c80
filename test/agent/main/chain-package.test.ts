import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { LotId, MemberId } from '../../../agent/contract/index.ts';
import { loadChainPackage } from '../../../agent/main/chain-package.ts';
import { claimDemoFolder } from '../../../agent/main/demo-folder.ts';
import { setUpDemo } from '../../../agent/main/demo-till.ts';
import type { Store } from '../../../agent/store/store.ts';
import { appendEntry } from '../../support/ledger.ts';
import { smallChain } from '../../support/small-chain.ts';
import { openTestStore, TEST_NOW_MS } from '../../support/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'tillside-chain-'));
afterAll(() => rmSync(folder, { recursive: true }));
const memberId = 'member-1' as MemberId;

/** Spends points of the opening lot, as the commit of a sale does. */
function spend(store: Store, points: number): void {
  store.transaction(() => {
    const { seq } = appendEntry(store, 1, { memberId }).header;
    store.points.move([{ seq, lotId: 'lot-1' as LotId, memberId, delta: -points }]);
  });
}

describe('loading a chain package', () => {
  it.each([400, 1_000])('a second time does not give %i spent points back', async (points) => {
    const { store } = openTestStore();
    await loadChainPackage(store, smallChain(3), randomBytes);
    spend(store, points);
    await loadChainPackage(store, smallChain(3), randomBytes);
    expect(store.points.balance(memberId)).toBe(1_000 - points);
    expect(store.points.balance('member-2' as MemberId)).toBe(1_000);
  });

  it('of the demo that was cut off is done again, and once it is whole never more', async () => {
    const claimed = claimDemoFolder(join(folder, 'demo'));
    if (!claimed.ok) throw new Error(claimed.error.code);
    const demo = setUpDemo(claimed.value, TEST_NOW_MS);
    const { store } = openTestStore();
    const cutOff: Store = {
      ...store,
      points: {
        ...store.points,
        addLots() {
          throw new Error('power cut');
        },
      },
    };
    await expect(demo.prepare(cutOff)).rejects.toThrow('power cut');
    const lot = demo.chain.lots[0];
    if (lot === undefined) throw new Error('the demo has lots');
    expect(store.points.lots(lot.memberId)).toEqual([]);
    await demo.prepare(store);
    expect(store.points.lots(lot.memberId)).not.toEqual([]);
    await demo.prepare(cutOff);
  });
});
