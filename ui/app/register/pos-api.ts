import type {
  Article,
  EntryReply,
  ErrorBody,
  EvaluateReply,
  EvaluateRequest,
  ExchangeReply,
  ExchangeRequest,
  FoundSale,
  HoldReply,
  Identification,
  ReturnQuote,
  ReturnQuoteRequest,
  ReturnRequest,
  SoldSale,
  Status,
  TillEvent,
} from '../../../agent/contract/index.ts';
import { ApiError, UnreachableError } from '../kit/problem.ts';
import { readEventStream } from './event-stream.ts';

/** How long one request may take before the register goes on without its answer. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** What the register tells of a payment; never a card number. */
export interface PaidSale {
  readonly basketHash: string;
  readonly referenceId: string;
  readonly payment: { readonly paidMinor: number; readonly at: string; readonly reference: string };
}

/**
 * The POS API as a store's own POS program calls it: plain HTTP under `/v1`, a bearer token, JSON.
 * Each call fails with {@link ApiError} (the till refused) or {@link UnreachableError} (no answer).
 */
export interface PosApi {
  status(): Promise<Status>;
  articles(query: string, limit: number): Promise<readonly Article[]>;
  identify(text: string): Promise<Identification>;
  evaluate(request: EvaluateRequest): Promise<EvaluateReply>;
  hold(evaluationId: string, basketHash: string): Promise<HoldReply>;
  commit(evaluationId: string, key: string, sale: PaidSale): Promise<EntryReply>;
  void(evaluationId: string, key: string, reason: string): Promise<EntryReply>;
  sale(id: string): Promise<SoldSale>;
  salesByReceipt(referenceId: string): Promise<readonly FoundSale[]>;
  quoteReturn(request: ReturnQuoteRequest): Promise<ReturnQuote>;
  returnGoods(request: ReturnRequest): Promise<EntryReply>;
  exchange(key: string, request: ExchangeRequest): Promise<ExchangeReply>;
  /** Events after `after` until `signal` aborts; ends or fails when the connection does. */
  events(after: number, signal: AbortSignal): AsyncIterable<TillEvent>;
}

type Fetch = typeof fetch;

async function send<T>(
  doFetch: Fetch,
  method: 'GET' | 'POST',
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<T> {
  let answer: Response;
  let content: unknown;
  try {
    answer = await doFetch(`/v1${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      cache: 'no-store',
    });
    content = await answer.json();
  } catch (cause) {
    throw new UnreachableError('no answer from the POS API', { cause });
  }
  if (!answer.ok) throw new ApiError(content as ErrorBody);
  return content as T;
}

/** Exchanges the six digits shown on the till for a bearer token. */
export async function pair(doFetch: Fetch, code: string, name: string): Promise<string> {
  const { token } = await send<{ token: string }>(doFetch, 'POST', '/pairings', {}, { code, name });
  return token;
}

/** The calls of a paired register. */
export function createPosApi(doFetch: Fetch, token: string): PosApi {
  const auth = { authorization: `Bearer ${token}` };
  const get = <T>(path: string): Promise<T> => send<T>(doFetch, 'GET', path, auth);
  const post = <T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> =>
    send<T>(doFetch, 'POST', path, { ...auth, ...headers }, body);
  return {
    status: () => get('/status'),
    articles: async (query, limit) =>
      (
        await get<{ articles: Article[] }>(
          `/articles?${new URLSearchParams({ query, limit: String(limit) })}`,
        )
      ).articles,
    identify: (text) => post('/identifications', { text }),
    evaluate: ({ id, ...basket }) => post(`/baskets/${id}/evaluate`, basket),
    hold: (evaluationId, basketHash) => post(`/evaluations/${evaluationId}/hold`, { basketHash }),
    commit: (evaluationId, key, sale) =>
      post(`/evaluations/${evaluationId}/commit`, sale, { 'idempotency-key': key }),
    void: (evaluationId, key, reason) =>
      post(`/evaluations/${evaluationId}/void`, { reason }, { 'idempotency-key': key }),
    salesByReceipt: async (referenceId) =>
      (await get<{ sales: FoundSale[] }>(`/sales?${new URLSearchParams({ referenceId })}`)).sales,
    sale: (id) => get(`/sales/${encodeURIComponent(id)}`),
    quoteReturn: (request) => post('/returns/quote', request),
    returnGoods: (request) => post('/returns', request),
    exchange: (key, request) => post('/exchanges', request, { 'idempotency-key': key }),
    async *events(after, signal) {
      let answer: Response;
      try {
        answer = await doFetch(`/v1/events?after=${after}`, {
          headers: { ...auth, accept: 'text/event-stream' },
          signal,
          cache: 'no-store',
        });
      } catch (cause) {
        throw new UnreachableError('the event stream did not open', { cause });
      }
      if (!answer.ok) throw new ApiError((await answer.json()) as ErrorBody);
      if (answer.body === null) throw new UnreachableError('the event stream has no body');
      for await (const { event, data } of readEventStream(answer.body)) {
        if (event === 'error') throw new ApiError(JSON.parse(data) as ErrorBody);
        if (event === 'message') yield JSON.parse(data) as TillEvent;
      }
    },
  };
}
