import {
  assert,
  err,
  type Failure,
  failure,
  type JoinConsent,
  type JoinReply,
  type JoinRequest,
  type JoinSetting,
  joinSettingSchema,
  type Member,
  type MemberId,
  memberSchema,
  ok,
  type Result,
  type StaffId,
  toInstant,
} from '../contract/index.ts';
import { plainPhone } from '../domain/identify/plain-phone.ts';
import type { TillContext } from './context.ts';
import { type FoundMember, findMembers } from './find-members.ts';
import { type Identify, sourceOf } from './identify.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller } from './till.ts';

/** Begins the id of a member whom headquarters does not know yet. */
export const PROVISIONAL_PREFIX = 'join-';
/** What stands in the place of a name that the shopper did not give. */
const NO_NAME = '会员';

export interface JoinParts {
  readonly context: TillContext;
  readonly identify: Identify;
  readonly staff: StaffSessions;
}

export interface Join {
  /** What a shopper agrees to; `join-closed` where headquarters has published no text. */
  consent(): Result<JoinConsent, Failure>;
  /** See `POST /v1/members`. Fails with `join-closed`, `consent-outdated`, and as naming staff and identifying do. */
  join(caller: Caller, request: JoinRequest): Result<JoinReply, Failure>;
}

/**
 * Joining at the till, online or not: consent and phone are written with a provisional member in one transaction, the
 * shopper is a member of this basket at once, and headquarters merges who was known elsewhere.
 */
export function createJoin({ context, identify, staff }: JoinParts): Join {
  const { store } = context;

  function setting(): Result<JoinSetting, Failure> {
    const body = store.sync.fed('setting', 'join');
    const parsed = joinSettingSchema.safeParse(body === undefined ? undefined : JSON.parse(body));
    return parsed.success ? ok(parsed.data) : err(failure('join-closed'));
  }

  /** Everybody alive at this till who has exactly this number. */
  function holdersOf(phone: string): FoundMember {
    const found = findMembers(context, { kind: 'phone', digits: phone });
    assert(found.kind === 'member', 'digits of a phone are no foreign code');
    const members = found.members.filter((one) => plainPhone(one.phone ?? '') === phone);
    return { ...found, members, tooMany: false };
  }

  function write(
    request: JoinRequest,
    { tier }: JoinSetting,
    staffId: StaffId,
  ): Result<MemberId, Failure> {
    const { phone, name, birthday, consentVersion, consentChannel } = request;
    const atMs = context.nowMs();
    const member: Member = memberSchema.parse({
      memberId: `${PROVISIONAL_PREFIX}${context.newId()}`,
      name: name ?? NO_NAME,
      phone,
      ...(birthday === undefined ? {} : { birthday }),
      tier,
      homeStoreId: context.deps.place.store.storeId,
      updatedAt: toInstant(atMs),
    });
    const { memberId } = member;
    return context.work(() => {
      store.members.upsert([member]);
      store.outbox.append({
        kind: 'join',
        atMs,
        join: {
          provisionalId: memberId,
          phone,
          ...(name === undefined ? {} : { name }),
          ...(birthday === undefined ? {} : { birthday }),
          consentVersion,
          consentChannel,
          staffId,
          at: toInstant(atMs),
        },
      });
      return memberId;
    });
  }

  return {
    consent() {
      const found = setting();
      if (!found.ok) return found;
      const { consentVersion, consentText } = found.value;
      return ok({ consentVersion, consentText });
    },
    join(caller, request) {
      const allowed = staff.allows(caller);
      if (!allowed.ok) return allowed;
      const found = setting();
      if (!found.ok) return found;
      const { consentVersion } = found.value;
      if (request.consentVersion !== consentVersion)
        return err(failure('consent-outdated', 'consentVersion', { consentVersion }));
      const staffId = staff.forEntry(caller, request.staffId);
      if (!staffId.ok) return staffId;
      const phone = plainPhone(request.phone);
      if (phone === undefined) return err(failure('invalid-input', 'phone'));
      const open = identify.takesMembers(request.basketId);
      if (!open.ok) return open;
      const known = holdersOf(phone);
      const joined = known.members.length === 0;
      if (joined) {
        const written = write({ ...request, phone }, found.value, staffId.value);
        if (!written.ok) return written;
      }
      const who = joined ? holdersOf(phone) : known;
      const identified = identify.found(who, sourceOf(caller), request.basketId);
      if (!identified.ok) return identified;
      const memberId = identified.value.member?.memberId;
      return ok({
        ...(memberId === undefined ? {} : { memberId }),
        joined,
        identification: identified.value,
      });
    },
  };
}
