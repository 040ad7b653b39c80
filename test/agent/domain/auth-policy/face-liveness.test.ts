import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ASSURANCE_LEVELS,
  type AssuranceLevel,
  type Evidence,
  type EvidenceMeans,
  type FaceDetector,
  KIND_OF_MEANS,
  type Liveness,
  livenessSchema,
  type MemberId,
  type Policy,
  policySchema,
  toInstant,
} from '../../../../agent/contract/index.ts';
import { type DecideInput, decide } from '../../../../agent/domain/auth-policy/decide.ts';
import { defaultPolicy } from '../../../../agent/domain/auth-policy/default-policy.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 8, 30);

function proof(means: EvidenceMeans, more: Partial<Evidence> = {}): Evidence {
  return {
    means,
    kind: KIND_OF_MEANS[means],
    source: 'test',
    memberId: 'm' as MemberId,
    claim: means !== 'face',
    at: toInstant(NOW_MS),
    expiresAt: toInstant(NOW_MS + 60_000),
    ...more,
  };
}

const PAD_1 = { product: 'acme 1', level: 'pad-1' } as const;
const PAD_2 = { product: 'acme 1', level: 'pad-2' } as const;
const UNTIL_MS = NOW_MS + 60_000;
/** Trusts one detector for both classes. */
const TRUSTING: Policy = policySchema.parse({
  ...defaultPolicy,
  faceDetectors: [PAD_1, PAD_2].map((one) => ({ ...one, until: toInstant(UNTIL_MS) })),
});

const face = (liveness?: Liveness, detector: FaceDetector = PAD_2): Evidence =>
  proof('face', {
    ...(liveness === undefined ? {} : { liveness }),
    ...(liveness === 'vendor' ? { detector } : {}),
  });

function ask(evidence: readonly Evidence[], more: Partial<DecideInput> = {}) {
  return decide({
    policy: TRUSTING,
    action: 'redeem-points',
    storeTier: 'standard',
    evidence,
    state: { offline: false, stale: false, clockTrusted: true },
    nowMs: NOW_MS,
    ...more,
  });
}

const codes = (decision: ReturnType<typeof decide>): string[] =>
  decision.reasons.map(({ code }) => code);
const asked = (decision: ReturnType<typeof decide>): EvidenceMeans[] =>
  decision.stepUp.map(({ means }) => means);
const rank = (level: AssuranceLevel): number => ASSURANCE_LEVELS.indexOf(level);

describe('what a face is worth', () => {
  test.each<[Liveness | undefined, AssuranceLevel]>([
    [undefined, 'claimed'],
    ['none', 'claimed'],
    ['challenge', 'recognised'],
    ['vendor', 'verified'],
  ])('with a card, at liveness %s: %s', (liveness, level) => {
    expect(ask([proof('card'), face(liveness)]).level).toBe(level);
  });

  test('is said to be capped only where it is', () => {
    expect(codes(ask([proof('card'), face('challenge')]))).toContain('capped-liveness');
    expect(codes(ask([proof('card'), face('vendor')]))).not.toContain('capped-liveness');
    expect(codes(ask([face('challenge')]))).not.toContain('capped-liveness');
    expect(codes(ask([proof('card'), proof('phone')]))).not.toContain('capped-liveness');
  });

  test('takes nothing from what the other proofs are worth without it', () => {
    expect(ask([proof('pass')]).level).toBe('verified');
    expect(ask([proof('pass'), face('none')]).level).toBe('verified');
  });

  test('the better of two faces counts, and an expired one does not', () => {
    expect(ask([face('none'), face('challenge')]).level).toBe('recognised');
    const gone = { ...face('challenge'), expiresAt: toInstant(NOW_MS) };
    expect(ask([face('none'), gone]).level).toBe('claimed');
  });

  test('a chain sets in its policy what a challenge is worth', () => {
    const policy: Policy = policySchema.parse({
      ...defaultPolicy,
      caps: { ...defaultPolicy.caps, faceUnproven: 'none', faceChallenged: 'verified' },
    });
    expect(ask([proof('card'), face('challenge')], { policy }).level).toBe('verified');
    expect(ask([face('none')], { policy }).level).toBe('none');
  });
});

