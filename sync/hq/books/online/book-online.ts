import { createHash } from 'node:crypto';
import type { MemberId } from '../../../../agent/contract/ids.ts';
import type { Channel } from '../../../../agent/contract/member.ts';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { toInstant } from '../../../../agent/contract/time.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { countBooking } from '../../../../agent/domain/members/count-booking.ts';
import { type LotMove, pointsBalance } from '../../../../agent/domain/points/lots.ts';
import { type HqFailure, hqFailure } from '../../../protocol/hq-error.ts';
import { type OnlineReply, onlineKeySchema } from '../../../protocol/online.ts';
import type { HqSession } from '../../database/database.ts';
import type { HqDeps } from '../../deps.ts';
import { applyMovements, lotsOf, type Moved, type Movement, settleAccount } from '../account.ts';
import { chainDay } from '../chain-day.ts';
import { type BookedException, writeExceptions } from '../exceptions.ts';
import { type HeldMembers, holdMembers } from '../held-members.ts';
import type { MemberBody } from '../member-body.ts';
import { type BookSettings, readSettings } from '../settings.ts';
import { transact } from '../transact.ts';
import { appendOnline, type OnlineKind } from './online-chain.ts';

/** A web shop's clock may be ahead of HQ's by so much, in milliseconds; a booking of later than that is refused. */
export const ONLINE_AHEAD_MAX_MS = 24 * 60 * 60_000;

export interface OnlineRequest {
  readonly kind: OnlineKind;
  readonly key: string | undefined;
  /** The request as it came, so that another one under the same key is noticed. */
  readonly input: { readonly at?: string | undefined } & Readonly<Record<string, unknown>>;
}

/** Where an online booking is planned: its member and account under lock. */
export interface Desk {
  readonly tx: HqSession;
  readonly members: HeldMembers;
  readonly member: MemberBody;
  readonly settings: BookSettings;
  /** The chain's day `YYYY-MM-DD`. */
  readonly today: string;
  readonly atMs: number;
  /** The chain's day of `atMs`, not later than today. */
  readonly day: string;
}

/** What a booking does. Amount and points of a return are negative. */
export interface OnlinePlan {
  readonly orderId: string | null;
  readonly amountMinor: number;
  readonly pointsEarned: number;
  readonly pointsSpent: number;
  readonly movements: readonly Movement[];
  readonly orders: -1 | 0 | 1;
  readonly reason: string | null;
  /** Of a return: when the goods were bought, which is when their spend counts. */
  readonly boughtAtMs?: number;
  /** Where the purchase was made; absent = in the web shop. */
  readonly channel?: Channel | undefined;
}

export interface OnlineBooking {
  readonly request: OnlineRequest;
  /** Whose booking it is. */
  memberIdOf(tx: HqSession): Promise<Result<string, HqFailure>>;
  plan(desk: Desk): Promise<Result<OnlinePlan, HqFailure>>;
}

/**
 * Books for the web shop: the same key with the same request is answered alike and booked once, whichever way and however
 * often it comes; with another request it is refused.
 */
export async function bookOnline(
  deps: HqDeps,
  { request, memberIdOf, plan }: OnlineBooking,
): Promise<Result<OnlineReply, HqFailure>> {
  const { kind, input } = request;
  if (request.key === undefined) return err(hqFailure('key-missing'));
  const key = onlineKeySchema.safeParse(request.key);
  if (!key.success) return err(hqFailure('invalid-input', 'Idempotency-Key'));
  const now = deps.nowMs();
  const atMs = input.at === undefined ? now : Date.parse(input.at);
  if (atMs > now + ONLINE_AHEAD_MAX_MS) return err(hqFailure('invalid-input', 'at'));
  const requestHash = createHash('sha256')
    .update(canonicalJson({ kind, ...input }))
    .digest('hex');

  const earlier = (tx: HqSession) => earlierReply(tx, key.data, requestHash);

  async function planned(tx: HqSession) {
    const memberId = await memberIdOf(tx);
    if (!memberId.ok) return memberId;
    const members = await holdMembers(tx, [memberId.value]);
    const { member } = members.living(memberId.value);
    if (member === undefined) return err(hqFailure('member-unknown', 'memberId'));
    const today = chainDay(now, deps.timeZone);
    const settings = await readSettings(tx, deps.log);
    const stated = chainDay(atMs, deps.timeZone);
    const day = stated < today ? stated : today;
    const desk: Desk = { tx, members, member, settings, today, atMs, day };
    const made = await plan(desk);
    return made.ok ? ok({ desk, made: made.value }) : made;
  }

  return transact(deps, async (tx) => {
    const before = await earlier(tx);
    if (before !== undefined) return before;
    const ready = await planned(tx);
    // The same request may have been booked while this one waited for its locks, which is why it cannot be booked again.
    if (!ready.ok) return (await earlier(tx)) ?? ready;
    const { desk, made } = ready.value;
    return ok(await write(deps, { kind, key: key.data, requestHash, now }, desk, made));
  });
}

