import { type EntryReply, err, type Failure, failure, ok, type Result } from '../contract/index.ts';
import { canonicalJson } from '../domain/ledger/canonical-json.ts';
import type { StoredReply } from '../store/store.ts';
import type { TillContext } from './context.ts';
import type { Caller } from './till.ts';

/** Idempotency keys and their answers are kept so long (research on POS retries: days at most). */
export const REPLIES_KEPT_MS = 30 * 24 * 60 * 60_000;

/** One operation under a key, before it is known whether it was done already. */
export interface Keyed {
  readonly clientId: string;
  readonly key: string;
  readonly operation: StoredReply['operation'];
  readonly target: string;
  readonly body: unknown;
}

export interface Idempotency {
  /** The answer given before; nothing where the key is fresh; `key-reused` where it came with something else. */
  earlier(keyed: Keyed): Result<EntryReply | undefined, Failure>;
  /** Keeps the answer; call inside the entry's own transaction. */
  keep(keyed: Keyed, reply: EntryReply): void;
}

/** Keys belong to whoever sends them; the till's own screens share one name. */
export function keyOwner(caller: Caller): string {
  return caller.kind === 'client' ? caller.clientId : 'screen';
}

/** Answers by idempotency key: the same key and body repeat the answer, another body is refused. */
export function createIdempotency(context: TillContext): Idempotency {
  const { replies } = context.store;
  const bodyHash = (keyed: Keyed): string => context.hash(canonicalJson(keyed.body));
  return {
    earlier(keyed) {
      const stored = replies.get(keyed.clientId, keyed.key);
      if (stored === undefined) return ok(undefined);
      const same =
        stored.operation === keyed.operation &&
        stored.target === keyed.target &&
        stored.bodyHash === bodyHash(keyed);
      return same ? ok(stored.reply) : err(failure('key-reused', 'idempotency-key'));
    },
    keep(keyed, reply) {
      const { clientId, key, operation, target } = keyed;
      replies.put({
        clientId,
        key,
        operation,
        target,
        bodyHash: bodyHash(keyed),
        reply,
        atMs: context.nowMs(),
      });
    },
  };
}
