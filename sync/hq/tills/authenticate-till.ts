import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { HqDeps, TillCaller } from '../deps.ts';
import { readSessionToken } from './session-token.ts';

/** A till that may call, until its session ends. */
export interface AuthenticTill {
  readonly caller: TillCaller;
  /** Which registration of the till this session belongs to. */
  readonly registered: number;
  /** On which timeline it was opened; `undefined` = its token does not say. */
  readonly timeline: string | undefined;
  /** When the session ends by HQ's clock, in epoch milliseconds. */
  readonly endsMs: number;
}

interface TillState {
  readonly till_id: string;
  readonly store_id: string;
  readonly state: string;
  readonly incarnation: string | null;
  readonly registered_at_ms: number | null;
  /** Of headquarters, now. */
  readonly timeline: string;
}

const STATE_COLUMNS = `till_id, store_id, state, incarnation, registered_at_ms,
  (SELECT value FROM hq_meta WHERE name = 'timeline') AS timeline`;

/** Proves by its session token that a till calls, and sees that HQ still lets it. */
export async function authenticateTill(
  deps: Pick<HqDeps, 'db' | 'nowMs' | 'keys'>,
  token: string,
): Promise<Result<AuthenticTill, HqFailure>> {
  const facts = readSessionToken(deps, token);
  if (facts === undefined) return err(hqFailure('unauthenticated'));
  const [row] = await deps.db.query<TillState>(
    `SELECT ${STATE_COLUMNS} FROM tills WHERE till_id = $1`,
    [facts.till],
  );
  const refused = refusalOf(row, facts);
  if (row === undefined || refused !== undefined) return err(refused ?? hqFailure('till-unknown'));
  const { till: tillId, incarnation, protocol } = facts;
  return ok({
    caller: { kind: 'till', tillId, storeId: row.store_id, incarnation, protocol },
    registered: facts.registered,
    timeline: facts.timeline,
    endsMs: facts.ends,
  });
}

/** Which of these tills HQ does not let go on, by till id: what ends streams that are open. */
export async function refusedTills(
  { db }: Pick<HqDeps, 'db'>,
  tills: readonly AuthenticTill[],
): Promise<Map<AuthenticTill, HqFailure>> {
  const rows = await db.query<TillState>(
    `SELECT ${STATE_COLUMNS} FROM tills WHERE till_id = ANY($1)`,
    [tills.map(({ caller }) => caller.tillId)],
  );
  const byId = new Map(rows.map((row) => [row.till_id, row]));
  const refused = new Map<AuthenticTill, HqFailure>();
  for (const till of tills) {
    const { caller, registered, timeline } = till;
    const row = byId.get(caller.tillId);
    const failure = refusalOf(row, { incarnation: caller.incarnation, registered, timeline });
    if (failure !== undefined) refused.set(till, failure);
  }
  return refused;
}

/**
 * A session belongs to the timeline on which it was opened: of a headquarters that was restored meanwhile the till has to hear
 * first what it still has, or a check of its ledger would find missing what is about to be sent again.
 */
function refusalOf(
  row: TillState | undefined,
  session: {
    readonly incarnation: string;
    readonly registered: number;
    readonly timeline?: string | undefined;
  },
): HqFailure | undefined {
  if (row === undefined || row.state === 'waiting') return hqFailure('till-unknown');
  if (row.state === 'revoked') return hqFailure('till-revoked');
  if (row.state === 'copied') return hqFailure('till-copied');
  const same =
    row.incarnation === session.incarnation &&
    row.registered_at_ms === session.registered &&
    (session.timeline === undefined || session.timeline === row.timeline);
  return same ? undefined : hqFailure('unauthenticated');
}
