import type { ReturnId } from '../../agent/contract/ids.ts';
import { err, ok, type Result } from '../../agent/contract/result.ts';
import type { HqCall, HqInput, HqReply } from '../protocol/hq-api.ts';
import { SALE_REPLY_MAX_BYTES } from '../protocol/sale-lookup.ts';
import { failureText } from './call-failure.ts';
import type { SyncDeps } from './deps.ts';
import { SALE_DEADLINE_MS, type SaleRefusal, type SalesPort } from './ports.ts';
import type { Session } from './session.ts';

/** Questions under way at a time; a further one is answered as unreachable at once. */
export const SALES_OPEN_MAX = 8;
/** Claims being given back at a time, beside the questions; one beyond them ends by itself, as a lost one does. */
export const RELEASES_OPEN_MAX = 4;

export interface Sales {
  readonly port: SalesPort;
  /** Settles once no question is under way. */
  settled(): Promise<void>;
}

export interface SalesParts {
  readonly deps: Pick<SyncDeps, 'timers' | 'log'>;
  readonly session: Session;
  readonly reachable: () => boolean;
}

/** Headquarters as the one that knows every sale of the chain. */
export function createSales({ deps, session, reachable }: SalesParts): Sales {
  const { timers, log } = deps;
  const underWay = new Set<Promise<unknown>>();
  const releases = new Map<string, Promise<unknown>>();

  async function ask<Call extends HqCall>(
    call: Call,
    input: HqInput<Call>,
  ): Promise<Result<HqReply<Call>, SaleRefusal>> {
    const deadline = new AbortController();
    const timer = timers.set(SALE_DEADLINE_MS, () => deadline.abort());
    const options = { signal: deadline.signal, maxBytes: SALE_REPLY_MAX_BYTES };
    const reply = await session.call(call, input, options);
    timers.clear(timer);
    if (reply.ok) return ok(reply.value);
    log('info', 'headquarters was not reached for a sale', { call, why: failureText(reply.error) });
    return err({ code: 'sale-unreachable' });
  }

  async function counted<Call extends HqCall>(
    call: Call,
    input: HqInput<Call>,
  ): Promise<Result<HqReply<Call>, SaleRefusal>> {
    if (!reachable() || underWay.size >= SALES_OPEN_MAX) return err({ code: 'sale-unreachable' });
    const asked = ask(call, input);
    underWay.add(asked);
    return asked.finally(() => underWay.delete(asked));
  }

  function release(returnId: ReturnId): void {
    if (!reachable() || releases.size >= RELEASES_OPEN_MAX || releases.has(returnId)) return;
    releases.set(
      returnId,
      ask('releaseReturn', { returnId }).finally(() => releases.delete(returnId)),
    );
  }

  return {
    port: {
      find: (saleId) => counted('findSale', { saleId }),
      async claim({ returnId, saleId }) {
        // Given back after it was made again, a claim would be gone.
        await releases.get(returnId);
        return counted('claimReturn', { returnId, saleId });
      },
      release,
      kept: ({ saleId, before, after }) =>
        counted('keptGoods', { saleId, before: { ...before }, after: { ...after } }),
    },
    async settled() {
      await Promise.all([...underWay, ...releases.values()]);
    },
  };
}
