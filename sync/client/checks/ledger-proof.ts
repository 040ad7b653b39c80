import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import type { CheckRecord } from '../../protocol/check.ts';
import type { HqCall, HqInput, HqReply } from '../../protocol/hq-api.ts';
import {
  type LedgerProofReply,
  type LedgerProofRequest,
  type OwnFault,
  PROOF_LEAVES_MAX,
  PROOF_NAMED_MAX,
  PROOF_NODES_MAX,
  REFILL_MAX_ENTRIES,
} from '../../protocol/ledger-proof.ts';
import { NODE_BYTES } from '../../protocol/tree-shape.ts';
import { unreachableBy } from '../call-failure.ts';
import type { SyncDeps } from '../deps.ts';
import type { Session } from '../session.ts';
import { tryStorage } from '../storage-failure.ts';
import type { Troubles } from '../troubles.ts';
import { type CheckFailure, callFailed, failureCode } from './check-failure.ts';
import { compareLeaf, type LeafDifference, leafBounds, nodesOf, scanNodes } from './ledger-scan.ts';
import { nextRefill } from './next-refill.ts';

/** Entries that one proof sends again at most; what is left is found by the next one. */
export const REFILL_PER_PROOF_MAX = 20_000;

export interface LedgerProofParts {
  readonly deps: Pick<SyncDeps, 'store' | 'clock' | 'log'>;
  readonly session: Pick<Session, 'call'>;
  readonly troubles: Pick<Troubles, 'raise' | 'clear'>;
  /** Lets waiting input and sales run first. */
  readonly yieldNow: (signal: AbortSignal) => Promise<void>;
  /** The session's `digestKey`, as bytes. */
  readonly key: Uint8Array;
  readonly why: CheckRecord['why'];
}

/** What one proof has come to so far. */
interface Tally {
  rows: number;
  missing: number;
  damaged: number;
  repaired: number;
  bytes: number;
  roundTrips: number;
  /** Headquarters lacks them or has them damaged, and they cannot be sent from here. */
  readonly lost: number[];
  /** The till's own, by their number. */
  readonly own: Map<number, OwnFault>;
  /** What differs and could not be put right. */
  left: number;
}

