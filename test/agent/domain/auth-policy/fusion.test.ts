import { describe, expect, test } from 'vitest';
import {
  type Decision,
  decisionSchema,
  type Evidence,
  type EvidenceMeans,
  evidenceSchema,
  type Fusion,
  fusionSchema,
  KIND_OF_MEANS,
  type MemberId,
  type Policy,
  policySchema,
  toInstant,
} from '../../../../agent/contract/index.ts';
import { rankOf } from '../../../../agent/domain/auth-policy/assurance.ts';
import { type DecideInput, decide } from '../../../../agent/domain/auth-policy/decide.ts';
import { defaultPolicy } from '../../../../agent/domain/auth-policy/default-policy.ts';
import { FUSION_WEIGHTS } from './fusion-weights.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 8, 30);
const FUSION: Fusion = {
  means: {
    card: { weightMilliNats: 4_000 },
    phone: { weightMilliNats: 3_000 },
    pin: { weightMilliNats: 4_500, ttlSeconds: 60 },
    wallet: { weightMilliNats: 6_000 },
    pass: { weightMilliNats: 9_000 },
    finger: { weightMilliNats: 6_000, capMilliNats: 10_000 },
    face: { weightMilliNats: 6_000 },
  },
  dependent: [
    ['card', 'wallet'],
    ['wallet', 'pass'],
    ['phone', 'pass'],
  ],
  thresholds: { claimed: 2_000, recognised: 4_500, verified: 7_500, strong: 11_500 },
};
const PLAIN = defaultPolicy;
const POLICY: Policy = {
  ...PLAIN,
  caps: { ...PLAIN.caps, faceChallenged: 'strong' },
  fusion: FUSION,
};

function proof(means: EvidenceMeans, more: Partial<Evidence> = {}): Evidence {
  return {
    means,
    kind: KIND_OF_MEANS[means],
    source: 'test',
    memberId: 'm' as MemberId,
    claim: false,
    ...(means === 'face' ? { liveness: 'challenge' as const } : {}),
    at: toInstant(NOW_MS),
    expiresAt: toInstant(NOW_MS + 600_000),
    ...more,
  };
}

function ask(evidence: readonly Evidence[], more: Partial<DecideInput> = {}): Decision {
  return decide({
    policy: POLICY,
    action: 'redeem-points',
    storeTier: 'standard',
    evidence,
    state: { offline: false, stale: false, clockTrusted: true },
    nowMs: NOW_MS,
    ...more,
  });
}

const codes = (decision: Decision): string[] => decision.reasons.map(({ code }) => code);
const counted = (decision: Decision): number[] =>
  decision.weight?.shares.map(({ countedMilliNats }) => countedMilliNats) ?? [];

