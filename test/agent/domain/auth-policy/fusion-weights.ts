import type { Fusion } from '../../../../agent/contract/index.ts';

/**
 * Weights that a chain may start from: thousandths of ln(how much likelier the member shows this than somebody
 * else who wants to pass for them). Where nothing was measured the odds are an assumption, said so and on the low side; a chain
 * that knows better writes its own.
 */
export const FUSION_WEIGHTS: Fusion = {
  means: {
    // Assumed 1 of 100 static cards shown is lost, copied or borrowed: ln 100.
    card: { weightMilliNats: 4_605 },
    // Assumed 1 of 20 who would pass for a member knows the number; guessing four digits (ln 10,000) is not the danger: ln 20.
    phone: { weightMilliNats: 2_995 },
    // Ten tries at 10,000 PINs would be ln 1,000. People choose badly (Bonneau, Preibusch and Anderson, Financial Cryptography
    // 2012: guesses in the order of popularity open several per cent); with the worst refused, 1 of 100: ln 100.
    pin: { weightMilliNats: 4_605, ttlSeconds: 600 },
    // Six digits that count once, at most five guesses in ten minutes (5 of 10^6); the danger is a picture of the screen, or a
    // till's own copy of the secret: assumed 1 of 1,000, ln 1,000.
    wallet: { weightMilliNats: 6_907 },
    // Signed by a key that does not leave the phone; the danger is the phone unlocked in other hands: assumed ln 10,000.
    pass: { weightMilliNats: 9_210 },
    // research/face.md, held-out people at distance 0.55: TMR 93.5 %, FMR 0.16 %: ln(0.935 / 0.0016) = 6,370. The cap is what
    // they show at 0.50: ln(0.80 / 0.0004) = 7,600; beyond it the tail is up to four times worse than calibrated.
    face: { weightMilliNats: 6_300, capMilliNats: 7_600 },
    // A module's yes without a score is one factor (research/fingerprint.md, 5): assumed FMR 1 in 1,000. The least FMR that
    // its impostor pairs can show is 1e-5 (section 6): ln 100,000, less genuine ones refused.
    finger: { weightMilliNats: 6_907, capMilliNats: 11_300 },
    // Whoever vouches may be mistaken or talked into it: assumed 1 of 20, ln 20.
    staff: { weightMilliNats: 2_995, ttlSeconds: 600 },
  },
  dependent: [
    // One number on plastic and in the phone; who holds the phone holds both of its codes, and reads its number off it.
    ['card', 'wallet', 'pass'],
    ['phone', 'wallet'],
    ['phone', 'pass'],
  ],
  // ln 10, ln 100, ln 1,800 (just under a phone number with a PIN) and ln 100,000 to one.
  thresholds: { claimed: 2_302, recognised: 4_605, verified: 7_500, strong: 11_500 },
};
