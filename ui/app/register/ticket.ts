import type {
  Article,
  BasketId,
  EvaluateRequest,
  IdentificationId,
  LineId,
} from '../../../agent/contract/index.ts';
import type { Piece } from './piece.ts';

/** Most of one article on a line, as the contract has it. */
export const TICKET_LINE_MAX_QTY = 10_000;

export interface TicketLine {
  readonly lineId: LineId;
  readonly article: Article;
  readonly qty: number;
  /** Set where the line is of one piece with its own price. */
  readonly piece?: Piece;
}

/** What one unit of a line costs before benefits. */
export function unitPriceMinor({ article, piece }: Pick<TicketLine, 'article' | 'piece'>): number {
  return piece?.priceMinor ?? article.priceMinor;
}

/** A sale being rung up. Values only: every change makes another ticket. */
export interface Ticket {
  readonly basketId: BasketId;
  readonly lines: readonly TicketLine[];
  readonly codes: readonly string[];
  /** Points the member asks to spend; 0 = none. */
  readonly pointsToSpend: number;
  readonly identificationId: IdentificationId | undefined;
  /** Name that helps to find a parked ticket again. */
  readonly startedAt: string;
}

export function emptyTicket(basketId: BasketId, startedAt: string): Ticket {
  return {
    basketId,
    lines: [],
    codes: [],
    pointsToSpend: 0,
    identificationId: undefined,
    startedAt,
  };
}

/** Adds one of an article: to its line where it has one, else as the last line; a piece always has its own. */
export function ringUp(ticket: Ticket, article: Article, piece?: Piece): Ticket {
  const known =
    piece === undefined
      ? ticket.lines.find((line) => line.article.sku === article.sku && line.piece === undefined)
      : undefined;
  if (known !== undefined) return setQty(ticket, known.lineId, known.qty + 1);
  const highest = ticket.lines.reduce(
    (max, { lineId }) => Math.max(max, Number(lineId.slice(1))),
    0,
  );
  const lineId = `L${highest + 1}` as LineId;
  return {
    ...ticket,
    lines: [...ticket.lines, { lineId, article, qty: 1, ...(piece && { piece }) }],
  };
}

/** Sets the quantity of a line; none left removes it. */
export function setQty(ticket: Ticket, lineId: LineId, qty: number): Ticket {
  const lines =
    qty <= 0
      ? ticket.lines.filter((line) => line.lineId !== lineId)
      : ticket.lines.map((line) =>
          line.lineId === lineId ? { ...line, qty: Math.min(qty, TICKET_LINE_MAX_QTY) } : line,
        );
  return { ...ticket, lines };
}

/** Adds a coupon code once. */
export function addCode(ticket: Ticket, code: string): Ticket {
  return ticket.codes.includes(code) ? ticket : { ...ticket, codes: [...ticket.codes, code] };
}

/** The basket as the POS API takes it. */
export function toRequest(ticket: Ticket, currency: string): EvaluateRequest {
  return {
    id: ticket.basketId,
    currency,
    lines: ticket.lines.map(({ lineId, article, qty, piece }) => ({
      lineId,
      sku: article.sku,
      category: article.category,
      qty,
      unitPriceMinor: unitPriceMinor({ article, piece }),
      ...floorOf({ article, piece }),
      ...(article.attributes.length === 0 ? {} : { attributes: article.attributes }),
    })),
    codes: [...ticket.codes],
    ...(ticket.pointsToSpend > 0 ? { pointsToSpend: ticket.pointsToSpend } : {}),
    ...(ticket.identificationId === undefined ? {} : { identificationId: ticket.identificationId }),
    channel: 'store',
  };
}

/** Lowest price that benefits may leave; of a piece in the proportion that the article's has. */
function floorOf({ article, piece }: Pick<TicketLine, 'article' | 'piece'>): {
  minUnitPriceMinor?: number;
} {
  const { minUnitPriceMinor: floor, priceMinor } = article;
  if (floor === undefined) return {};
  if (piece === undefined || priceMinor === 0) return { minUnitPriceMinor: floor };
  return { minUnitPriceMinor: Math.ceil((floor * piece.priceMinor) / priceMinor) };
}

/** Whether a scanned number is this article's GTIN; scanners and data pad it with zeros differently. */
export function hasGtin(article: Article, scanned: string): boolean {
  const bare = (digits: string): string => digits.replace(/^0+/, '');
  return (
    article.gtin !== undefined && /^\d{8,14}$/.test(scanned) && bare(article.gtin) === bare(scanned)
  );
}
