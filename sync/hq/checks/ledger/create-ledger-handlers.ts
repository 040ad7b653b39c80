import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { type HqFailure, hqFailure } from '../../../protocol/hq-error.ts';
import type { LedgerProofReply, LedgerProofRequest } from '../../../protocol/ledger-proof.ts';
import { NODE_BYTES } from '../../../protocol/tree-shape.ts';
import { CHECKS_SINCE } from '../../../protocol/version.ts';
import { tillOf } from '../../books/callers.ts';
import { noteFork } from '../../books/intake/note-fork.ts';
import { forked } from '../../books/intake/place-items.ts';
import type { HqSession } from '../../database/database.ts';
import type { HqCaller, HqDeps, HqHandlers, TillCaller } from '../../deps.ts';
import { raiseAlarmOnce } from '../../tills/alarms.ts';
import { auditLedger, rangesOf } from './audit-ledger.ts';
import { leafDigests, type ProofScope, sumNodes } from './ledger-sums.ts';
import { createRefill } from './refill-ledger.ts';

/** The upward proof: what HQ holds of a till's ledger against the till's own. */
export function createLedgerHandlers(
  deps: HqDeps,
): Pick<HqHandlers, 'proveLedger' | 'refillLedger'> {
  const refill = createRefill(deps);
  return {
    async proveLedger(caller, asked) {
      const till = proving(caller, asked.incarnation);
      return till.ok ? ok(await prove(deps, till.value, asked)) : till;
    },
    async refillLedger(caller, input) {
      const till = proving(caller, input.incarnation);
      return till.ok ? refill(till.value, input) : till;
    },
  };
}

/** A till that speaks of its present database, in a protocol that knows proofs. */
function proving(caller: HqCaller, incarnation: string): Result<TillCaller, HqFailure> {
  const till = tillOf(caller);
  if (!till.ok) return till;
  if (till.value.protocol < CHECKS_SINCE)
    return err(hqFailure('protocol-unsupported', 'protocol', { oldest: CHECKS_SINCE }));
  return till.value.incarnation === incarnation
    ? till
    : err(hqFailure('incarnation-unknown', 'incarnation'));
}

async function prove(
  deps: HqDeps,
  till: TillCaller,
  asked: LedgerProofRequest,
): Promise<LedgerProofReply> {
  const { from, to } = asked;
  const { db } = deps;
  const scope: ProofScope = { tillId: till.tillId, incarnation: till.incarnation, from, to };
  switch (asked.t) {
    case 'nodes': {
      const theirs = Buffer.from(asked.sums, 'base64');
      const sums = await sumNodes(db, scope, asked.first, theirs.length / NODE_BYTES);
      const differ = sums.flatMap(({ node, leaves }, n) => {
        const own = theirs.subarray(n * NODE_BYTES, (n + 1) * NODE_BYTES);
        if (node.equals(own)) return [];
        return [{ node: asked.first + n, leaves: leaves.toString('base64') }];
      });
      return { t: 'nodes', headSeq: await headSeq(db, till), differ };
    }
    case 'leaves': {
      const entries: [number, string][] = [];
      for (const leaf of asked.leaves) entries.push(...(await leafDigests(db, scope, leaf)));
      return { t: 'leaves', entries };
    }
    default:
      await takeReport(deps, till, asked);
      return { t: 'report' };
  }
}

async function headSeq(session: HqSession, { tillId, incarnation }: TillCaller): Promise<number> {
  const [head] = await session.query<{ seq: number }>(
    'SELECT seq FROM ledger_heads WHERE till_id = $1 AND incarnation = $2',
    [tillId, incarnation],
  );
  return head?.seq ?? 0;
}

/** What a till could not put right becomes an alarm, once for the same, with an audit row that names the entries. */
async function takeReport(
  deps: HqDeps,
  till: TillCaller,
  { lost, lostCount, damaged, damagedCount, behind }: Extract<LedgerProofRequest, { t: 'report' }>,
): Promise<void> {
  const { tillId, incarnation } = till;
  if (lostCount > 0) await tell('ledger-lost', lost, lostCount);
  if (damagedCount > 0)
    await tell(
      'ledger-till-damaged',
      damaged.map((one) => one.seq),
      damagedCount,
    );
  if (behind !== null && (await headSeq(deps.db, till)) > behind)
    await noteFork(deps, till, forked(behind + 1));

  async function tell(code: string, seqs: readonly number[], count: number): Promise<void> {
    const detail = `${incarnation} seq ${rangesOf(seqs)}${count > seqs.length ? ` +${count - seqs.length}` : ''}`;
    const atMs = deps.nowMs();
    await deps.db.transaction(async (tx) => {
      if (!(await raiseAlarmOnce(tx, { atMs, code, tillId, detail }))) return;
      deps.log('error', 'the ledgers of a till and of headquarters differ', { tillId, code });
      await auditLedger(tx, { tillId, atMs, action: code, detail: { incarnation, seqs, count } });
    });
  }
}