async function earlierReply(
  tx: HqSession,
  key: string,
  requestHash: string,
): Promise<Result<OnlineReply, HqFailure> | undefined> {
  const [row] = await tx.query<{ request_hash: string; reply: string }>(
    'SELECT request_hash, reply FROM online_ledger WHERE idempotency_key = $1',
    [key],
  );
  if (row === undefined) return undefined;
  if (row.request_hash !== requestHash) return err(hqFailure('key-reused', 'Idempotency-Key'));
  return ok(JSON.parse(row.reply) as OnlineReply);
}

interface Booked {
  readonly kind: OnlineKind;
  readonly key: string;
  readonly requestHash: string;
  readonly now: number;
}

async function write(
  deps: HqDeps,
  { kind, key, requestHash, now }: Booked,
  { tx, members, member, settings, today, atMs }: Desk,
  plan: OnlinePlan,
): Promise<OnlineReply> {
  const { orderId, amountMinor, pointsEarned, pointsSpent, movements, orders, reason } = plan;
  const at = toInstant(now);
  const { memberId } = member;
  const moved = applyMovements(members.account(memberId), movements, {
    earnedAt: at,
    name: `online:${kind}`,
    today,
  });
  const settled = settleAccount(moved.account, today);
  members.setAccount(settled.account);
  const day = chainDay(plan.boughtAtMs ?? atMs, deps.timeZone);
  const booking = { spendMinor: amountMinor, orders, day, channel: plan.channel ?? 'online' };
  const counted =
    amountMinor === 0 && orders === 0 ? member : countBooking(member, booking, settings.tiers);
  if (counted !== member) members.setMember({ ...counted, updatedAt: at });
  await members.write(now);
  const balance = pointsBalance(lotsOf(settled.account), today);
  const reply = await appendOnline<OnlineReply>(
    tx,
    {
      kind,
      key,
      requestHash,
      memberId,
      orderId,
      amountMinor,
      currency: deps.currency,
      pointsEarned,
      pointsSpent,
      moves: [...movements, ...settled.moves].map(
        ({ lotId, delta }): LotMove => ({ lotId, delta }),
      ),
      reason,
      atMs,
      receivedAtMs: now,
    },
    ({ seq, hash }) => ({
      seq,
      hash,
      memberId: memberId as MemberId,
      pointsChange: pointsEarned - pointsSpent,
      pointsBalance: balance,
      tier: counted.tier,
      yearSpendMinor: counted.yearSpendMinor ?? 0,
      at: toInstant(atMs),
    }),
  );
  const isOverdrawn = balance < 0 && pointsEarned - pointsSpent < 0;
  await writeExceptions(
    tx,
    now,
    [...faultsOf(moved), ...(isOverdrawn ? [overdrawn(balance)] : [])].map(({ code, detail }) => ({
      code,
      tillId: null,
      incarnation: null,
      seq: reply.seq,
      memberId,
      detail: { ...detail, online: true },
    })),
  );
  return reply;
}

type Fault = Pick<BookedException, 'code' | 'detail'>;

function overdrawn(balance: number): Fault {
  return { code: 'points-overdrawn', detail: { balance } };
}

/** What a person should look at: points whose lot was joined to another one, or that no lot can hold. */
function faultsOf({ unknownLots, outOfRange }: Moved): Fault[] {
  return [
    ...unknownLots.map((lotId): Fault => ({ code: 'lot-unknown', detail: { lotId } })),
    ...outOfRange.map(
      ({ lotId, delta }): Fault => ({ code: 'points-out-of-range', detail: { lotId, delta } }),
    ),
  ];
}
