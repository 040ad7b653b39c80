import { serveTill } from '../agent/api/rig.ts';
import { CASHIER, cardOf } from '../support/small-chain.ts';
import { createSmallTill, pairAt } from '../support/small-till.ts';
import { openTestStore, TEST_PLACE } from '../support/store.ts';
import { CASE_SCOPES, contractCases } from './contract-cases.ts';

contractCases('a till on its database', async () => {
  const { store, clock } = openTestStore();
  const till = await createSmallTill({ store, now: clock.now, place: TEST_PLACE, members: 10 });
  const rig = await serveTill(till);
  return {
    api: rig.api,
    address: rig.address,
    ...(await pairAt(till, CASE_SCOPES)),
    scopes: CASE_SCOPES,
    memberCard: cardOf(3),
    walletMember: 'member-3',
    currency: 'CNY',
    staffId: CASHIER.staffId,
    takesBack: true,
    lines: [
      { lineId: 'l1', sku: 'tea', qty: 2, unitPriceMinor: 1_250 },
      { lineId: 'l2', sku: 'soap', qty: 1, unitPriceMinor: 3_750 },
    ],
    pair: (scopes) => pairAt(till, scopes),
    async close() {
      await rig.close();
      till.close();
    },
  };
});
