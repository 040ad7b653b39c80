import type { MemberGlance } from '../../../agent/contract/index.ts';
import { memberOnShow, type Sale, type TillView } from '../cashier/till-view.ts';

/** How long a paid sale stays on the customer display, in milliseconds. */
export const THANKS_SHOWN_MS = 20_000;

/** What a shopper may see of a member: no phone, no birthday, no history. */
export interface Shopper {
  readonly maskedName: string;
  readonly tier: string;
  /** Negative while more is owed than there is. */
  readonly points: number;
}

/** What the customer display shows. */
export type CustomerScene =
  /** Nobody is at work, or the till is not reached. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'welcome' }
  | { readonly kind: 'member'; readonly shopper: Shopper }
  | { readonly kind: 'basket'; readonly sale: Sale; readonly shopper: Shopper | undefined }
  | { readonly kind: 'thanks'; readonly sale: Sale; readonly shopper: Shopper | undefined };

/**
 * Chooses the scene for the present state of the till. A basket goes when its evaluation expires, a paid one after
 * {@link THANKS_SHOWN_MS} or when the next shopper is identified: nobody sees what the one before them bought.
 * @param reached whether the way to the till is open
 * @param nowMs the time, epoch milliseconds
 */
export function customerScene(view: TillView, reached: boolean, nowMs: number): CustomerScene {
  const { session, sale, identification } = view;
  if (!reached || session === null || session.staff === null || session.locked)
    return { kind: 'wait' };
  const next = nextShopper(identification);
  if (sale?.state === 'COMMITTED' && next === undefined && !isOver(sale, nowMs))
    return { kind: 'thanks', sale, shopper: thanked(sale) };
  if (isUnderWay(sale, nowMs)) {
    // Whoever is identified while a basket is paid belongs to the next one.
    const member = sale.state === 'HELD' ? sale.member : memberOnShow(view);
    return { kind: 'basket', sale, shopper: shopperOf(member) };
  }
  return next === undefined ? { kind: 'welcome' } : { kind: 'member', shopper: next };
}

/** Who was identified and has no basket yet. */
function nextShopper(identification: TillView['identification']): Shopper | undefined {
  if (identification?.outcome !== 'identified' || identification.basketId !== undefined)
    return undefined;
  return shopperOf(identification.member);
}

function isUnderWay(sale: Sale | null, nowMs: number): sale is Sale {
  if (sale === null) return false;
  // A held basket waits for its payment, whatever the clock says.
  if (sale.state === 'HELD') return true;
  return sale.state === 'EVALUATED' && nowMs < Date.parse(sale.expiresAt);
}

function isOver({ receipt }: Sale, nowMs: number): boolean {
  return receipt !== undefined && nowMs >= Date.parse(receipt.at) + THANKS_SHOWN_MS;
}

/** The shopper of a paid sale, with the balance after it. */
function thanked({ member, receipt }: Sale): Shopper | undefined {
  const shopper = shopperOf(member);
  return shopper && { ...shopper, points: receipt?.pointsBalance ?? shopper.points };
}

function shopperOf(member: MemberGlance | undefined): Shopper | undefined {
  if (member === undefined) return undefined;
  const { maskedName, tier, points } = member;
  return { maskedName, tier, points };
}
