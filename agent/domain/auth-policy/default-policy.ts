import type { Policy } from '../../contract/decision.ts';

/**
 * The policy table that a chain starts from; it travels in the signed rule set or as a document of its own and can be
 * changed there. A static card and phone digits only name a member, so one of them is a claim; both together are hard
 * enough to guess to recognise. A wallet card's one-time password rests on a secret that the tills hold too, so it
 * recognises, and the rows of actions cap what it may spend. 1:N face or finger alone only recognises (DESIGN 5). The
 * rotating pass is signed by the member's phone and verifies. Weights are a chain's to add.
 */
export const defaultPolicy: Policy = {
  version: 1,
  levels: [
    { level: 'claimed', allOf: ['card'] },
    { level: 'claimed', allOf: ['phone'] },
    { level: 'claimed', allOf: ['pin'] },
    { level: 'claimed', allOf: ['staff'] },
    { level: 'recognised', allOf: ['face'] },
    { level: 'recognised', allOf: ['finger'] },
    { level: 'recognised', allOf: ['wallet'] },
    { level: 'recognised', allOf: ['card', 'phone'] },
    { level: 'recognised', allOf: ['card', 'staff'] },
    { level: 'recognised', allOf: ['phone', 'staff'] },
    { level: 'verified', allOf: ['pass'] },
    { level: 'verified', allOf: ['wallet', 'pin'] },
    { level: 'verified', allOf: ['card', 'pin'] },
    { level: 'verified', allOf: ['phone', 'pin'] },
    { level: 'verified', allOf: ['card', 'face'] },
    { level: 'verified', allOf: ['card', 'finger'] },
    { level: 'verified', allOf: ['phone', 'face'] },
    { level: 'verified', allOf: ['phone', 'finger'] },
    { level: 'strong', allOf: ['pass', 'pin'] },
    { level: 'strong', allOf: ['pass', 'face'] },
    { level: 'strong', allOf: ['pass', 'finger'] },
  ],
  actions: [
    { action: 'view-benefits', needs: 'claimed' },
    { action: 'earn-points', needs: 'claimed' },
    { action: 'use-coupon', needs: 'claimed' },
    { action: 'redeem-points', uptoMinor: 5_000, needs: 'recognised' },
    { action: 'redeem-points', needs: 'verified' },
    { action: 'priority-lane', needs: 'claimed' },
    { action: 'change-personal-data', needs: 'verified' },
    { action: 'enrol-biometric', needs: 'verified' },
    { action: 'withdraw-consent', needs: 'recognised' },
  ],
  caps: { offline: 'verified', stale: 'recognised', clockUntrusted: 'claimed' },
  evidenceTtlSeconds: 1_800,
  staleAfterHours: 168,
};
