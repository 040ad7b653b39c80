import { text } from '../agent/contract/text.ts';

/** Settings of the demo chain at headquarters, by key. */
export const demoSettings = {
  join: {
    consentVersion: 'demo-1',
    consentText: text(
      '我同意本店为会员服务保存我的手机号和姓名，可随时要求删除。（演示文本）',
      'I agree that the store keeps my phone number and name for the membership; I may have them erased at any time. (Demo text)',
    ),
    tier: 'standard',
  },
  tiers: [
    { tier: 'standard', yearSpendMinorFrom: 0 },
    { tier: 'silver', yearSpendMinorFrom: 300_000 },
    { tier: 'gold', yearSpendMinorFrom: 700_000 },
    { tier: 'diamond', yearSpendMinorFrom: 2_000_000 },
  ],
  online: { pointsPer100Minor: 1 },
  members: { scope: 'home' },
} as const;
