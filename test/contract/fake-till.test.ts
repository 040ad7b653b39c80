import { MEMBER_CARD, WALLET_MEMBER } from '../agent/api/fake-till.ts';
import { serveFakeTill } from '../agent/api/rig.ts';
import { CASE_SCOPES, contractCases } from './contract-cases.ts';

contractCases('a till in memory', async () => {
  const rig = await serveFakeTill();
  const { clientId, token } = rig.till.pairDirectly(CASE_SCOPES);
  return {
    api: rig.api,
    address: rig.address,
    clientId,
    token,
    scopes: CASE_SCOPES,
    memberCard: MEMBER_CARD,
    walletMember: WALLET_MEMBER,
    currency: 'CNY',
    lines: [
      { lineId: 'l1', sku: 'A1', qty: 2, unitPriceMinor: 1_250 },
      { lineId: 'l2', sku: 'A2', qty: 1, unitPriceMinor: 999 },
    ],
    pair: async (scopes) => rig.till.pairDirectly(scopes),
    close: rig.close,
  };
});
