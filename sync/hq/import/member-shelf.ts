import { MERGE_CHAIN_MAX } from '../../../agent/domain/identify/follow-merge.ts';
import type { ImportedMember } from './imported-member.ts';
import type { ImportedAccount } from './points-brought.ts';

/**
 * The members that a batch touches, by everything that names them, as the rows before left them. `members` must hold
 * everyone who has an id, phone, card or GSRN of the batch, and whom they were merged into.
 */
export interface MemberShelf {
  byId(memberId: string): ImportedMember | undefined;
  /** The living member at the end of a chain of merges. */
  alive(memberId: string): ImportedMember | undefined;
  phoneHolder(phone: string): ImportedMember | undefined;
  cardHolder(card: string): ImportedMember | undefined;
  gsrnHolder(gsrn: string): ImportedMember | undefined;
  put(member: ImportedMember): void;
  accountOf(memberId: string): ImportedAccount;
  putAccount(account: ImportedAccount): void;
  /** The store that a member merged into another came from goes on carrying the one who survived. */
  carry(memberId: string, storeId: string): void;
  /** What differs from what the batch began with. */
  changes(): MemberChanges;
}

export interface MemberChanges {
  readonly members: readonly ImportedMember[];
  readonly accounts: readonly ImportedAccount[];
  readonly carried: readonly { readonly memberId: string; readonly storeId: string }[];
}

export function createMemberShelf(
  members: readonly ImportedMember[],
  accounts: readonly ImportedAccount[],
): MemberShelf {
  const held = new Map<string, ImportedMember>();
  const phones = new Map<string, string>();
  const cards = new Map<string, string>();
  const gsrns = new Map<string, string>();
  const changed = new Set<string>();
  const balances = new Map(accounts.map((account) => [account.memberId as string, account]));
  const changedAccounts = new Set<string>();
  const carried = new Map<string, { memberId: string; storeId: string }>();

  const index = (member: ImportedMember, on: boolean): void => {
    const set = (map: Map<string, string>, key: string): void => {
      if (on) map.set(key, member.memberId);
      else if (map.get(key) === member.memberId) map.delete(key);
    };
    if (member.phone !== undefined) set(phones, member.phone);
    if (member.gsrn !== undefined) set(gsrns, member.gsrn);
    for (const card of member.cards) set(cards, card);
  };
  const store = (member: ImportedMember): void => {
    const old = held.get(member.memberId);
    if (old !== undefined) index(old, false);
    held.set(member.memberId, member);
    index(member, true);
  };
  for (const member of members) store(member);
  const holder = (map: Map<string, string>, key: string): ImportedMember | undefined => {
    const memberId = map.get(key);
    return memberId === undefined ? undefined : held.get(memberId);
  };

  return {
    byId: (memberId) => held.get(memberId),
    alive(memberId) {
      let member = held.get(memberId);
      for (let step = 0; step < MERGE_CHAIN_MAX; step += 1) {
        if (member?.status !== 'merged') return member;
        member = member.mergedInto === undefined ? undefined : held.get(member.mergedInto);
      }
      return member?.status === 'merged' ? undefined : member;
    },
    phoneHolder: (phone) => holder(phones, phone),
    cardHolder: (card) => holder(cards, card),
    gsrnHolder: (gsrn) => holder(gsrns, gsrn),
    put(member) {
      store(member);
      changed.add(member.memberId);
    },
    accountOf: (memberId) =>
      balances.get(memberId) ?? {
        memberId: memberId as ImportedAccount['memberId'],
        lots: [],
        booked: {},
      },
    putAccount(account) {
      balances.set(account.memberId, account);
      changedAccounts.add(account.memberId);
    },
    carry: (memberId, storeId) => carried.set(`${memberId} ${storeId}`, { memberId, storeId }),
    changes: () => ({
      members: [...changed].flatMap((memberId) => held.get(memberId) ?? []),
      accounts: [...changedAccounts].flatMap((memberId) => balances.get(memberId) ?? []),
      carried: [...carried.values()],
    }),
  };
}
