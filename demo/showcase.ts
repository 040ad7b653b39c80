import { type Member, type PointsLot, pointsLotSchema } from '../agent/contract/member.ts';
import { assert } from '../agent/contract/result.ts';
import { type Text, text } from '../agent/contract/text.ts';
import { toInstant } from '../agent/contract/time.ts';
import { DAY_MS, dayOf } from './calendar.ts';
import { cardNumber, entitlementsFor } from './members.ts';
import { LIFE_DAYS } from './points-lots.ts';

export type ShowcaseId =
  | 'diamond'
  | 'shared-digits'
  | 'birthday'
  | 'below-priority'
  | 'priority'
  | 'latin'
  | 'first-purchase'
  | 'blocked'
  | 'expired'
  | 'merged'
  | 'ladder'
  | 'owed'
  | 'pending'
  | 'categories'
  | 'leap-day'
  | 'online';

/** A member worth trying at the till: what to scan or type, and what should happen. */
export interface ShowcaseEntry {
  readonly id: ShowcaseId;
  readonly memberId: Member['memberId'];
  /** Scan this card number, or type it. */
  readonly card: string;
  readonly phone: string;
  readonly shows: Text;
}

interface ShowcasePlan {
  readonly id: ShowcaseId;
  readonly shows: Text;
  /** What is special about the member; `first` is the member of the first plan. */
  readonly facts: (nowMs: number, first: Member) => Partial<Member>;
  /** Their points, in place of those drawn. */
  readonly lots?: (nowMs: number) => readonly LotPlan[];
}

/** A lot of points as the showcase needs it; what is left out is of `base`, may be spent and lasts for years. */
interface LotPlan extends Partial<Pick<PointsLot, 'bucket' | 'expiresOn' | 'availableOn'>> {
  readonly id: string;
  readonly points: number;
  readonly daysAgo: number;
}

/** Four members share these digits, so that typing them asks who is meant. */
export const SHARED_LAST_FOUR = '6688';

const spending = (tier: string, yearSpendMinor: number): Partial<Member> => ({
  tier,
  yearSpendMinor,
  entitlements: entitlementsFor(yearSpendMinor),
});

const plans: readonly ShowcasePlan[] = [
  {
    id: 'diamond',
    shows: text(
      '钻石会员，享优先通道，有积分将到期',
      'a diamond member: priority lane, points that expire soon',
    ),
    facts: () => ({ name: '李慧敏', ...spending('diamond', 3_268_050) }),
    lots: (nowMs) => [
      { id: 'expiring', points: 1_200, daysAgo: 718, expiresOn: dayOf(nowMs + 12 * DAY_MS) },
      { id: 'year', points: 8_640, daysAgo: 90 },
    ],
  },
  {
    id: 'shared-digits',
    shows: text(
      '普通会员，手机尾号与他人相同',
      'a standard member whose last four digits are shared',
    ),
    facts: () => ({ name: '王磊', ...spending('standard', 86_400) }),
  },
  {
    id: 'birthday',
    shows: text('今天生日的银卡会员', 'a silver member whose birthday is today'),
    facts: (nowMs) => ({
      name: '陈雨欣',
      birthday: `1992-${dayOf(nowMs).slice(5)}`,
      ...spending('silver', 352_000),
    }),
  },
  {
    id: 'below-priority',
    shows: text('年消费差 0.01 元享优先通道', 'one fen short of the priority lane'),
    facts: () => ({ name: '张伟', ...spending('gold', 999_999) }),
  },
  {
    id: 'priority',
    shows: text(
      '年消费刚好 10,000.00 元，享优先通道',
      'exactly 10,000.00 yuan: has the priority lane',
    ),
    facts: () => ({ name: '刘静', ...spending('gold', 1_000_000) }),
  },
  {
    id: 'latin',
    shows: text('姓名为拉丁字母', 'a name in Latin letters'),
    facts: () => ({
      name: 'Maria Costa',
      ...spending('gold', 720_000),
      tags: ['english-preferred'],
    }),
  },
  {
    id: 'first-purchase',
    shows: text('刚入会，首购有礼', 'has just joined: first-purchase benefit'),
    facts: () => ({ name: '孙悦', ...spending('standard', 0), completedOrders: 0 }),
  },
  {
    id: 'blocked',
    shows: text('已冻结的会员', 'a blocked member'),
    facts: () => ({ name: '赵强', status: 'blocked' }),
  },
  {
    id: 'expired',
    shows: text('已过期的会员', 'an expired member'),
    facts: (nowMs) => ({ name: '周芳', status: 'expired', validUntil: dayOf(nowMs - 40 * DAY_MS) }),
  },
  {
    id: 'merged',
    shows: text('已合并到第一位会员', 'merged into the first member of this list'),
    facts: (_nowMs, first) => ({ name: '李惠敏', status: 'merged', mergedInto: first.memberId }),
  },
  {
    id: 'ladder',
    shows: text(
      '本月再消费 320 元，即连续三个月满 5,000 元',
      '320 yuan more this month make three months of 5,000 in a row',
    ),
    facts: (nowMs) => ({
      name: '黄婷',
      ...spending('gold', 1_540_300),
      monthSpendMinor: lastMonths(nowMs, [468_000, 512_300, 530_000]),
    }),
  },
  {
    id: 'owed',
    shows: text('退货后欠 180 积分，先由新积分抵还', 'owes 180 points after a return'),
    facts: () => ({ name: '吴杰', ...spending('standard', 96_000) }),
    lots: () => [{ id: 'owed', points: -180, daysAgo: 40 }],
  },
  {
    id: 'pending',
    shows: text('有 450 积分待退货期满后可用', '450 points wait for the end of the return window'),
    facts: () => ({ name: '徐莹', ...spending('silver', 402_000) }),
    lots: (nowMs) => [
      { id: 'plain', points: 300, daysAgo: 120 },
      { id: 'waiting', points: 450, daysAgo: 18, availableOn: dayOf(nowMs + 12 * DAY_MS) },
    ],
  },
  {
    id: 'categories',
    shows: text('有通用、茶叶、绿色三类积分', 'points of three categories: plain, tea and green'),
    facts: () => ({ name: '马丽娟', ...spending('gold', 812_000), groups: ['green-club'] }),
    lots: () => [
      { id: 'plain', points: 800, daysAgo: 60 },
      { id: 'tea', points: 300, daysAgo: 30, bucket: 'tea' },
      { id: 'green', points: 150, daysAgo: 200, bucket: 'green' },
    ],
  },
  {
    id: 'leap-day',
    shows: text(
      '2 月 29 日生日，平年在 28 日',
      'born on 29 February: kept on the 28th in other years',
    ),
    facts: () => ({ name: '朱晓月', birthday: '1996-02-29', ...spending('silver', 377_000) }),
  },
  {
    id: 'online',
    shows: text('10 天前网购过，到店有优惠', 'bought online ten days ago: welcome in the store'),
    facts: (nowMs) => ({
      name: '胡凯',
      ...spending('standard', 121_000),
      lastPurchaseOn: { online: dayOf(nowMs - 10 * DAY_MS), store: dayOf(nowMs - 70 * DAY_MS) },
    }),
  },
];

