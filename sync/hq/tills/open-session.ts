import { GENESIS_HASH } from '../../../agent/contract/ledger.ts';
import { assert, err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { SESSION_TTL_MS, type SessionReply, type SessionRequest } from '../../protocol/session.ts';
import { requestSignatureFits } from '../../protocol/signed-request.ts';
import { CHECKS_SINCE, PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '../../protocol/version.ts';
import { readDigestKey } from '../checks/read-digest-key.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps } from '../deps.ts';
import { raiseAlarm } from './alarms.ts';
import { followIncarnation } from './begin-ledger.ts';
import { readChallenge } from './challenge.ts';
import { publicKeyOf } from './public-key.ts';
import { secretHash } from './secret-hash.ts';
import { makeSessionToken } from './session-token.ts';
import { readTimeline } from './timeline.ts';

interface TillRow {
  readonly state: string;
  readonly public_key: string | null;
  readonly incarnation: string | null;
  readonly proof: string | null;
  readonly registered_at_ms: number | null;
  readonly challenge_at_ms: number | null;
}

/**
 * Opens a session. Checked in this order: a protocol that both speak; the challenge is fresh and this till's
 * (`unauthenticated`); the till is known; it signed the request (`unauthenticated`); it is not revoked or copied; its
 * incarnation, or the former one that it names; its proof. A till that shows neither what HQ remembers nor what HQ was just told is a copy: from then on all
 * copies are refused until one registers again, for HQ cannot know which is the right one. An old proof under a challenge
 * older than that of the last session, or made before a restore, is only late (`unauthenticated`). Where HQ remembers none, since the till has just
 * registered or HQ was restored from a backup (see `startNewTimeline`), the first one shown counts.
 */
export async function openSession(
  deps: HqDeps,
  request: SessionRequest,
): Promise<Result<SessionReply, HqFailure>> {
  const { tillId, incarnation } = request;
  if (request.protocol < PROTOCOL_VERSION_MIN)
    return err(
      hqFailure('protocol-unsupported', 'protocol', {
        oldest: PROTOCOL_VERSION_MIN,
        newest: PROTOCOL_VERSION,
      }),
    );
  const challenged = readChallenge(deps, tillId, request.challenge);
  if (challenged === undefined) return err(hqFailure('unauthenticated', 'challenge'));
  const { atMs: challengedMs } = challenged;
  const nowMs = deps.nowMs();
  return deps.db.transaction(async (tx) => {
    const [till] = await tx.query<TillRow>(
      `SELECT state, public_key, incarnation, proof, registered_at_ms, challenge_at_ms
       FROM tills WHERE till_id = $1 FOR UPDATE`,
      [tillId],
    );
    const key = till?.public_key == null ? undefined : publicKeyOf(till.public_key);
    if (till === undefined || key === undefined) return err(hqFailure('till-unknown', 'tillId'));
    if (!requestSignatureFits('tillside/session/1', request, key))
      return err(hqFailure('unauthenticated', 'signature'));
    if (till.state === 'revoked') return err(hqFailure('till-revoked'));
    if (till.state === 'copied') return err(hqFailure('till-copied'));
    const { former = [] } = request;
    const isFollowed = former.some((one) => one.incarnation === till.incarnation);
    if (till.incarnation !== incarnation && !isFollowed)
      return err(hqFailure('incarnation-unknown', 'incarnation'));
    const timeline = await readTimeline(tx);
    // Held up on the way while headquarters was restored: by what HQ forgot its till has gone on since, and its proof is old.
    if (challenged.timeline !== undefined && challenged.timeline !== timeline)
      return err(hqFailure('unauthenticated', 'challenge'));
    if (!proofFits(till.proof, request)) {
      // A request that was held up on the way while a later one was taken: its till has gone on long since. A later one counts
      // as later also where this clock was set back in between; of a challenge from the future nobody knows which was first.
      if (challengedMs < (till.challenge_at_ms ?? 0) || challengedMs > nowMs)
        return err(hqFailure('unauthenticated', 'challenge'));
      await tx.query("UPDATE tills SET state = 'copied' WHERE till_id = $1", [tillId]);
      await raiseAlarm(tx, { atMs: nowMs, code: 'till-copied', tillId });
      return err(hqFailure('till-copied'));
    }
    if (till.incarnation !== incarnation) {
      await followIncarnation(tx, tillId, incarnation, former);
      await raiseAlarm(tx, { atMs: nowMs, code: 'till-renewed', tillId, detail: incarnation });
    }
    const protocol = Math.min(request.protocol, PROTOCOL_VERSION);
    await tx.query(
      `UPDATE tills SET proof = $2, protocol = $3, version = $4, last_seen_ms = $5, clock_offset_ms = $6,
         challenge_at_ms = greatest(challenge_at_ms + 1, $7)
       WHERE till_id = $1`,
      [
        tillId,
        secretHash(request.nextProof),
        protocol,
        request.version,
        nowMs,
        Date.parse(request.clock) - nowMs,
        challengedMs,
      ],
    );
    const registered = till.registered_at_ms;
    assert(registered !== null, 'a till with a key was registered at some time');
    return ok({
      token: makeSessionToken(deps, { till: tillId, incarnation, protocol, registered, timeline }),
      expiresInMs: SESSION_TTL_MS,
      at: toInstant(nowMs),
      timeline,
      protocol,
      received: await receivedOf(tx, tillId, incarnation),
      ...(protocol < CHECKS_SINCE ? {} : { digestKey: await readDigestKey(tx) }),
    });
  });
}

/** `remembered` is the hash of the proof; a request that is repeated because its answer was lost shows its own. */
function proofFits(remembered: string | null, { proofs, nextProof }: SessionRequest): boolean {
  if (remembered === null) return true;
  return [...proofs, nextProof].some((proof) => secretHash(proof) === remembered);
}

async function receivedOf(
  tx: HqSession,
  tillId: string,
  incarnation: string,
): Promise<SessionReply['received']> {
  const [head] = await tx.query<{
    seq: number;
    hash: string;
    outbox_no: number;
    backed_up_seq: number;
  }>(
    `SELECT seq, hash, outbox_no, backed_up_seq FROM ledger_heads
     WHERE till_id = $1 AND incarnation = $2`,
    [tillId, incarnation],
  );
  if (head === undefined) return { seq: 0, hash: GENESIS_HASH, outboxNo: 0, backedUpSeq: 0 };
  return {
    seq: head.seq,
    hash: head.hash,
    outboxNo: head.outbox_no,
    backedUpSeq: head.backed_up_seq,
  };
}
