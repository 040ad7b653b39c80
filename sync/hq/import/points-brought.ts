import type { PointsAccount } from '../../protocol/feed.ts';
import { keptLots, lotIdOf, mergeAccounts } from '../books/account.ts';

/** An account with the balances that an import brought, by the id in the file; tills look past them. */
export type ImportedAccount = PointsAccount & {
  readonly brought?: Readonly<Record<string, number>>;
};

type Lot = PointsAccount['lots'][number];

/** Ids whose balances one account takes: with so many its row still fits `ROW_MAX_BYTES`. */
export const BROUGHT_MAX = 256;

/**
 * Sets the balance that a member brings from the old system, as a lot of its own. Another figure later changes it by the
 * difference, so the same file twice changes nothing and what was sold in between stays as it is. A lower figure takes
 * back what is left of the lot and no more: points that were there to be spent are not owed afterwards, and other lots
 * are not touched. What stays with the member counts as brought, so that a higher figure later does not give it twice.
 * @param memberId the id in the file, also where the account is that of the member it was merged into
 * @returns the same account where nothing changed, and how many points were spent that the figure does not cover
 */
export function bringPoints(
  account: ImportedAccount,
  memberId: string,
  points: number,
  {
    earnedAt,
    expiresOn,
    today,
  }: { earnedAt: string; expiresOn?: string | undefined; today: string },
): { readonly account: ImportedAccount; readonly notTaken: number } {
  const known = account.brought?.[memberId] ?? 0;
  const lotId = lotIdOf(`import-${memberId}`);
  const before = account.lots.find((lot) => lot.lotId === lotId);
  const sameDay = expiresOn === undefined || before === undefined || before.expiresOn === expiresOn;
  const change = Math.max(points - known, -Math.max(0, before?.points ?? 0));
  const notTaken = known + change - points;
  if (change === 0 && sameDay) return { account, notTaken };
  const after: Lot = {
    ...(before ?? { lotId, earnedAt, channel: 'store', bucket: 'base', source: 'import' }),
    points: (before?.points ?? 0) + change,
    ...(expiresOn === undefined ? {} : { expiresOn }),
  };
  const lots = keptLots([...account.lots.filter((lot) => lot !== before), after], today);
  const brought = { ...account.brought, [memberId]: known + change };
  return { account: { ...account, lots, brought }, notTaken };
}

/** Moves all lots of one account to another, with the note of what imports brought. */
export function uniteAccounts(
  into: ImportedAccount,
  from: ImportedAccount,
  today: string,
): { into: ImportedAccount; emptied: ImportedAccount } {
  const { brought, ...rest } = from;
  const merged = mergeAccounts(rest, into, today);
  const both = { ...into.brought, ...brought };
  return {
    into: Object.keys(both).length === 0 ? merged.to : { ...merged.to, brought: both },
    emptied: merged.from,
  };
}
