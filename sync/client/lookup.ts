import { memberIdSchema } from '../../agent/contract/ids.ts';
import type { MemberId } from '../../agent/contract/index.ts';
import { err, ok, type Result } from '../../agent/contract/result.ts';
import type { FeedRow } from '../protocol/feed.ts';
import { lookupRequestSchema } from '../protocol/member-lookup.ts';
import type { SyncDeps } from './deps.ts';
import {
  type Applied,
  LOOKUP_DEADLINE_MS,
  type LookupRefusal,
  type MemberLookupPort,
} from './ports.ts';
import type { Session } from './session.ts';
import { tryStorage } from './storage-failure.ts';

/** A late answer is still taken for so long, in milliseconds: the next scan of the card then finds the member. */
export const LOOKUP_LATE_MS = 5_000;
/** That headquarters knows nobody is remembered for so long, in milliseconds ... */
export const LOOKUP_NOBODY_MS = 30_000;
/** ... and for so many values. */
export const LOOKUP_NOBODY_MAX = 200;
/** Questions under way at a time; a further one is answered as unreachable at once. */
export const LOOKUPS_OPEN_MAX = 8;

type Answer = Result<readonly MemberId[], LookupRefusal>;

export interface Lookup extends MemberLookupPort {
  /** Settles once no question is under way. */
  settled(): Promise<void>;
}

export interface LookupParts {
  readonly deps: SyncDeps;
  readonly session: Session;
  readonly reachable: () => boolean;
  readonly onApplied: (applied: Applied) => void;
}

/** Asks headquarters for members beyond this till's scope: once for each value at a time, beside the sale. */
export function createLookup({ deps, session, reachable, onApplied }: LookupParts): Lookup {
  const { store, clock, timers, log } = deps;
  const underWay = new Map<string, Promise<Answer>>();
  const nobody = new Map<string, number>();

  function knownNobody(question: string): boolean {
    const sinceMs = nobody.get(question);
    if (sinceMs === undefined) return false;
    if (clock.monoMs() - sinceMs <= LOOKUP_NOBODY_MS) return true;
    nobody.delete(question);
    return false;
  }

  function rememberNobody(question: string): void {
    const oldest = nobody.keys().next();
    if (nobody.size >= LOOKUP_NOBODY_MAX && !oldest.done) nobody.delete(oldest.value);
    nobody.set(question, clock.monoMs());
  }

  async function ask(question: string, input: unknown): Promise<Answer> {
    const parsed = lookupRequestSchema.safeParse(input);
    // What has not the form of a card or a phone is nobody's.
    if (!parsed.success) return ok([]);
    const late = new AbortController();
    const timer = timers.set(LOOKUP_LATE_MS, () => late.abort());
    const reply = await session.call('findMember', parsed.data, { signal: late.signal });
    timers.clear(timer);
    if (!reply.ok) return err({ code: 'lookup-unreachable' });
    const { rows } = reply.value;
    if (rows.length === 0) {
      rememberNobody(question);
      return ok([]);
    }
    const applied = tryStorage(() => store.applyAhead(rows));
    if (!applied.ok) {
      log('error', 'a member found at headquarters was not stored', { code: applied.error.detail });
      return err({ code: 'lookup-unreachable' });
    }
    onApplied(applied.value);
    return ok(memberIds(rows));
  }

  return {
    async find(query) {
      const question = `${query.by}\n${query.value}`;
      if (knownNobody(question)) return ok([]);
      let answer = underWay.get(question);
      if (answer === undefined) {
        if (!reachable() || underWay.size >= LOOKUPS_OPEN_MAX)
          return err({ code: 'lookup-unreachable' });
        answer = ask(question, query).finally(() => underWay.delete(question));
        underWay.set(question, answer);
      }
      let timer: unknown;
      const deadline = new Promise<Answer>((resolve) => {
        timer = timers.set(LOOKUP_DEADLINE_MS, () => resolve(err({ code: 'lookup-unreachable' })));
      });
      const first = await Promise.race([answer, deadline]);
      timers.clear(timer);
      return first;
    },
    async settled() {
      await Promise.all(underWay.values());
    },
  };
}

/** Members of an answer who are there, in its order. */
function memberIds(rows: readonly FeedRow[]): MemberId[] {
  return rows.flatMap(([table, key, , body]) => {
    const id = table === 'member' && body !== null ? memberIdSchema.safeParse(key) : undefined;
    return id?.success === true ? [id.data] : [];
  });
}
