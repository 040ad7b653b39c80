import { type Text, text } from '../agent/contract/text.ts';

/** A member tier 会员等级 of the demo chain and how it is spread among members. */
export interface DemoTier {
  readonly id: string;
  readonly name: Text;
  /** Members of this tier among ten thousand. */
  readonly shareBasisPoints: number;
  /** Bounds of the spend of the running year, in minor units. */
  readonly yearSpendMinor: readonly [min: number, max: number];
}

/** Lowest first; the shares add up to 10,000. */
export const tiers: readonly DemoTier[] = [
  {
    id: 'standard',
    name: text('普通会员', 'Standard'),
    shareBasisPoints: 6_800,
    yearSpendMinor: [0, 300_000],
  },
  {
    id: 'silver',
    name: text('银卡会员', 'Silver'),
    shareBasisPoints: 2_100,
    yearSpendMinor: [200_000, 700_000],
  },
  {
    id: 'gold',
    name: text('金卡会员', 'Gold'),
    shareBasisPoints: 850,
    yearSpendMinor: [500_000, 1_600_000],
  },
  {
    id: 'diamond',
    name: text('钻石会员', 'Diamond'),
    shareBasisPoints: 250,
    yearSpendMinor: [1_000_000, 6_000_000],
  },
];

/** Groups that members may belong to, beside their tier. */
export const groups: readonly { readonly id: string; readonly name: Text }[] = [
  { id: 'paid-club', name: text('付费俱乐部', 'Paid club') },
  { id: 'green-club', name: text('绿色会员', 'Green club') },
  { id: 'staff-family', name: text('员工家属', 'Family of staff') },
  { id: 'corporate', name: text('企业客户', 'Corporate customers') },
  { id: 'parents', name: text('亲子会员', 'Parents') },
  { id: 'seniors', name: text('银发会员', 'Seniors') },
  { id: 'students', name: text('学生会员', 'Students') },
  { id: 'teachers', name: text('教师会员', 'Teachers') },
];
