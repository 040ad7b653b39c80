import { type SyncView, toInstant } from '../contract/index.ts';
import { showChecks } from './check-words.ts';
import type { TillContext } from './context.ts';
import { syncReason, syncTroubles, worksAndWaits } from './sync-words.ts';

const instantOrNull = (epochMs: number | null): string | null =>
  epochMs === null ? null : toInstant(epochMs);

/** Where the till stands with headquarters; answers from memory and one small read. */
export function showSync({ deps, store }: TillContext): SyncView {
  const facts = deps.headquarters.facts();
  const { works, waits } = worksAndWaits(facts.state);
  return {
    state: facts.state,
    since: toInstant(facts.sinceMs),
    reason: syncReason(facts),
    troubles: syncTroubles(facts),
    works: [...works],
    waits: [...waits],
    url: facts.url,
    transport: facts.transport,
    timeline: facts.timeline,
    pos: facts.pos,
    headPos: facts.headPos,
    lastHeardAt: instantOrNull(facts.lastHeardMs),
    lastAppliedAt: instantOrNull(facts.lastAppliedMs),
    waiting: facts.waiting,
    oldestWaitingAt: instantOrNull(facts.oldestWaitingMs),
    ledgerSeq: store.ledger.head().seq,
    receivedSeq: facts.receivedSeq,
    backedUpSeq: facts.backedUpSeq,
    clockOffsetMs: facts.clockOffsetMs,
    snapshot: { ...facts.snapshot },
    attempts: facts.attempts,
    nextAttemptAt: instantOrNull(facts.nextAttemptMs),
    ...(facts.checks === undefined ? {} : { checks: showChecks(facts.checks) }),
  };
}
