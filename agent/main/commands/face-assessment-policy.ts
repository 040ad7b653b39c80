import type { FaceFacts } from '../../app/faces/keeping.ts';
import type { Action, AssuranceLevel, Policy } from '../../contract/decision.ts';
import type { EvidenceMeans } from '../../contract/evidence.ts';
import { type Text, text } from '../../contract/text.ts';
import {
  faceMost,
  rankOf,
  type ShownLiveness,
  stronger,
  weaker,
} from '../../domain/auth-policy/assurance.ts';
import { LEVEL_NAMES } from '../../domain/auth-policy/explain-decision.ts';
import { withUnit } from '../../domain/benefits/format-money.ts';
import type { HtmlPage } from './html-page.ts';

const MEANS: Readonly<Record<EvidenceMeans, Text>> = {
  card: text('会员卡', 'card'),
  pass: text('动态会员码', 'pass'),
  wallet: text('手机钱包卡', 'wallet card'),
  phone: text('手机号', 'phone number'),
  pin: text('会员密码', 'PIN'),
  face: text('人脸', 'face'),
  finger: text('指纹', 'finger'),
  staff: text('店长确认', 'a manager vouches'),
};

const ACTION_NAMES: Readonly<Record<Action, Text>> = {
  'view-benefits': text('查看权益', 'see benefits'),
  'earn-points': text('积分', 'earn points'),
  'use-coupon': text('用券', 'use a coupon'),
  'redeem-points': text('积分抵扣', 'pay with points'),
  'priority-lane': text('优先通道', 'priority lane'),
  'change-personal-data': text('修改个人资料', 'change personal data'),
  'enrol-biometric': text('登记人脸或指纹', 'enrol face or finger'),
  'withdraw-consent': text('撤回同意', 'withdraw a consent'),
};

/** A column of the table: what a face shows of a living person, by name; a product is named as it was certified. */
interface Shown {
  readonly named: Text;
  readonly liveness: ShownLiveness;
}

/** What a face can show by this policy at a moment: nothing, the movements, or a detector whose certificate still holds. */
function kindsOf({ faceDetectors }: Policy, at: string): Shown[] {
  const rows = (faceDetectors ?? []).filter(({ until }) => Date.parse(at) < Date.parse(until));
  return [
    { named: text('没有完成动作', 'movements not made'), liveness: { liveness: 'none', at } },
    { named: text('完成动作', 'movements made'), liveness: { liveness: 'challenge', at } },
    ...rows.map(({ product, level, until }) => ({
      named: text(
        `${product}（${level}，至 ${until}）判为活体`,
        `${product} (${level}, until ${until}) says living`,
      ),
      liveness: { liveness: 'vendor' as const, detector: { product, level }, at },
    })),
  ];
}

/** Which level proofs with a face reach by the policy in force at a moment, and what that suffices for; null = no policy. */
export function permitted(
  { say, table }: HtmlPage,
  { policy, store: { currency }, at }: Pick<FaceFacts, 'policy' | 'store' | 'at'>,
): string[] {
  const rows = policy?.levels.filter(({ allOf }) => allOf.includes('face')) ?? [];
  if (policy === null || rows.length === 0)
    return [
      `<p>${say(
        text(
          '策略中没有含人脸的一行：人脸不提升级别。',
          'No row of the policy names a face: a face lifts no level.',
        ),
      )}</p>`,
    ];
  const best = rows.reduce<AssuranceLevel>((most, { level }) => stronger(most, level), 'none');
  const kinds = kindsOf(policy, at);
  const suffices = (needs: AssuranceLevel, { liveness }: Shown): string =>
    rankOf(weaker(best, faceMost(policy, liveness))) >= rankOf(needs)
      ? say(text('够', 'yes'))
      : say(text('不够', 'no'));
  return [
    table(
      [text('凭据', 'Proofs'), text('级别', 'Level')],
      rows.map(({ allOf, level }) => [
        allOf.map((means) => say(MEANS[means])).join(' + '),
        say(LEVEL_NAMES[level]),
      ]),
    ),
    `<p>${say(
      text(
        '凭据含人脸时最多够做什么；离线、资料过期、时钟不可信时还会降低：',
        'What proofs with a face suffice for at most; offline, with old data or a clock that is not trusted, it is less:',
      ),
    )}</p>`,
    table(
      [
        text('操作', 'Action'),
        text('所需级别', 'Level that it needs'),
        ...kinds.map(({ named }) => named),
      ],
      policy.actions.map(({ action, needs, uptoMinor }) => [
        uptoMinor === undefined
          ? say(ACTION_NAMES[action])
          : `${say(ACTION_NAMES[action])} (&le; ${say(withUnit(uptoMinor, currency))})`,
        say(LEVEL_NAMES[needs]),
        ...kinds.map((kind) => suffices(needs, kind)),
      ]),
    ),
  ];
}