describe('the sum', () => {
  test('of independent proofs adds up, and stands in the decision with each share', () => {
    const decision = ask([proof('card'), proof('pin')]);
    expect(decision.weight).toEqual({
      milliNats: 8_500,
      neededMilliNats: 7_500,
      shares: [
        { means: 'card', weightMilliNats: 4_000, priorMilliNats: 0, countedMilliNats: 4_000 },
        { means: 'pin', weightMilliNats: 4_500, priorMilliNats: 0, countedMilliNats: 4_500 },
      ],
    });
    expect([decision.outcome, decision.level, decision.at]).toEqual([
      'enough',
      'verified',
      toInstant(NOW_MS),
    ]);
    expect(decisionSchema.parse(decision)).toEqual(decision);
  });

  test('takes a calibrated score for the weight of the means, up to its cap', () => {
    const share = (scoreMilliNats: number): number[] =>
      counted(ask([proof('finger', { scoreMilliNats })]));
    expect([share(2_500), share(10_000), share(10_001), share(900_000)]).toEqual([
      [2_500],
      [10_000],
      [10_000],
      [10_000],
    ]);
    expect(counted(ask([proof('finger')]))).toEqual([6_000]);
  });

  test('of a means without a cap is never more than its weight', () => {
    expect(counted(ask([proof('face', { scoreMilliNats: 900_000 })]))).toEqual([6_000]);
  });

  test('counts what speaks against the member for nothing, never for less', () => {
    expect(counted(ask([proof('finger', { scoreMilliNats: -9_000 }), proof('card')]))).toEqual([
      0, 4_000,
    ]);
  });

  test('of one found by a search among many is less by the logarithm of how many', () => {
    const share = (among: number) =>
      ask([proof('finger', { scoreMilliNats: 10_000, among })]).weight?.shares[0];
    expect(share(1)).toMatchObject({ priorMilliNats: 0, countedMilliNats: 10_000 });
    expect(share(200)).toMatchObject({
      weightMilliNats: 10_000,
      priorMilliNats: -5_299,
      countedMilliNats: 4_701,
    });
    expect(share(20_000)?.countedMilliNats).toBe(96);
    expect(share(100_000)?.countedMilliNats).toBe(0);
  });

  test('takes the cap before the prior, so that a high score does not buy a large gallery', () => {
    expect(counted(ask([proof('finger', { scoreMilliNats: 900_000, among: 200 })]))).toEqual([
      4_701,
    ]);
  });

  test('counts two faces once: the one that says more', () => {
    expect(counted(ask([proof('face', { scoreMilliNats: 1_000 }), proof('face')]))).toEqual([
      0, 6_000,
    ]);
    expect(counted(ask([proof('face'), proof('face')]))).toEqual([6_000, 0]);
  });

  test('counts of two codes on one phone only the stronger', () => {
    const decision = ask([proof('wallet'), proof('pass'), proof('pin')]);
    expect([counted(decision), decision.weight?.milliNats]).toEqual([[0, 9_000, 4_500], 13_500]);
    expect(decision.weight?.shares[0]).toMatchObject({
      weightMilliNats: 6_000,
      countedMilliNats: 0,
    });
  });

  test('finds the best choice where groups overlap: card and phone outweigh the wallet between them', () => {
    const fusion = {
      ...FUSION,
      dependent: [
        ['card', 'wallet'],
        ['wallet', 'phone'],
      ],
    } as Fusion;
    expect(
      counted(
        ask([proof('wallet'), proof('card'), proof('phone')], { policy: { ...POLICY, fusion } }),
      ),
    ).toEqual([0, 4_000, 3_000]);
  });

  test('leaves out what expired, by its own time or by that of its means', () => {
    const at = toInstant(NOW_MS - 60_000);
    const decision = ask([proof('card'), proof('pin', { at })]);
    expect([counted(decision), decision.level, codes(decision)]).toEqual([
      [4_000, 0],
      'claimed',
      ['level-too-low', 'evidence-expired'],
    ]);
    expect(counted(ask([proof('pin', { at: toInstant(NOW_MS - 59_999) })]))).toEqual([4_500]);
    expect(counted(ask([proof('card', { expiresAt: toInstant(NOW_MS) })]))).toEqual([0]);
  });

  test('of nobody, and of proofs that contradict, is nothing', () => {
    expect(ask([]).weight).toEqual({ milliNats: 0, neededMilliNats: 7_500, shares: [] });
    const two = ask([proof('pass'), proof('pass', { memberId: 'other' as MemberId })]);
    expect([two.outcome, two.weight?.milliNats, counted(two)]).toEqual(['refuse', 0, [0, 0]]);
  });
});

