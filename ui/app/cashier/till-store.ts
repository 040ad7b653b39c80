import type {
  BasketId,
  EvaluateReply,
  Identification,
  TillEvent,
} from '../../../agent/contract/index.ts';
import { createCell, type Observable } from '../../kit/observable.ts';
import { toProblem } from '../kit/problem.ts';
import { readError, type TillLink } from '../link.ts';
import { type FindArticles, fetchArticleNames, skusOf } from './article-names.ts';
import {
  EMPTY_VIEW,
  identificationFor,
  isLive,
  nextIdentification,
  type Sale,
  type TillView,
} from './till-view.ts';

/** How often facts without events of their own (headquarters, clock) are read again. */
export const STATUS_POLL_MS = 5_000;
/** Identifications of other baskets that are remembered, so that a resumed sale finds its member again. */
export const BOUND_IDENTIFICATIONS_MAX = 200;

/** What the till answers about an evaluation that is no longer one. */
const ENDED: readonly string[] = ['evaluation-unknown', 'evaluation-expired', 'evaluation-voided'];

type MemberChange = Extract<TillEvent['body'], { kind: 'member' }>;

/** Follows one till for a screen. */
export interface TillStore extends Observable<TillView> {
  /** Reads everything again, e.g. after a sign-in. */
  reload(): Promise<void>;
  /** Turns to a parked basket, or back to the present one with `null`. */
  lookAt(basketId: BasketId | null): Promise<void>;
  /** Takes an answer that the screen got itself, before its event arrives. */
  show(change: Partial<Pick<TillView, 'session' | 'identification'>>): void;
  /** Ends timers and the event stream. */
  close(): void;
}