/** Spend of the running month and those before it, by month `YYYY-MM`. */
function lastMonths(nowMs: number, spentMinor: readonly number[]): Record<string, number> {
  const [year = 0, month = 0] = dayOf(nowMs).split('-').map(Number);
  return Object.fromEntries(
    spentMinor.map((minor, ago) => {
      const count = year * 12 + month - 1 - ago;
      return [`${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`, minor];
    }),
  );
}

/** Drawn points with those of the showcase in place of what was drawn for its members. */
export function withShowcaseLots(
  drawn: readonly PointsLot[],
  showcase: readonly ShowcaseEntry[],
  nowMs: number,
): PointsLot[] {
  const planned = showcase.flatMap(({ id, memberId }) => {
    const lots = plans.find((plan) => plan.id === id)?.lots;
    return lots === undefined ? [] : [{ memberId, lots: lots(nowMs) }];
  });
  const theirs = new Set(planned.map(({ memberId }) => memberId));
  return [
    ...drawn.filter(({ memberId }) => !theirs.has(memberId)),
    ...planned.flatMap(({ memberId, lots }) => lots.map((lot) => lotOf(memberId, lot, nowMs))),
  ];
}

function lotOf(memberId: string, { id, daysAgo, ...lot }: LotPlan, nowMs: number): PointsLot {
  return pointsLotSchema.parse({
    lotId: `${memberId}-lot-${id}`,
    memberId,
    earnedAt: toInstant(nowMs - daysAgo * DAY_MS),
    expiresOn: dayOf(nowMs + (LIFE_DAYS - daysAgo) * DAY_MS),
    source: 'sale',
    ...lot,
  });
}

/** Running numbers of the showcase cards start here, below those of the drawn members. */
const FIRST_CARD = 1_000_001;

/** Replaces the first members by the showcase; everyone else stays as drawn. */
export function withShowcase(
  members: readonly Member[],
  nowMs: number,
): { members: Member[]; showcase: ShowcaseEntry[] } {
  const changed: Member[] = [];
  const showcase: ShowcaseEntry[] = [];
  for (const [index, plan] of plans.entries()) {
    const drawn = members[index];
    assert(drawn !== undefined, 'the demo chain has more members than the showcase');
    const { validUntil: _until, mergedInto: _into, ...rest } = drawn;
    const lastFour = index < 4 ? SHARED_LAST_FOUR : String(7_000 + index);
    const card = cardNumber(FIRST_CARD + index);
    // Drawn numbers never have a zero in this place, so these stay unique.
    const phone = `154${String(index + 1).padStart(4, '0')}${lastFour}`;
    const plain: Member = {
      ...rest,
      status: 'active',
      phone,
      cards: [card],
      groups: [],
      // The tier changes, so what it said about the member's value goes.
      tags: rest.tags.filter((tag) => !tag.startsWith('value-')),
    };
    changed.push({ ...plain, ...plan.facts(nowMs, changed[0] ?? plain) });
    showcase.push({ id: plan.id, memberId: drawn.memberId, card, phone, shows: plan.shows });
  }
  return { members: [...changed, ...members.slice(plans.length)], showcase };
}
