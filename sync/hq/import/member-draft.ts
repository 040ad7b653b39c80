import {
  MEMBER_MAX_CARDS,
  MEMBER_MAX_ENTITLEMENTS,
  MEMBER_MAX_GROUPS,
  MEMBER_MAX_TAGS,
  type Member,
  type MemberStatus,
} from '../../../agent/contract/member.ts';
import { POINTS_MAX } from '../../../agent/contract/money.ts';
import { assert } from '../../../agent/contract/result.ts';
import { rowProblem } from './import-problem.ts';
import type { RowReader } from './row-reader.ts';

/** What a row says about a member. A field that is absent stays as HQ has it. */
export interface MemberDraft {
  readonly rowNo: number;
  readonly memberId: string;
  readonly facts: Partial<Omit<Member, 'memberId' | 'updatedAt'>>;
  readonly updatedAt?: string | undefined;
  /** Balance that the member brings from the old system. */
  readonly points?: number | undefined;
  readonly pointsExpiresOn?: string | undefined;
}

const STATUS: Readonly<Record<string, MemberStatus>> = {
  active: 'active',
  正常: 'active',
  有效: 'active',
  启用: 'active',
  激活: 'active',
  blocked: 'blocked',
  冻结: 'blocked',
  停用: 'blocked',
  黑名单: 'blocked',
  expired: 'expired',
  过期: 'expired',
  已过期: 'expired',
  失效: 'expired',
  merged: 'merged',
  已合并: 'merged',
};

/** Reads the fields of a member row; `undefined` where the reader noted a problem. */
export function readMemberDraft(reader: RowReader, rowNo: number): MemberDraft | undefined {
  const memberId = reader.id('memberId');
  if (memberId === undefined && reader.problems.length === 0) reader.problem('memberId', 'missing');
  const kinds = reader.list('entitlements', MEMBER_MAX_ENTITLEMENTS, 1, 32);
  const yearSpendMinor = reader.major('yearSpend') ?? reader.count('yearSpendMinor');
  const facts = {
    name: reader.text('name', 80),
    phone: reader.phone('phone'),
    cards: reader.list('cards', MEMBER_MAX_CARDS, 4, 32),
    gsrn: reader.digits('gsrn', /^\d{18}$/, '18 digits'),
    tier: reader.text('tier', 32),
    groups: reader.list('groups', MEMBER_MAX_GROUPS, 1, 64),
    tags: reader.list('tags', MEMBER_MAX_TAGS, 1, 64),
    status: reader.choice('status', STATUS),
    mergedInto: reader.id('mergedInto') as Member['memberId'] | undefined,
    validUntil: reader.day('validUntil'),
    birthday: reader.day('birthday'),
    homeStoreId: reader.id('homeStoreId') as Member['homeStoreId'],
    completedOrders: reader.count('completedOrders'),
    yearSpendMinor,
    entitlements: kinds?.map((kind) => ({ kind })),
  };
  const points = reader.count('points');
  if (points !== undefined && points > POINTS_MAX) {
    reader.problem('points', 'invalid', 'a whole number, zero or more');
  }
  const pointsExpiresOn = reader.day('pointsExpiresOn');
  const updatedAt = reader.instant('updatedAt');
  if (facts.status === 'merged' && (facts.mergedInto ?? memberId) === memberId) {
    reader.problems.push(rowProblem(rowNo, 'mergedInto', 'merged-without-target'));
  }
  if (reader.problems.length > 0) return undefined;
  assert(memberId !== undefined, 'a row without a member id has a problem');
  const said = Object.entries(facts).filter(([, value]) => value !== undefined);
  return { rowNo, memberId, facts: Object.fromEntries(said), updatedAt, points, pointsExpiresOn };
}
