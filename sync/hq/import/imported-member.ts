import type { Member } from '../../../agent/contract/member.ts';
import type { MemberBody } from '../books/member-body.ts';

/** A member as HQ keeps it, every list filled in; fields that nobody here knows stay beside them. */
export type ImportedMember = Member &
  Pick<
    MemberBody,
    | 'spendYear'
    | 'yearSpendBeyondMinor'
    | 'completedOrdersBeyond'
    | 'lastYearSpendMinor'
    | 'tierGiven'
    | 'monthSpendBeyondMinor'
  >;

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

/**
 * The member with the year's spend of another record of it. What lies beyond the bounds goes with the figure, and of the
 * year before that figure's the member keeps what it counted itself. The year is the caller's to tie.
 */
export function withYearFigure(member: ImportedMember, figure: ImportedMember): ImportedMember {
  const { yearSpendBeyondMinor = 0, lastYearSpendMinor = 0, ...rest } = member;
  const [counted, year] = [spendYearOf(member), spendYearOf(figure)];
  const ended = counted === year - 1 ? member.yearSpendMinor + yearSpendBeyondMinor : 0;
  const lastYear = counted === year ? lastYearSpendMinor : ended;
  const beyond = figure.yearSpendBeyondMinor ?? 0;
  return {
    ...rest,
    yearSpendMinor: figure.yearSpendMinor,
    ...(beyond === 0 ? {} : { yearSpendBeyondMinor: beyond }),
    ...(lastYear === 0 ? {} : { lastYearSpendMinor: lastYear }),
  };
}

/** The member with its spend tied to a year, also where `updatedAt` has moved on to another one. */
export function withSpendYear(member: ImportedMember, year: number): ImportedMember {
  const { spendYear, ...rest } = member;
  const tied = spendYear === undefined && spendYearOf(rest) === year;
  return tied ? rest : { ...rest, spendYear: year };
}
