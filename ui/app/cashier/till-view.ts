import type {
  BasketId,
  CodeClass,
  DeviceView,
  EntryReply,
  EvaluateReply,
  EvaluationId,
  Identification,
  MemberGlance,
  NearMiss,
  OpenBasket,
  StaffSession,
  Status,
  Text,
} from '../../../agent/contract/index.ts';
import type { Problem } from '../kit/problem.ts';

/** A basket with its figures, and its receipt once it is committed. */
export type Sale = EvaluateReply & { readonly receipt?: EntryReply | undefined };

/** Most basket lines a screen draws; the totals always count all of them. */
export const LINES_SHOWN_MAX = 200;

/** Benefits that only want more in the basket, and of which evaluation that is true. */
export interface Offer {
  readonly evaluationId: EvaluationId;
  readonly nearMisses: readonly NearMiss[];
}

/** Everything the cashier's screen shows of the till. `null` = not known yet. */
export interface TillView {
  readonly status: Status | null;
  readonly session: StaffSession | null;
  /** The latest identification that concerns the shown basket or no basket yet. */
  readonly identification: Identification | null;
  /**
   * What the last scan was, until somebody is identified or the sale goes on; `lost` = it broke off or could not be read.
   * Never the code itself.
   */
  readonly scanned: CodeClass | 'lost' | null;
  /** The basket on show. */
  readonly sale: Sale | null;
  /** What an evaluation nearly gets; says nothing of any other evaluation. */
  readonly offer: Offer | null;
  /** Set while the cashier looks at a parked basket instead of the present one. */
  readonly lookingAt: BasketId | null;
  readonly openBaskets: readonly OpenBasket[];
  readonly devices: readonly DeviceView[];
  /** Article names by SKU, of the baskets shown so far. */
  readonly articleNames: ReadonlyMap<string, Text>;
  /** Why the till could not be read, while that is so. */
  readonly problem: Problem | null;
}

export const EMPTY_VIEW: TillView = {
  status: null,
  session: null,
  identification: null,
  scanned: null,
  sale: null,
  offer: null,
  lookingAt: null,
  openBaskets: [],
  devices: [],
  articleNames: new Map(),
  problem: null,
};

/** Identification outcomes after which nobody is named any more. */
const OVER: readonly Identification['outcome'][] = ['released', 'timed-out', 'done'];

/** Whether an identification still says something about the shopper who stands there. */
export function isLive(identification: Identification | null): boolean {
  return identification !== null && !OVER.includes(identification.outcome);
}

/**
 * What the screen keeps of an identification when an event brings another: one that is bound to a basket that is not
 * on show belongs to somebody else's sale and must not be seen here.
 */
export function nextIdentification(
  present: Identification | null,
  incoming: Identification,
  shown: BasketId | undefined,
): Identification | null {
  if (incoming.basketId !== undefined && incoming.basketId !== shown) {
    return present?.identificationId === incoming.identificationId ? null : present;
  }
  const ended = !isLive(incoming);
  if (ended && present !== null && present.identificationId !== incoming.identificationId)
    return present;
  return incoming;
}

/** The identification to show beside `shown` when the screen turns to it. */
export function identificationFor(
  present: Identification | null,
  bound: Identification | undefined,
  shown: BasketId,
): Identification | null {
  if (bound !== undefined) return bound;
  if (present === null || present.basketId === undefined || present.basketId === shown)
    return present;
  return null;
}

/**
 * Whose glance the screen shows. A shopper who was identified and has no basket yet goes before the basket on show,
 * which may be the finished one of the shopper before.
 */
export function memberOnShow({
  sale,
  identification,
  lookingAt,
}: TillView): MemberGlance | undefined {
  const served =
    sale?.member === undefined
      ? undefined
      : { ...sale.member, points: sale.receipt?.pointsBalance ?? sale.member.points };
  if (lookingAt !== null || identification === null || !isLive(identification)) return served;
  const { member, basketId } = identification;
  if (basketId !== undefined && basketId === sale?.basketId) return served ?? member;
  return member ?? (sale?.state === 'COMMITTED' ? undefined : served);
}

/** What the basket on show nearly gets. */
export function nearMissesOnShow({ sale, offer }: TillView): readonly NearMiss[] {
  return sale !== null && offer?.evaluationId === sale.evaluationId ? offer.nearMisses : [];
}