describe('a level', () => {
  test('is given by the table and carried by the sum: too light, it falls to the highest that is carried', () => {
    const light = ask([proof('card'), proof('finger', { scoreMilliNats: 1_000 })]);
    expect([light.level, codes(light)]).toEqual(['recognised', ['level-too-low', 'too-light']]);
    const lighter = ask([proof('finger', { scoreMilliNats: 2_000 })]);
    expect([lighter.level, codes(lighter)]).toEqual(['claimed', ['level-too-low', 'too-light']]);
    const nothing = ask([proof('finger', { scoreMilliNats: 1_999 })]);
    expect([nothing.level, nothing.outcome]).toEqual(['none', 'need-more']);
  });

  test('is reached at its threshold to the thousandth', () => {
    const level = (scoreMilliNats: number) =>
      ask([proof('card'), proof('finger', { scoreMilliNats })]).level;
    expect([level(3_499), level(3_500)]).toEqual(['recognised', 'verified']);
  });

  test('is not given by weight alone where no row of the table allows the means', () => {
    const decision = ask([proof('finger', { scoreMilliNats: 10_000 }), proof('pin')]);
    expect([decision.weight?.milliNats, decision.level]).toEqual([14_500, 'recognised']);
  });

  test('is lowered by the state of the till after the sum, and each is said', () => {
    const decision = ask([proof('card'), proof('finger', { scoreMilliNats: 1_000 })], {
      state: { offline: false, stale: false, clockTrusted: false },
    });
    expect([decision.level, codes(decision)]).toEqual([
      'claimed',
      ['level-too-low', 'too-light', 'capped-clock'],
    ]);
  });

  test('that other proofs give alone is not taken away by a face that shows nobody living', () => {
    const alone = ask([proof('pass')]);
    const both = ask([proof('pass'), proof('face', { liveness: 'none' })]);
    expect([alone.level, both.level]).toEqual(['verified', 'verified']);
    expect(both.weight?.milliNats).toBe(9_000);
    expect(codes(both)).toEqual(['level-reached', 'capped-liveness']);
  });
});

describe('asking for more', () => {
  const asked = (decision: Decision): EvidenceMeans[] => decision.stepUp.map(({ means }) => means);

  test('names a further means where a row is complete and too light, and only what is heavy enough', () => {
    const decision = ask([proof('card'), proof('finger', { scoreMilliNats: 1_000 })]);
    expect(asked(decision)).toEqual(['pass', 'pin', 'phone', 'face', 'finger']);
    for (const means of asked(decision))
      expect(ask([...decision.evidence, proof(means)]).outcome).toBe('enough');
  });

  test('says in both languages what is too light', () => {
    const texts = ask([proof('card'), proof('finger', { scoreMilliNats: 1_000 })]).reasons;
    expect(texts[1]?.text).toEqual({
      'zh-CN': '凭据加起来分量不够，身份只能算「已认出」',
      en: 'What was shown does not weigh enough together, so the member counts as recognised',
    });
  });
});

describe('a policy', () => {
  test('without a section for sums decides by the table alone and shows no weight', () => {
    const decision = ask([proof('card'), proof('finger', { scoreMilliNats: 1_000 })], {
      policy: PLAIN,
    });
    expect([decision.level, decision.weight, decision.at]).toEqual([
      'verified',
      undefined,
      undefined,
    ]);
  });

  test('whose higher level needs less than a lower one is none', () => {
    const thresholds = { recognised: 5_000, verified: 4_999 };
    expect(fusionSchema.safeParse({ ...FUSION, thresholds }).success).toBe(false);
    expect(fusionSchema.parse(FUSION)).toEqual(FUSION);
    expect(policySchema.parse(POLICY)).toEqual(POLICY);
  });
});

test('decisions and evidence in the ledgers of older tills are read as they were written', () => {
  const { among: _none, ...evidence } = proof('card');
  expect(evidenceSchema.parse(evidence)).toEqual(evidence);
  const old = {
    outcome: 'enough',
    action: 'earn-points',
    level: 'claimed',
    needed: 'claimed',
    reasons: [{ code: 'level-reached', text: { 'zh-CN': '身份已足够', en: 'Proof is enough' } }],
    stepUp: [],
    evidence: [evidence],
    state: { offline: false, stale: false, clockTrusted: true },
    policyVersion: 1,
  };
  expect(decisionSchema.parse(old)).toEqual(old);
  expect(policySchema.parse(PLAIN)).toEqual(PLAIN);
});

describe('the weights that a chain may start from', () => {
  test.each(defaultPolicy.levels.map((row) => ({ name: row.allOf.join(' + '), ...row })))(
    'carry what the table gives for $name',
    ({ level, allOf }) => {
      const policy = { ...POLICY, fusion: fusionSchema.parse(FUSION_WEIGHTS) };
      const { level: reached } = ask(
        allOf.map((means) => proof(means)),
        { policy },
      );
      expect(rankOf(reached)).toBeGreaterThanOrEqual(rankOf(level));
    },
  );
});
