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
  face: {
    textVersion: 'demo-1',
    storeText: text(
      '本店用您的人脸在收银台认出您：由画面算出一串加密的数字，画面本身不保存；365 天未到店即销毁；随时可在任何收银台撤回。会员码、会员卡、手机号同样可用。（演示文本）',
      'This store recognises you by your face at its tills: numbers are worked out from the picture and encrypted, the picture itself is not kept; they are destroyed after 365 days without a visit, and at any till whenever you withdraw. Code, card and phone number work just as well. (Demo text)',
    ),
    chainText: text(
      '另外，把加密的数字送到其他门店，使您在那里也能被认出。可以不选。（演示文本）',
      'Further, the encrypted numbers go to other stores, so that you are recognised there too. You need not agree. (Demo text)',
    ),
  },
  members: { scope: 'home' },
} as const;