/** Opens a {@link TillStore} on `link`; it loads at once and again whenever the connection comes back. */
export function openTillStore(link: TillLink): TillStore {
  const cell = createCell<TillView>(EMPTY_VIEW);
  const { screen, pos } = link.client;
  const bound = new Map<BasketId, Identification>();
  let present: BasketId | undefined;
  let wanted: BasketId | undefined;
  let fetching = false;
  let closed = false;

  /** Reads one part; a failure is kept for the screen and does not stop the others. */
  async function part(read: () => Promise<Partial<TillView>>): Promise<void> {
    try {
      cell.set({ ...(await read()), problem: null });
    } catch (error) {
      cell.set({ problem: toProblem(error) });
    }
  }
  const loadStatus = () => part(async () => ({ status: await pos.status() }));
  const loadSession = () => part(async () => ({ session: await screen.staff.session() }));
  const loadDevices = () => part(async () => ({ devices: (await screen.devices.list()).devices }));
  const loadOpen = () =>
    part(async () => ({ openBaskets: (await screen.baskets.listOpen()).baskets }));
  const loadPending = () =>
    part(async () => {
      const { identification } = await screen.identifications.pending();
      return identification === null ? {} : { identification };
    });

  /** Shows the latest wanted basket; of several asked for meanwhile only the last is read. */
  async function showWanted(): Promise<void> {
    if (fetching) return;
    fetching = true;
    try {
      while (wanted !== undefined && !closed) {
        const basketId = wanted;
        wanted = undefined;
        await part(async () => {
          const sale = await screen.baskets.show({ basketId });
          const known = bound.get(basketId) ?? (await boundTo(sale));
          if (known !== undefined) remember(await whole(known));
          const { identification } = cell.get();
          return {
            sale,
            identification: identificationFor(identification, bound.get(basketId), basketId),
          };
        });
        const { sale } = cell.get();
        if (sale === null) continue;
        // Nobody waits for offers: the next basket is not to come later for them.
        void loadNearMisses(sale);
        await loadNames(sale);
      }
    } finally {
      fetching = false;
    }
  }
  const loadNames = (sale: Sale) =>
    part(async () => ({
      articleNames: await fetchArticleNames(findArticles, skusOf(sale), cell.get().articleNames),
    }));
  const findArticles: FindArticles = async (query, limit) =>
    (await pos.articles.search({ query, limit })).articles;

  /** What the basket on show nearly gets; nothing more is offered on a sale that is paid or over. */
  const loadNearMisses = ({ evaluationId, state }: Sale) =>
    part(async () => {
      if (state !== 'EVALUATED' && state !== 'HELD') return { offer: null };
      if (cell.get().offer?.evaluationId === evaluationId) return {};
      try {
        const { nearMisses } = await pos.evaluations.why({ id: evaluationId });
        const isOnShow = cell.get().sale?.evaluationId === evaluationId;
        return isOnShow ? { offer: { evaluationId, nearMisses } } : {};
      } catch (error) {
        // The sale ended while it was asked about: its own event says so.
        if (ENDED.includes(readError(error).code)) return { offer: null };
        throw error;
      }
    });

  /** Who is bound to a sale that this page did not see begin; nobody where the till has cleared them. */
  async function boundTo({
    identificationId,
    state,
  }: EvaluateReply): Promise<Identification | undefined> {
    if (identificationId === undefined || state === 'COMMITTED') return undefined;
    try {
      return await pos.identifications.get({ id: identificationId });
    } catch (error) {
      if (readError(error).code === 'identification-unknown') return undefined;
      throw error;
    }
  }

  /** What an event told while nobody was signed in names no member; asked again, it does. */
  function whole(known: Identification): Identification | Promise<Identification> {
    const isCut = known.outcome === 'identified' && known.member === undefined;
    return isCut ? pos.identifications.get({ id: known.identificationId }) : known;
  }

  function want(basketId: BasketId): Promise<void> {
    wanted = basketId;
    return showWanted();
  }

  function remember(identification: Identification): void {
    const { basketId } = identification;
    if (basketId === undefined) return;
    bound.delete(basketId);
    if (!isLive(identification)) return;
    bound.set(basketId, identification);
    const oldest = bound.keys().next().value;
    if (bound.size > BOUND_IDENTIFICATIONS_MAX && oldest !== undefined) bound.delete(oldest);
  }

  function take({ body }: TillEvent): void {
    switch (body.kind) {
      case 'identification': {
        remember(body.identification);
        const { identification, sale, lookingAt } = cell.get();
        const finished =
          lookingAt === null &&
          sale?.state === 'COMMITTED' &&
          body.identification.basketId === undefined;
        const shown = finished ? undefined : sale?.basketId;
        cell.set({
          identification: nextIdentification(identification, body.identification, shown),
          scanned: null,
        });
        return;
      }
      case 'member':
        void renew(body);
        return;
      case 'basket': {
        const { lookingAt } = cell.get();
        present = body.basketId;
        cell.set({ scanned: null });
        if (!atWork()) return;
        void loadOpen();
        if (lookingAt === null || lookingAt === body.basketId) void want(body.basketId);
        return;
      }
      case 'staff':
        void changeStaff();
        return;
      case 'device':
        if (body.lost !== undefined) cell.set({ scanned: 'lost' });
        void loadDevices();
        return;
      case 'till':
        if (body.what !== 'event-withheld') void loadStatus();
        return;
      case 'sighting':
        cell.set({ scanned: body.codeClass });
        return;
      case 'return':
        return;
    }
  }

  /** Headquarters changed somebody who may be on show: they are read again, without a touch. */
  async function renew({ memberId, basketId }: MemberChange): Promise<void> {
    if (!atWork()) return;
    const { identification, sale } = cell.get();
    const known = basketId === undefined ? undefined : bound.get(basketId);
    if (known !== undefined)
      await part(async () => {
        remember(await pos.identifications.get({ id: known.identificationId }));
        return {};
      });
    if (identification?.member?.memberId === memberId)
      await part(async () => {
        const fresh = await pos.identifications.get({ id: identification.identificationId });
        const shown = cell.get().identification;
        return shown?.identificationId === fresh.identificationId ? { identification: fresh } : {};
      });
    if (sale !== null && sale.member?.memberId === memberId && sale.state !== 'COMMITTED')
      await want(sale.basketId);
  }

  /** The till tells who is there and what is sold only to a screen at which somebody works. */
  function atWork(): boolean {
    const { session } = cell.get();
    return session !== null && session.staff !== null && !session.locked;
  }

  async function reload(): Promise<void> {
    await Promise.all([loadStatus(), loadSession(), loadDevices()]);
    if (!atWork()) return;
    await Promise.all([loadOpen(), loadPending()]);
    const current = cell.get().openBaskets.find((basket) => basket.current);
    if (current !== undefined && cell.get().lookingAt === null) {
      present = current.basketId;
      await want(current.basketId);
    }
  }

  /** Somebody signed in or unlocked, perhaps in another window: what was kept back meanwhile is read. */
  async function changeStaff(): Promise<void> {
    const before = atWork();
    await loadSession();
    if (atWork() && !before) await reload();
  }

  const isOpen = (): boolean => link.state().phase === 'open';
  let unfollow: (() => void) | undefined;

  /** Reads the till and begins to follow its events from the place that was read; later calls only read again. */
  async function begin(): Promise<void> {
    await reload();
    const { status } = cell.get();
    if (unfollow !== undefined || status === null || closed) return;
    unfollow = link.follow({
      after: status.head.eventSeq,
      onEvent: take,
      onGap: () => void reload(),
    });
  }

  const poll = setInterval(() => {
    if (isOpen()) void (unfollow === undefined ? begin() : loadStatus());
  }, STATUS_POLL_MS);
  const unwatch = link.subscribe(() => {
    if (isOpen()) void begin();
  });
  if (isOpen()) void begin();

  return {
    get: cell.get,
    subscribe: cell.subscribe,
    reload,
    async lookAt(basketId) {
      const isPresent = basketId === null || basketId === present;
      cell.set({ lookingAt: isPresent ? null : basketId });
      const target = isPresent ? present : basketId;
      if (target !== undefined && target !== null) await want(target);
    },
    show: (change) => cell.set(change),
    close() {
      closed = true;
      clearInterval(poll);
      unwatch();
      unfollow?.();
    },
  };
}