describe('a detector of attacks', () => {
  const level = (detector: FaceDetector, policy: Policy, more: Partial<Evidence> = {}) =>
    ask([proof('card'), { ...face('vendor', detector), ...more }], { policy }).level;

  test('counts for nothing by itself: without a row in the signed policy the face has the low cap', () => {
    expect(defaultPolicy.faceDetectors).toBeUndefined();
    expect(level(PAD_2, defaultPolicy)).toBe('claimed');
    expect(level({ product: 'acme 2', level: 'pad-2' }, TRUSTING)).toBe('claimed');
    const { detector: _, ...nameless } = face('vendor');
    expect(ask([proof('card'), nameless]).level).toBe('claimed');
  });

  test('counts for just the class that it is certified for', () => {
    const [first] = TRUSTING.faceDetectors ?? [];
    const policy = { ...TRUSTING, faceDetectors: first === undefined ? [] : [first] };
    expect(level(PAD_1, policy)).toBe('verified');
    expect(level(PAD_2, policy)).toBe('claimed');
  });

  test('counts until its certificate runs out, by when the face was shown', () => {
    expect(level(PAD_2, TRUSTING, { at: toInstant(UNTIL_MS - 1) })).toBe('verified');
    expect(level(PAD_2, TRUSTING, { at: toInstant(UNTIL_MS) })).toBe('claimed');
  });

  test('of the simpler class lifts to verified and no further; a chain sets both in its policy', () => {
    const both = (detector: FaceDetector, policy: Policy) =>
      ask([proof('pass'), face('vendor', detector)], { policy }).level;
    expect([both(PAD_1, TRUSTING), both(PAD_2, TRUSTING)]).toEqual(['verified', 'strong']);
    const caps = { ...TRUSTING.caps, facePad1: 'strong', facePad2: 'claimed' } as const;
    const policy = policySchema.parse({ ...TRUSTING, caps });
    expect([both(PAD_1, policy), both(PAD_2, policy)]).toEqual(['strong', 'verified']);
  });
});

describe('asking for a face', () => {
  test('is done where a challenge lifts far enough, again where only the challenge is missing', () => {
    const small = { amountMinor: 1_000 };
    expect(asked(ask([proof('card')], small))).toContain('face');
    expect(asked(ask([proof('card'), face('none')], small))).toContain('face');
  });

  test('is not done for what no challenge can reach; the other ways are named though a face was shown', () => {
    const large = { amountMinor: 1_000_000 };
    for (const evidence of [[proof('card')], [proof('card'), face('challenge')]]) {
      const decision = ask(evidence, large);
      expect(decision.outcome).toBe('need-more');
      expect(asked(decision)).not.toContain('face');
      expect(asked(decision)).toContain('pin');
    }
  });
});

test('a better liveness never lowers the level, and no face ever does', () => {
  const levels = fc.constantFrom(...ASSURANCE_LEVELS);
  const others = fc.subarray<EvidenceMeans>(['card', 'phone', 'pin', 'pass', 'wallet']);
  fc.assert(
    fc.property(others, levels, levels, (means, faceUnproven, faceChallenged) => {
      fc.pre(rank(faceUnproven) <= rank(faceChallenged));
      const policy: Policy = {
        ...TRUSTING,
        caps: { ...TRUSTING.caps, faceUnproven, faceChallenged },
      };
      const proofs = means.map((one) => proof(one));
      const ranks = [
        rank(ask(proofs, { policy }).level),
        ...livenessSchema.options.map((one) => rank(ask([...proofs, face(one)], { policy }).level)),
      ];
      expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    }),
  );
});
