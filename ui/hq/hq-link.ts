import type { Text } from '../../agent/contract/text.ts';
import {
  CONSOLE_CODE_PATH,
  type HqCall,
  type HqInput,
  type HqReply,
  hqApi,
} from '../../sync/protocol/hq-api.ts';

/** An answer is waited for so long, in milliseconds. */
export const ANSWER_LIMIT_MS = 10_000;
const TOKEN_NAME = 'tillside.hq.token';

/** A failed call in words for the person at the console. */
export interface Problem {
  readonly code: string;
  readonly message: Text;
  readonly hint: Text;
  readonly field?: string;
}

/** What a call threw: HQ said no, or nothing came back. */
export class HqCallError extends Error {
  override readonly name = 'HqCallError';
  readonly problem: Problem;
  /** Whether HQ may have acted although no answer came. */
  readonly unknown: boolean;

  constructor(problem: Problem, unknown: boolean) {
    super(problem.code);
    this.problem = problem;
    this.unknown = unknown;
  }
}

const UNREACHABLE: Problem = {
  code: 'unreachable',
  message: { 'zh-CN': '连接不到总部服务', en: 'Headquarters is out of reach' },
  hint: { 'zh-CN': '检查网络或稍候再试', en: 'Check the network or try again later' },
};

/** The console's way to HQ: plain HTTP calls of the one table, with the token of this tab. */
export interface HqLink {
  signedIn(): boolean;
  /** Whether HQ has refused a token that was good before: this tab was signed out, by no wish of its own. */
  wasSignedOut(): boolean;
  /** Takes a token that somebody pasted, once HQ has answered a call with it. */
  prove(token: string): Promise<void>;
  /** Exchanges the one-time code of a console link. */
  open(code: string): Promise<void>;
  signOut(): void;
  /** Calls `listener` when the token comes or goes; answers the function that ends it. */
  subscribe(listener: () => void): () => void;
  /** @param key the `Idempotency-Key` of calls that need one */
  call<Call extends HqCall>(call: Call, input: HqInput<Call>, key?: string): Promise<HqReply<Call>>;
}

/** @param memory where the token stays while this tab is open */
export function createHqLink(memory: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): HqLink {
  const listeners = new Set<() => void>();
  let signedOut = false;
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };

  function setToken(token: string | null): void {
    if (token === null) memory.removeItem(TOKEN_NAME);
    else memory.setItem(TOKEN_NAME, token);
    signedOut = false;
    tell();
  }

  async function send(path: string, init: RequestInit): Promise<unknown> {
    let answer: Response;
    let body: unknown;
    try {
      answer = await fetch(path, { ...init, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
      body = await answer.json();
    } catch {
      // No answer, half an answer, or one that is no JSON: nobody knows what HQ did.
      throw new HqCallError(UNREACHABLE, true);
    }
    if (answer.ok) return body;
    if (answer.status === 401 && memory.getItem(TOKEN_NAME) !== null) {
      setToken(null);
      signedOut = true;
    }
    throw new HqCallError(isProblem(body) ? body : UNREACHABLE, answer.status >= 500);
  }

  return {
    signedIn: () => memory.getItem(TOKEN_NAME) !== null,
    wasSignedOut: () => signedOut,
    async prove(token) {
      const { method, path } = hqApi.overview;
      await send(path, { method, headers: { authorization: `Bearer ${token}` } });
      setToken(token);
    },
    async open(code) {
      const opened = (await send(CONSOLE_CODE_PATH, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code }),
      })) as { token: string };
      setToken(opened.token);
    },
    signOut: () => setToken(null),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async call(call, input, key) {
      const { method, path } = hqApi[call];
      const fields: Record<string, unknown> = { ...(input as object) };
      const address = path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => {
        const value = String(fields[name]);
        delete fields[name];
        return encodeURIComponent(value);
      });
      const query =
        method === 'GET'
          ? new URLSearchParams(
              Object.entries(fields).map(([name, value]) => [name, String(value)]),
            )
          : '';
      const reply = await send(query.toString() === '' ? address : `${address}?${query}`, {
        method,
        headers: {
          authorization: `Bearer ${memory.getItem(TOKEN_NAME) ?? ''}`,
          ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(method === 'POST' ? { body: JSON.stringify(fields) } : {}),
      });
      return reply as never;
    },
  };
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    'message' in body &&
    'hint' in body
  );
}

/** The sentences for anything a call threw. */
export function toProblem(error: unknown): Problem {
  if (error instanceof HqCallError) return error.problem;
  throw error;
}
