import type { KeyObject } from 'node:crypto';
import { toInstant } from '../../agent/contract/time.ts';
import type { SessionRequest } from '../protocol/session.ts';
import { signRequest } from '../protocol/signed-request.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { SyncDeps } from './deps.ts';
import { tryStorage } from './storage-failure.ts';

const PROOF_BYTES = 24;

/**
 * Picks the proofs of a session request: what HQ may believe, and what takes its place. That is on the disk before it is
 * sent, and sent again until HQ is known to have heard of it.
 * @returns `null` where the disk takes no first proof
 */
function pickProofs({
  store,
  random,
}: Pick<SyncDeps, 'store' | 'random'>): { readonly shown: string[]; readonly next: string } | null {
  const shown = store.proofs().slice(-2);
  const fresh = Buffer.from(random(PROOF_BYTES)).toString('base64url');
  const staged = tryStorage(() => store.stageProof(fresh));
  if (staged.ok) return { shown, next: staged.value };
  // A full disk must not keep the ledger from headquarters: the proof stays as it is until there is room.
  const last = shown.at(-1);
  return last === undefined ? null : { shown, next: last };
}

/** Makes and signs the request that opens a session; `null` where the disk takes no first proof. */
export function makeSessionRequest(
  deps: SyncDeps,
  challenge: string,
  key: KeyObject,
): SessionRequest | null {
  const proofs = pickProofs(deps);
  if (proofs === null) return null;
  const { store, clock, version } = deps;
  const former = store.former();
  const fields = {
    ...(former.length === 0 ? {} : { former: [...former] }),
    tillId: store.tillId as SessionRequest['tillId'],
    incarnation: store.incarnation,
    protocol: PROTOCOL_VERSION,
    version,
    challenge,
    timeline: store.timeline(),
    proofs: proofs.shown,
    nextProof: proofs.next,
    clock: toInstant(clock.now()),
  };
  return { ...fields, signature: signRequest('tillside/session/1', fields, key) };
}