interface Scope {
  readonly incarnation: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The upward proof: holds the till's ledger, from its rows as they lie there, against what headquarters has of it, up to
 * the last signed receipt. What headquarters lacks or has damaged is sent again; what only headquarters had and lost, and
 * what is damaged here, is told to people on both sides. Sales go on: the ledger is read a leaf at a time.
 * @returns a record of kind `ledger`; it never rejects but for broken invariants
 */
export async function proveLedger(
  parts: LedgerProofParts,
  signal: AbortSignal,
): Promise<CheckRecord> {
  const { clock, log } = parts.deps;
  const startedAt = toInstant(clock.now());
  const tally: Tally = {
    rows: 0,
    missing: 0,
    damaged: 0,
    repaired: 0,
    bytes: 0,
    roundTrips: 0,
    lost: [],
    own: new Map(),
    left: 0,
  };
  const done = await prove(parts, tally, signal);
  if (!done.ok) log('warn', 'the ledger was not proved', { why: failureCode(done.error) });
  const stays = tally.lost.length + tally.own.size + tally.left > 0;
  const { rows, missing, damaged, repaired, bytes, roundTrips } = tally;
  return {
    kind: 'ledger',
    why: parts.why,
    startedAt,
    endedAt: toInstant(clock.now()),
    outcome: !done.ok ? 'failed' : stays ? 'stays' : repaired > 0 ? 'repaired' : 'clean',
    rows,
    missing,
    extra: 0,
    stale: 0,
    damaged,
    mended: 0,
    repaired,
    bytes,
    roundTrips,
    failure: done.ok ? null : failureCode(done.error),
  };
}

async function prove(
  parts: LedgerProofParts,
  tally: Tally,
  signal: AbortSignal,
): Promise<Result<void, CheckFailure>> {
  const { store } = parts.deps;
  const read = tryStorage(() => ({ ...store.ledger.range(), received: store.received().seq }));
  if (!read.ok) return read;
  const { from, base, head, received } = read.value;
  const scope: Scope = {
    incarnation: store.incarnation,
    from,
    to: Math.max(from, Math.min(received, head.seq)),
  };
  const { first, count } = nodesOf(scope.from, scope.to);
  const differing: LeafDifference[] = [];
  let behind: number | null = null;
  for (let node = first; node < first + count; node += PROOF_NODES_MAX) {
    const some = Math.min(PROOF_NODES_MAX, first + count - node);
    const found = await compareNodes(parts, tally, scope, node, some, signal);
    if (!found.ok) return found;
    differing.push(...found.value.differing);
    const ownHead = tryStorage(() => store.ledger.range().head.seq);
    if (!ownHead.ok) return ownHead;
    // Asked after the answer came: what was sold and sent meanwhile is no fork.
    if (found.value.headSeq > ownHead.value) behind = ownHead.value;
  }
  const refilled = await settle(parts, tally, { differing, base }, signal);
  if (!refilled.ok) return refilled;
  return report(parts, tally, scope, behind, signal);
}

async function compareNodes(
  parts: LedgerProofParts,
  tally: Tally,
  scope: Scope,
  first: number,
  count: number,
  signal: AbortSignal,
): Promise<Result<{ headSeq: number; differing: LeafDifference[] }, CheckFailure>> {
  const { deps, key } = parts;
  const { ledger } = deps.store;
  const yieldNow = () => parts.yieldNow(signal);
  const scan = { ledger, key, from: scope.from, to: scope.to, yieldNow };
  const sums = await scanNodes(scan, first, count);
  if (!sums.ok) return sums;
  tally.rows += sums.value.entries;
  for (const { seq, why } of sums.value.faults) tally.own.set(seq, why);
  const { nodes } = sums.value;
  const answer = await ask(
    parts,
    tally,
    { t: 'nodes', ...scope, first, sums: nodes.toString('base64') },
    signal,
  );
  if (!answer.ok) return answer;
  const leaves = answer.value.differ.flatMap(({ node, leaves: theirs }) =>
    Array.from({ length: 16 }, (_, n) => 16 * node + n).filter((leaf, n) => {
      const there = Buffer.from(theirs, 'base64').subarray(n * NODE_BYTES, (n + 1) * NODE_BYTES);
      return !sums.value.leaf(leaf).equals(there);
    }),
  );
  const differing: LeafDifference[] = [];
  for (let n = 0; n < leaves.length; n += PROOF_LEAVES_MAX) {
    const some = leaves.slice(n, n + PROOF_LEAVES_MAX);
    const digests = await ask(parts, tally, { t: 'leaves', ...scope, leaves: some }, signal);
    if (!digests.ok) return digests;
    const theirs = new Map(digests.value.entries);
    for (const leaf of some) {
      await yieldNow();
      const bounds = leafBounds(leaf, scope.from, scope.to);
      const own = tryStorage(() => ledger.contents(bounds.after, bounds.to));
      if (!own.ok) return own;
      differing.push(...compareLeaf(own.value, key, theirs));
    }
  }
  return ok({ headSeq: answer.value.headSeq, differing });
}

/** Sends again what headquarters lacks or has otherwise, the last first: each entry is proved by the one after it. */
async function settle(
  parts: LedgerProofParts,
  tally: Tally,
  { differing, base }: { readonly differing: readonly LeafDifference[]; readonly base: number },
  signal: AbortSignal,
): Promise<Result<void, CheckFailure>> {
  const { store } = parts.deps;
  const missing = new Set(
    differing.filter(({ there }) => there === 'missing').map(({ seq }) => seq),
  );
  tally.missing += missing.size;
  tally.damaged += differing.length - missing.size;
  // Where only the till's own is in doubt and headquarters has the entry, nothing says that it is not whole there.
  const lost = differing.filter(({ seq, there }) =>
    tally.own.has(seq) ? there === 'missing' : seq <= base,
  );
  tally.lost.push(...lost.map(({ seq }) => seq));
  const wanted = differing
    .map(({ seq }) => seq)
    .filter((seq) => seq > base && !tally.own.has(seq))
    .sort((a, b) => b - a);
  const sent = wanted.slice(0, REFILL_PER_PROOF_MAX);
  tally.left += wanted.length - sent.length;
  for (let n = 0; n < sent.length; ) {
    const slice = sent.slice(n, n + REFILL_MAX_ENTRIES);
    const read = tryStorage(() => store.ledger.entries(slice));
    if (!read.ok) return read;
    const { entries, used, gone } = nextRefill(slice, read.value);
    n += used;
    tally.lost.push(...gone);
    if (entries.length === 0) continue;
    const { incarnation } = store;
    const answer = await call(parts, tally, 'refillLedger', { incarnation, entries }, signal);
    if (!answer.ok) return answer;
    for (const { seq, outcome } of answer.value.outcomes) {
      if (outcome === 'refilled' || outcome === 'mended') tally.repaired += 1;
      if (outcome === 'till-damaged') tally.own.set(seq, 'sealed');
      if (outcome === 'unproved' || outcome === 'forked') tally.left += 1;
    }
  }
  return ok(undefined);
}

/** Tells people on both sides what could not be put right; here it stays shown until a proof finds nothing of it. */
async function report(
  parts: LedgerProofParts,
  tally: Tally,
  scope: Scope,
  behind: number | null,
  signal: AbortSignal,
): Promise<Result<void, CheckFailure>> {
  const { troubles } = parts;
  const { own } = tally;
  const lost = tally.lost.toSorted((a, b) => a - b);
  if (lost.length > 0) troubles.raise('ledger-lost', `seq ${named(lost)}`);
  else troubles.clear('ledger-lost');
  if (own.size > 0) troubles.raise('ledger-damaged', `seq ${named([...own.keys()])}`);
  else troubles.clear('ledger-damaged');
  if (behind !== null) tally.left += 1;
  if (lost.length === 0 && own.size === 0 && behind === null) return ok(undefined);
  const told = await ask(
    parts,
    tally,
    {
      t: 'report',
      ...scope,
      lost: lost.slice(0, PROOF_NAMED_MAX),
      lostCount: lost.length,
      damaged: [...own].slice(0, PROOF_NAMED_MAX).map(([seq, why]) => ({ seq, why })),
      damagedCount: own.size,
      behind,
    },
    signal,
  );
  return told.ok ? ok(undefined) : told;
}

function named(seqs: readonly number[]): string {
  const shown = seqs.slice(0, 10).join(', ');
  return seqs.length > 10 ? `${shown} +${seqs.length - 10}` : shown;
}

async function ask<T extends LedgerProofRequest['t']>(
  parts: LedgerProofParts,
  tally: Tally,
  question: Extract<LedgerProofRequest, { t: T }>,
  signal: AbortSignal,
): Promise<Result<Extract<LedgerProofReply, { t: T }>, CheckFailure>> {
  const answer = await call(parts, tally, 'proveLedger', question, signal);
  if (!answer.ok) return answer;
  if (answer.value.t !== question.t)
    return err(callFailed(unreachableBy('wrong-answer', `the answer is to ${answer.value.t}`)));
  return ok(answer.value as Extract<LedgerProofReply, { t: T }>);
}

async function call<Name extends HqCall & ('proveLedger' | 'refillLedger')>(
  { session }: LedgerProofParts,
  tally: Tally,
  name: Name,
  input: HqInput<Name>,
  signal: AbortSignal,
): Promise<Result<HqReply<Name>, CheckFailure>> {
  const answer = await session.call(name, input, { signal });
  tally.roundTrips += 1;
  if (name === 'proveLedger') tally.bytes += Buffer.byteLength(JSON.stringify(input));
  if (!answer.ok) return err(callFailed(answer.error));
  tally.bytes += Buffer.byteLength(JSON.stringify(answer.value));
  return answer;
}
