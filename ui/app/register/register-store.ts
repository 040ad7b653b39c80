import type {
  Article,
  BasketId,
  Identification,
  ScannedArticle,
  TillEvent,
} from '../../../agent/contract/index.ts';
import type { Env } from '../../kit/env.ts';
import { createCell } from '../../kit/observable.ts';
import { fetchArticleNames } from '../cashier/article-names.ts';
import { ApiError, type Problem, toProblem } from '../kit/problem.ts';
import { createEvaluator } from './evaluator.ts';
import { type Piece, pieceOf } from './piece.ts';
import type { PaidSale, PosApi } from './pos-api.ts';
import type { Register } from './register.ts';
import { asRecent, type RegisterView } from './register-view.ts';
import { couponCode, ownScan, type Scanned } from './scanned.ts';
import { addCode, emptyTicket, hasGtin, ringUp, setQty, type Ticket, toRequest } from './ticket.ts';

/** Wait before the event stream is opened again. */
export const STREAM_RETRY_MS = 1_000;
/** Booked sales that stay available for a return on this page. */
export const DONE_SALES_MAX = 50;
/** Tickets that may be parked at a time. */
export const PARKED_MAX = 20;

/** Opens a register on the POS API. */
export function openRegister(api: PosApi, env: Env): Register {
  const startTicket = (): Ticket =>
    emptyTicket(env.newId() as BasketId, new Date(env.now()).toISOString());
  const cell = createCell<RegisterView>({
    status: null,
    ticket: startTicket(),
    parked: [],
    reply: null,
    outdated: false,
    payment: null,
    receipt: null,
    exchange: null,
    exchanged: null,
    done: [],
    note: null,
    live: false,
    problem: null,
    unpaired: false,
  });
  const stop = new AbortController();
  /** Somebody identified while another sale was being paid: they belong to the next one. */
  let waiting: Identification | undefined;

  function fail(error: unknown): void {
    const problem: Problem = toProblem(error);
    cell.set({
      problem,
      unpaired: error instanceof ApiError && error.body.code === 'unauthenticated',
    });
  }
  /** Hands a call's answer on; a refused token is noticed whoever asked. */
  async function noting<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof ApiError && error.body.code === 'unauthenticated') fail(error);
      throw error;
    }
  }
  const evaluator = createEvaluator({
    evaluate: () => {
      const { ticket, status } = cell.get();
      return api.evaluate(toRequest(ticket, status?.currency ?? 'CNY'));
    },
    onReply: (reply) => cell.set({ reply, outdated: false, problem: null }),
    onError: fail,
  });

  /** Makes a changed ticket the present one and asks for its figures. */
  function put(ticket: Ticket): void {
    const empty = ticket.lines.length === 0;
    cell.set({ ticket, receipt: null, outdated: !empty, ...(empty ? { reply: null } : {}) });
    if (empty) evaluator.cancel();
    else evaluator.ask();
  }
  function begin(ticket: Ticket): void {
    cell.set({ reply: null, note: null, problem: null, payment: null, exchanged: null });
    const joined =
      waiting === undefined || ticket.identificationId !== undefined
        ? ticket
        : { ...ticket, identificationId: waiting.identificationId };
    waiting = undefined;
    put(joined);
  }
  /** The ticket that a new article or member belongs to: the next one, once the present one is booked. */
  function openTicket(): Ticket {
    if (cell.get().receipt === null) return cell.get().ticket;
    begin(startTicket());
    return cell.get().ticket;
  }
  function ring(article: Article, piece?: Piece): void {
    if (cell.get().payment !== null) return;
    put(ringUp(openTicket(), article, piece));
  }
  function coupon(code: string): void {
    if (code !== '' && cell.get().payment === null) put(addCode(openTicket(), code));
  }

  async function ringByCode(code: string, scanned: ScannedArticle | undefined): Promise<void> {
    const found = (await api.articles(code, 10)).find(
      (article) => hasGtin(article, code) || article.sku === code,
    );
    if (found === undefined) {
      cell.set({ note: { kind: 'unknown-article', code } });
      return;
    }
    ring(found, scanned && pieceOf(found, scanned));
    cell.set({ note: { kind: 'rung', name: found.name } });
  }
  async function byClass({ codeClass, text, aim, article }: Scanned): Promise<void> {
    if (codeClass === 'payment') cell.set({ note: { kind: 'payment', last4: text?.slice(-4) } });
    else if (codeClass === 'article' && text !== undefined)
      await ringByCode(article?.gtin ?? text, article);
    else if (codeClass === 'coupon' && text !== undefined) {
      const code = couponCode(text, aim);
      coupon(code);
      cell.set({ note: { kind: 'coupon', code } });
    } else if (codeClass === 'unknown') cell.set({ note: { kind: 'unknown' } });
  }

  function identified(identification: Identification): void {
    const { ticket, payment } = cell.get();
    const { identificationId, outcome, basketId } = identification;
    if (outcome === 'identified') {
      if (basketId !== undefined) return;
      if (payment !== null) waiting = identification;
      else put({ ...openTicket(), identificationId });
      return;
    }
    const isOver = outcome === 'released' || outcome === 'timed-out';
    if (isOver && waiting?.identificationId === identificationId) waiting = undefined;
    if (isOver && ticket.identificationId === identificationId && payment === null)
      put({ ...ticket, identificationId: undefined, pointsToSpend: 0 });
  }
  /** Points or tier of the shopper changed: the basket is worked out again, unless it is being paid or was. */
  function changed(basketId: BasketId | undefined): void {
    const { ticket, payment, receipt } = cell.get();
    if (basketId === ticket.basketId && payment === null && receipt === null) put(ticket);
  }
  async function take({ body }: TillEvent): Promise<void> {
    if (body.kind === 'identification') identified(body.identification);
    if (body.kind === 'member') changed(body.basketId);
    if (body.kind === 'sighting') await byClass(body);
  }

  async function follow(): Promise<void> {
    let after: number | undefined;
    while (!stop.signal.aborted) {
      try {
        const status = await api.status();
        cell.set({ status, live: true });
        after ??= status.head.eventSeq;
        for await (const event of api.events(after, stop.signal)) {
          after = event.seq;
          await take(event);
        }
      } catch (error) {
        if (stop.signal.aborted) return;
        // Events that were pruned are gone; the register goes on from the present.
        if (error instanceof ApiError && error.body.code === 'events-gone') after = undefined;
        else fail(error);
      }
      cell.set({ live: false });
      if (cell.get().unpaired) return;
      await new Promise((resolve) => setTimeout(resolve, STREAM_RETRY_MS));
    }
  }
  void follow();

  return {
    get: cell.get,
    subscribe: cell.subscribe,
    search: (query, limit) => noting(api.articles(query, limit)),
    ring: (article) => ring(article),
    quantity(lineId, qty) {
      if (cell.get().payment === null) put(setQty(cell.get().ticket, lineId, qty));
    },
    coupon,
    dropCoupon(code) {
      const { ticket } = cell.get();
      put({ ...ticket, codes: ticket.codes.filter((each) => each !== code) });
    },
    points(pointsToSpend) {
      put({ ...cell.get().ticket, pointsToSpend });
    },
    park() {
      const { ticket, parked } = cell.get();
      if (ticket.lines.length === 0 || parked.length >= PARKED_MAX) return;
      cell.set({ parked: [...parked, ticket] });
      begin(startTicket());
    },
    resume(basketId) {
      const { ticket, parked, receipt } = cell.get();
      const resumed = parked.find((each) => each.basketId === basketId);
      if (resumed === undefined) return;
      const rest = parked.filter((each) => each !== resumed);
      // What is on the counter is put aside in its place, so that nothing is lost.
      cell.set({ parked: receipt === null && ticket.lines.length > 0 ? [...rest, ticket] : rest });
      begin(resumed);
    },
    next: () => begin(startTicket()),
    async scanned(code) {
      try {
        const identification = await api.identify(code);
        if (identification.outcome === 'identified') identified(identification);
        else await byClass(ownScan(code, identification));
      } catch (error) {
        fail(error);
      }
    },
    async pay() {
      const { reply, outdated, payment, receipt } = cell.get();
      if (reply === null || outdated || payment !== null || receipt !== null) return;
      try {
        const hold = await api.hold(reply.evaluationId, reply.basketHash);
        const referenceId = `POS-${env.now().toString(36).toUpperCase()}`;
        cell.set({
          payment: {
            hold,
            basketHash: reply.basketHash,
            commitKey: env.newId(),
            voidKey: env.newId(),
            referenceId,
          },
          problem: null,
        });
      } catch (error) {
        fail(error);
      }
    },
    async commit(means) {
      const { payment, exchange, done } = cell.get();
      if (payment === null) return;
      const { hold, basketHash, commitKey, referenceId } = payment;
      const at = payment.paidAt ?? new Date(env.now()).toISOString();
      cell.set({ payment: { ...payment, paidAt: at } });
      const paid = (paidMinor: number): PaidSale => ({
        basketHash,
        referenceId,
        payment: { paidMinor, at, reference: means },
      });
      const exchanged =
        exchange === null
          ? null
          : await noting(
              api.exchange(commitKey, {
                return: exchange.request,
                evaluationId: hold.evaluationId,
                sale: paid(Math.max(0, hold.payableMinor - exchange.refundMinor)),
              }),
            );
      const reply =
        exchanged?.sale ??
        (await noting(api.commit(hold.evaluationId, commitKey, paid(hold.payableMinor))));
      cell.set({
        payment: null,
        receipt: reply,
        exchange: null,
        exchanged,
        note: null,
        done: [{ reply, referenceId }, ...done].slice(0, DONE_SALES_MAX),
      });
    },
    async giveUp(reason) {
      const { payment, ticket } = cell.get();
      if (payment === null) return;
      await noting(api.void(payment.hold.evaluationId, payment.voidKey, reason));
      cell.set({ payment: null });
      put(ticket);
    },
    desk: {
      recent: async () => cell.get().done.map(asRecent),
      byReceipt: (referenceId) => noting(api.salesByReceipt(referenceId)),
      sale: (id) => noting(api.sale(id)),
      quote: (request) => noting(api.quoteReturn(request)),
      takeBack: (request) => noting(api.returnGoods(request)),
      names: (skus) =>
        fetchArticleNames((query, limit) => noting(api.articles(query, limit)), skus, new Map()),
    },
    exchangeFor(exchange) {
      if (cell.get().payment !== null) return;
      if (cell.get().receipt !== null) begin(startTicket());
      cell.set({ exchange });
    },
    close() {
      stop.abort();
      evaluator.cancel();
    },
  };
}
