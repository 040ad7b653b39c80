import type { PointsAccount } from '../../protocol/feed.ts';
import { lotIdOf, mergeAccounts } from '../books/account.ts';

/** An account with the balances that an import brought, by the id in the file; tills look past them. */
export type ImportedAccount = PointsAccount & {
  readonly brought?: Readonly<Record<string, number>>;
};

type Lot = PointsAccount['lots'][number];

/**
 * Sets the balance that a member brings from the old system, as a lot of its own. Another figure later changes it by the
 * difference, so the same file twice changes nothing and what was sold in between stays as it is.
 * @param memberId the id in the file, also where the account is that of the member it was merged into
 * @returns the same account where nothing changed
 */
export function bringPoints(
  account: ImportedAccount,
  memberId: string,
  points: number,
  { earnedAt, expiresOn }: { earnedAt: string; expiresOn?: string | undefined },
): ImportedAccount {
  const known = account.brought?.[memberId];
  const lotId = lotIdOf(`import-${memberId}`);
  const before = account.lots.find((lot) => lot.lotId === lotId);
  const sameDay = expiresOn === undefined || before === undefined || before.expiresOn === expiresOn;
  if (points === (known ?? 0) && sameDay) return account;
  const after: Lot = {
    ...(before ?? { lotId, earnedAt, channel: 'store', bucket: 'base', source: 'import' }),
    points: (before?.points ?? 0) + points - (known ?? 0),
    ...(expiresOn === undefined ? {} : { expiresOn }),
  };
  return {
    ...account,
    lots: [...account.lots.filter((lot) => lot !== before), after],
    brought: { ...account.brought, [memberId]: points },
  };
}

/** Moves all lots of one account to another, with the note of what imports brought. */
export function uniteAccounts(
  into: ImportedAccount,
  from: ImportedAccount,
): { into: ImportedAccount; emptied: ImportedAccount } {
  const { brought, ...rest } = from;
  const merged = mergeAccounts(rest, into);
  const both = { ...into.brought, ...brought };
  return {
    into: Object.keys(both).length === 0 ? merged.to : { ...merged.to, brought: both },
    emptied: merged.from,
  };
}
