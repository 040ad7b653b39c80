import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ACTIONS,
  ASSURANCE_LEVELS,
  type AssuranceLevel,
  EVIDENCE_MEANS,
  type Evidence,
  type EvidenceMeans,
  KIND_OF_MEANS,
  type MemberId,
  type Policy,
  policySchema,
  type TillState,
  toInstant,
} from '../../../../agent/contract/index.ts';
import { type DecideInput, decide } from '../../../../agent/domain/auth-policy/decide.ts';
import { defaultPolicy } from '../../../../agent/domain/auth-policy/default-policy.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 8, 30);
/** A certified detector, so that faces count for what they are here. */
const DETECTOR = { product: 'acme 1', level: 'pad-2' } as const;
const POLICY: Policy = {
  ...defaultPolicy,
  faceDetectors: [{ ...DETECTOR, until: '2027-01-01T00:00:00.000Z' }],
};
const CALM: TillState = { offline: false, stale: false, clockTrusted: true };

function proof(means: EvidenceMeans, more: Partial<Evidence> = {}): Evidence {
  const claim = means === 'card' || means === 'phone';
  return {
    means,
    kind: KIND_OF_MEANS[means],
    source: 'test',
    memberId: 'm' as MemberId,
    claim,
    // What less is worth has a test of its own.
    ...(means === 'face' ? { liveness: 'vendor' as const, detector: DETECTOR } : {}),
    at: toInstant(NOW_MS),
    expiresAt: toInstant(NOW_MS + 60_000),
    ...more,
  };
}

function ask(means: readonly EvidenceMeans[], more: Partial<DecideInput> = {}) {
  return decide({
    policy: POLICY,
    action: 'redeem-points',
    storeTier: 'standard',
    evidence: means.map((one) => proof(one)),
    state: CALM,
    nowMs: NOW_MS,
    ...more,
  });
}

const codes = (decision: ReturnType<typeof decide>): string[] =>
  decision.reasons.map((reason) => reason.code);
const rank = (level: AssuranceLevel): number => ASSURANCE_LEVELS.indexOf(level);

describe('the default policy', () => {
  test('is a policy, with a row without limit for every action and a level for every means', () => {
    expect(policySchema.parse(defaultPolicy)).toEqual(defaultPolicy);
    for (const action of ACTIONS)
      expect(
        defaultPolicy.actions.filter((row) => row.action === action).at(-1)?.uptoMinor,
      ).toBeUndefined();
    for (const means of EVIDENCE_MEANS)
      expect(defaultPolicy.levels.some((row) => row.allOf.includes(means))).toBe(true);
  });

  test.each<[EvidenceMeans[], AssuranceLevel]>([
    [[], 'none'],
    [['card'], 'claimed'],
    [['phone'], 'claimed'],
    [['face'], 'recognised'],
    [['finger'], 'recognised'],
    [['card', 'phone'], 'recognised'],
    [['pass'], 'verified'],
    [['card', 'pin'], 'verified'],
    [['card', 'finger'], 'verified'],
    [['pass', 'face'], 'strong'],
  ])('%o gives %s', (means, level) => {
    expect(ask(means).level).toBe(level);
  });

  test.each<[DecideInput['action'], number | undefined, AssuranceLevel]>([
    ['view-benefits', undefined, 'claimed'],
    ['earn-points', undefined, 'claimed'],
    ['use-coupon', 100, 'claimed'],
    ['priority-lane', undefined, 'claimed'],
    ['redeem-points', 0, 'recognised'],
    ['redeem-points', 5_000, 'recognised'],
    ['redeem-points', 5_001, 'verified'],
    ['redeem-points', undefined, 'verified'],
    ['change-personal-data', undefined, 'verified'],
    ['enrol-biometric', undefined, 'verified'],
    ['withdraw-consent', undefined, 'recognised'],
  ])('%s for %s minor needs %s', (action, amountMinor, needed) => {
    expect(ask([], { action, amountMinor }).needed).toBe(needed);
  });
});

