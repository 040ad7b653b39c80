import type { Member } from '../../../agent/contract/member.ts';

/** A member as HQ keeps it, every list filled in; fields that nobody here knows stay beside them. */
export type ImportedMember = Member & {
  /** The calendar year that `yearSpendMinor` counts; absent = the year of `updatedAt`. */
  readonly spendYear?: number;
  /** The tier apart from what the spend reaches; absent = `tier` itself. */
  readonly tierGiven?: string;
};

const DEFAULTS = {
  cards: [],
  groups: [],
  tags: [],
  status: 'active',
  completedOrders: 0,
  yearSpendMinor: 0,
  entitlements: [],
};

/** Reads a row of HQ. */
export function readImportedMember(body: string): ImportedMember {
  return { ...DEFAULTS, ...(JSON.parse(body) as ImportedMember) };
}

/** The year whose spend a member's figure counts. */
export function spendYearOf({ spendYear, updatedAt }: ImportedMember): number {
  return spendYear ?? Number.parseInt(updatedAt.slice(0, 4), 10);
}

/** The member with its spend tied to a year, also where `updatedAt` has moved on to another one. */
export function withSpendYear(member: ImportedMember, year: number): ImportedMember {
  const { spendYear, ...rest } = member;
  const tied = spendYear === undefined && spendYearOf(rest) === year;
  return tied ? rest : { ...rest, spendYear: year };
}
