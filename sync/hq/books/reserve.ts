import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { ALLOWANCES_OPEN_MAX } from '../../protocol/allowance.ts';
import type { PointsAccount } from '../../protocol/feed.ts';
import type { HqInput, HqReply } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps, HqHandler, TillCaller } from '../deps.ts';
import { emptyAccount } from './account.ts';
import { tillOf } from './callers.ts';
import { chainDay } from './chain-day.ts';
import { livingOf, readMembers } from './held-members.ts';
import { availablePoints } from './open-points.ts';
import { transact } from './transact.ts';

type Request = HqInput<'reserve'>;
type Reply = HqReply<'reserve'>;

interface Reservation {
  readonly till_id: string;
  readonly incarnation: string;
  readonly member_id: string | null;
  readonly evaluation_id: string;
  readonly kind: 'points' | 'coupon';
  readonly points: number | null;
  /** Category of the points; null = `base`. */
  readonly bucket: string | null;
  readonly coupon: string | null;
  readonly state: 'open' | 'settled' | 'released';
}

/** The class of advisory locks under which one till's reservations are counted. */
const TILL_LOCKS = 7_464;
/** The class of advisory locks under which the uses of one coupon are counted. */
const COUPON_LOCKS = 7_465;

/**
 * Reserves points or a coupon for a held sale. Points are never promised twice: what is granted lies within what the
 * account has today less every open reservation, and the account is locked meanwhile. Reservations do not end by time.
 * A coupon is granted while fewer than its uses are open or settled, counted under a lock of its own. What the sale to be
 * replaced has reserved counts as free, points and coupons alike, and stays reserved until its till gives it back: a hold
 * that is refused leaves the older one as it was.
 * `available` is what this request could have: the points free for it, or 1 and 0 for a coupon.
 */
export function createReserve(deps: HqDeps): HqHandler<'reserve'> {
  async function reserve(
    tx: HqSession,
    till: TillCaller,
    request: Request,
  ): Promise<Result<Reply, HqFailure>> {
    await tx.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [TILL_LOCKS, till.tillId]);
    const earlier = await findReservation(tx, request.allowanceId);
    if (earlier !== undefined && !(await isSame(tx, earlier, till, request)))
      return err(hqFailure('key-reused', 'allowanceId'));
    if (earlier === undefined && (await openCount(tx, till)) >= ALLOWANCES_OPEN_MAX)
      return err(hqFailure('too-many-open'));
    return request.what.kind === 'points'
      ? points(tx, till, request, request.what, earlier)
      : ok(await coupon(tx, till, request, request.what, earlier));
  }

  async function points(
    tx: HqSession,
    till: TillCaller,
    request: Request,
    { points: wanted, bucket }: Extract<Request['what'], { kind: 'points' }>,
    earlier: Reservation | undefined,
  ): Promise<Result<Reply, HqFailure>> {
    if (request.memberId === null) return err(hqFailure('invalid-input', 'memberId'));
    const { memberId } = livingOf(await readMembers(tx, [request.memberId]), request.memberId);
    const account = await lockAccount(tx, memberId);
    const today = chainDay(deps.nowMs(), deps.timeZone);
    const available = await availablePoints(tx, account, today, bucket, {
      tillId: till.tillId,
      incarnation: till.incarnation,
      evaluationId: request.replaces ?? null,
      allowanceId: request.allowanceId,
    });
    if (earlier !== undefined) return ok({ granted: earlier.state !== 'released', available });
    const granted = wanted <= available;
    if (granted) await insert(tx, till, request, { memberId, points: wanted, coupon: null });
    return ok({ granted, available });
  }

  async function coupon(
    tx: HqSession,
    till: TillCaller,
    request: Request,
    { code, times = 1 }: Extract<Request['what'], { kind: 'coupon' }>,
    earlier: Reservation | undefined,
  ): Promise<Reply> {
    let granted = earlier !== undefined && earlier.state !== 'released';
    if (earlier === undefined) {
      await tx.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [COUPON_LOCKS, code]);
      const replaced = await heldByReplaced(tx, till, request.replaces, code);
      granted =
        (await usesTaken(tx, code)) - replaced < times &&
        (await insert(tx, till, request, {
          memberId: request.memberId,
          points: null,
          coupon: code,
          isBeside: replaced > 0,
        }));
    }
    return { granted, available: granted ? 1 : 0 };
  }

  /** Whether the row was written: a coupon that somebody holds or has used is refused by its unique index. */
  async function insert(
    tx: HqSession,
    till: TillCaller,
    request: Request,
    what: {
      memberId: string | null;
      points: number | null;
      coupon: string | null;
      /** It stands beside the reservation of the sale to be replaced. */
      isBeside?: boolean;
    },
  ): Promise<boolean> {
    const rows = await tx.query(
      `INSERT INTO allowances (allowance_id, till_id, incarnation, member_id, evaluation_id, kind, points, coupon,
         state, hold_until_ms, created_at_ms, bucket, times)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10, $11, $12)
       ON CONFLICT (coupon) WHERE kind = 'coupon' AND times IS NULL AND state IN ('open', 'settled') DO NOTHING
       RETURNING allowance_id`,
      [
        request.allowanceId,
        till.tillId,
        till.incarnation,
        what.memberId,
        request.evaluationId,
        request.what.kind,
        what.points,
        what.coupon,
        Date.parse(request.holdUntil),
        deps.nowMs(),
        request.what.kind === 'points' ? (request.what.bucket ?? null) : null,
        request.what.kind === 'coupon' ? timesOf(request.what.times, what.isBeside) : null,
      ],
    );
    return rows.length > 0;
  }

  return async (caller, request) => {
    const till = tillOf(caller);
    if (!till.ok) return till;
    return transact(deps, (tx) => reserve(tx, till.value, request));
  };
}

