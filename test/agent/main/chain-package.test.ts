import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LotId, MemberId } from '../../../agent/contract/index.ts';
import { loadChainPackage } from '../../../agent/main/chain-package.ts';
import type { Store } from '../../../agent/store/store.ts';
import { appendEntry } from '../../support/ledger.ts';
import { smallChain } from '../../support/small-chain.ts';
import { openTestStore } from '../../support/store.ts';

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

  it('that was cut off leaves nothing, and is done again', async () => {
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
    await expect(loadChainPackage(cutOff, smallChain(3), randomBytes)).rejects.toThrow('power cut');
    expect(store.points.lots(memberId)).toEqual([]);
    await loadChainPackage(store, smallChain(3), randomBytes);
    expect(store.points.balance(memberId)).toBe(1_000);
  });
});