describe('a decision', () => {
  test('is enough when the level is reached, and says so', () => {
    const decision = ask(['card', 'phone'], { amountMinor: 5_000 });
    expect([decision.outcome, codes(decision)]).toEqual(['enough', ['level-reached']]);
    expect(decision.stepUp).toEqual([]);
  });

  test('names what would help, only out of what the till can take, and the fewest proofs', () => {
    const stepUp = (means: EvidenceMeans[], offered: EvidenceMeans[]): string[] =>
      ask(means, { amountMinor: 100, offered }).stepUp.map((one) => one.means);
    expect(stepUp(['card'], ['card', 'phone'])).toEqual(['phone']);
    expect(stepUp(['card'], ['card', 'phone', 'pin', 'finger'])).toEqual([
      'finger',
      'phone',
      'pin',
    ]);
    expect(stepUp([], ['card', 'phone'])).toEqual(['card', 'phone']);
    expect(stepUp(['card'], ['card'])).toEqual([]);
  });

  test('about nobody asks for somebody', () => {
    const decision = ask([], { amountMinor: 100 });
    expect([decision.outcome, decision.level, codes(decision)]).toEqual([
      'need-more',
      'none',
      ['not-identified'],
    ]);
  });

  test('takes no expired proof, to the millisecond', () => {
    const evidence = [
      proof('card', { expiresAt: toInstant(NOW_MS + 1) }),
      proof('phone', { expiresAt: toInstant(NOW_MS) }),
    ];
    const decision = ask([], { evidence, amountMinor: 100 });
    expect([decision.level, codes(decision)]).toEqual([
      'claimed',
      ['level-too-low', 'evidence-expired'],
    ]);
    expect(codes(ask([], { evidence: [proof('card', { expiresAt: toInstant(NOW_MS) })] }))).toEqual(
      ['evidence-expired'],
    );
  });

  test('refuses proofs of two members, and no override helps', () => {
    const evidence = [proof('card'), proof('pass', { memberId: 'other' as MemberId })];
    const decision = ask([], { evidence, amountMinor: 100, override: { action: 'redeem-points' } });
    expect([decision.outcome, decision.level, codes(decision), decision.stepUp]).toEqual([
      'refuse',
      'none',
      ['evidence-contradicts'],
      [],
    ]);
  });

  test.each<[keyof TillState, string, AssuranceLevel]>([
    ['offline', 'capped-offline', 'recognised'],
    ['stale', 'capped-stale', 'recognised'],
    ['clockTrusted', 'capped-clock', 'recognised'],
  ])(
    'a till that is %s caps the level and says so, once it takes something away',
    (flag, reason, cap) => {
      const policy = { ...POLICY, caps: { offline: cap, stale: cap, clockUntrusted: cap } };
      const state = { ...CALM, [flag]: flag !== 'clockTrusted' };
      const capped = ask(['pass'], { policy, state, amountMinor: 9_000 });
      expect([capped.level, capped.outcome, codes(capped)]).toEqual([
        'recognised',
        'need-more',
        ['level-too-low', reason],
      ]);
      // Nothing that could be shown lifts a cap.
      expect(capped.stepUp).toEqual([]);
      expect(codes(ask(['card'], { policy, state, action: 'earn-points' }))).toEqual([
        'level-reached',
      ]);
    },
  );

  test('several caps hold together: the lowest counts and each is said', () => {
    const decision = ask(['pass', 'pin'], {
      state: { offline: true, stale: true, clockTrusted: false },
      amountMinor: 100,
    });
    expect([decision.level, codes(decision)]).toEqual([
      'claimed',
      ['level-too-low', 'capped-offline', 'capped-stale', 'capped-clock'],
    ]);
  });

  test("a row of the store's tier goes before the general ones", () => {
    const policy = {
      ...POLICY,
      actions: [
        ...defaultPolicy.actions,
        {
          action: 'redeem-points' as const,
          uptoMinor: 100,
          needs: 'claimed' as const,
          storeTier: 'express',
        },
      ],
    };
    const needed = (storeTier: string, amountMinor: number): AssuranceLevel =>
      ask([], { policy, storeTier, amountMinor }).needed;
    expect([needed('express', 100), needed('express', 101), needed('standard', 100)]).toEqual([
      'claimed',
      'recognised',
      'recognised',
    ]);
  });

  test('without a policy is the strictest and says so', () => {
    const decision = ask(['pass', 'pin'], { policy: undefined, action: 'earn-points' });
    expect([decision.outcome, decision.level, decision.needed, decision.policyVersion]).toEqual([
      'need-more',
      'claimed',
      'strong',
      0,
    ]);
    expect(codes(decision)).toEqual(['level-too-low', 'policy-missing']);
  });

  test('on an action that the policy forgot is the strictest and says so', () => {
    const policy = {
      ...POLICY,
      actions: defaultPolicy.actions.filter((row) => row.action !== 'earn-points'),
    };
    expect(codes(ask(['pass'], { policy, action: 'earn-points' }))).toEqual([
      'level-too-low',
      'policy-missing',
    ]);
  });

  test('is overridden for its own action up to its amount, and keeps the level it saw', () => {
    const override = { action: 'redeem-points', uptoMinor: 500 } as const;
    const given = ask(['card'], { amountMinor: 500, override });
    expect([given.outcome, given.level, codes(given)]).toEqual([
      'enough',
      'claimed',
      ['overridden'],
    ]);
    expect(ask(['card'], { amountMinor: 501, override }).outcome).toBe('need-more');
    expect(ask(['card'], { action: 'change-personal-data', override }).outcome).toBe('need-more');
    expect(ask([], { amountMinor: 1, override }).outcome).toBe('need-more');
    expect(codes(ask(['card', 'phone'], { amountMinor: 500, override }))).toEqual([
      'level-reached',
    ]);
  });

  test('reads as a sentence in both languages', () => {
    const [reason] = ask(['card'], { amountMinor: 100 }).reasons;
    expect(reason?.text).toEqual({
      'zh-CN': '身份还不够：目前「自报」，需要「已认出」',
      en: 'Proof is not enough: the member is claimed, recognised is needed',
    });
  });
});