async function findReservation(tx: HqSession, id: string): Promise<Reservation | undefined> {
  const [row] = await tx.query<Reservation>(
    `SELECT till_id, incarnation, member_id, evaluation_id, kind, points, bucket, coupon, state FROM allowances
     WHERE allowance_id = $1`,
    [id],
  );
  return row;
}

/** Whether a reservation is this request's own. One that was given back may be known by its id alone. */
async function isSame(
  tx: HqSession,
  row: Reservation,
  till: TillCaller,
  { evaluationId, memberId, what }: Request,
): Promise<boolean> {
  if (row.till_id !== till.tillId || row.incarnation !== till.incarnation) return false;
  if (row.state === 'released') return true;
  return (
    row.evaluation_id === evaluationId &&
    row.kind === what.kind &&
    (what.kind === 'points'
      ? row.points === what.points && row.bucket === (what.bucket ?? null)
      : row.coupon === what.code) &&
    (await isSamePerson(tx, row.member_id, memberId))
  );
}

/** Also where one of the two was merged into the other since. */
async function isSamePerson(tx: HqSession, a: string | null, b: string | null): Promise<boolean> {
  if (a === null || b === null || a === b) return a === b;
  const members = await readMembers(tx, [a, b]);
  return livingOf(members, a).memberId === livingOf(members, b).memberId;
}

/** Uses of a coupon that are reserved or took place; what was given back is free again. */
async function usesTaken(tx: HqSession, code: string): Promise<number> {
  const [row] = await tx.query<{ taken: number }>(
    `SELECT count(*)::bigint AS taken FROM allowances
     WHERE kind = 'coupon' AND state IN ('open', 'settled') AND coupon = $1`,
    [code],
  );
  return row?.taken ?? 0;
}

/**
 * Open reservations of a coupon that the sale to be replaced has. Locked, so that an upload which settles one of them or
 * takes its coupon away is through before or waits.
 */
async function heldByReplaced(
  tx: HqSession,
  till: TillCaller,
  evaluationId: string | undefined,
  code: string,
): Promise<number> {
  if (evaluationId === undefined) return 0;
  const rows = await tx.query(
    `SELECT 1 FROM allowances
     WHERE till_id = $1 AND incarnation = $2 AND evaluation_id = $3 AND kind = 'coupon' AND coupon = $4
       AND state = 'open' FOR UPDATE`,
    [till.tillId, till.incarnation, evaluationId, code],
  );
  return rows.length;
}

/**
 * As it is stored: a code that works once has one holder, which an index over rows without `times` guards. Others are
 * counted, and so is the second holder of a code while a sale takes the place of another.
 */
function timesOf(times = 1, isBeside = false): number | null {
  return times === 1 && !isBeside ? null : times;
}

async function openCount(tx: HqSession, till: TillCaller): Promise<number> {
  const [row] = await tx.query<{ open: number }>(
    `SELECT count(*)::bigint AS open FROM allowances WHERE till_id = $1 AND incarnation = $2 AND state = 'open'`,
    [till.tillId, till.incarnation],
  );
  return row?.open ?? 0;
}

async function lockAccount(tx: HqSession, memberId: string): Promise<PointsAccount> {
  const [row] = await tx.query<{ body: string }>(
    'SELECT body FROM point_accounts WHERE member_id = $1 FOR UPDATE',
    [memberId],
  );
  return row === undefined ? emptyAccount(memberId) : (JSON.parse(row.body) as PointsAccount);
}