const policies = fc.record({
  levels: fc.array(
    fc.record({
      level: fc.constantFrom(...ASSURANCE_LEVELS),
      allOf: fc.uniqueArray(fc.constantFrom(...EVIDENCE_MEANS), { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  caps: fc.record({
    offline: fc.constantFrom(...ASSURANCE_LEVELS),
    stale: fc.constantFrom(...ASSURANCE_LEVELS),
    clockUntrusted: fc.constantFrom(...ASSURANCE_LEVELS),
  }),
});
const states = fc.record({
  offline: fc.boolean(),
  stale: fc.boolean(),
  clockTrusted: fc.boolean(),
});
const someMeans = fc.uniqueArray(fc.constantFrom(...EVIDENCE_MEANS), { maxLength: 7 });

test('more agreeing evidence never lowers the level and never takes an action away', () => {
  fc.assert(
    fc.property(
      policies,
      states,
      someMeans,
      someMeans,
      fc.constantFrom(...ACTIONS),
      fc.nat(10_000),
      (parts, state, means, more, action, amountMinor) => {
        const policy = { ...POLICY, ...parts };
        const less = ask(means, { policy, state, action, amountMinor });
        const all = ask([...means, ...more], { policy, state, action, amountMinor });
        expect(rank(all.level)).toBeGreaterThanOrEqual(rank(less.level));
        if (less.outcome === 'enough') expect(all.outcome).toBe('enough');
      },
    ),
  );
});

test('a worse state never raises the level', () => {
  fc.assert(
    fc.property(policies, states, someMeans, (parts, state, means) => {
      const policy = { ...POLICY, ...parts };
      expect(rank(ask(means, { policy, state }).level)).toBeLessThanOrEqual(
        rank(ask(means, { policy }).level),
      );
    }),
  );
});

test('whatever is asked for as a further proof is enough once it is given', () => {
  fc.assert(
    fc.property(
      policies,
      states,
      someMeans,
      fc.constantFrom(...ACTIONS),
      (parts, state, means, action) => {
        const policy = { ...POLICY, ...parts };
        const before = ask(means, { policy, state, action });
        if (before.stepUp.length === 0) return;
        expect(
          ask([...means, ...before.stepUp.map((one) => one.means)], { policy, state, action })
            .outcome,
        ).toBe('enough');
      },
    ),
  );
});
