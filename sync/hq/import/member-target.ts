import { assert } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { MERGE_CHAIN_MAX } from '../../../agent/domain/identify/follow-merge.ts';
import { fitAccounts } from '../books/fit-account.ts';
import { moveReservations } from '../books/move-reservations.ts';
import { readSettings } from '../books/settings.ts';
import type { HqSession } from '../database/database.ts';
import { readMembersRule } from '../records/members-rule.ts';
import { writeMembers } from '../records/write-members.ts';
import { applyMemberRow } from './apply-member-row.ts';
import type { ImportTarget, ReadRows } from './import-target.ts';
import { readRows } from './import-target.ts';
import { type ImportedMember, readImportedMember } from './imported-member.ts';
import { IMPORT_BATCH_ROWS } from './limits.ts';
import { type MemberDraft, readMemberDraft } from './member-draft.ts';
import { createMemberShelf, type MemberShelf } from './member-shelf.ts';
import type { ImportedAccount } from './points-brought.ts';

/** Members with cards, points and the stores that carry them. */
export const memberTarget: ImportTarget<ReadRows<MemberDraft>> = {
  batchRows: IMPORT_BATCH_ROWS,
  prepare: async (rows, context) => readRows(rows, context, readMemberDraft),
  keysOf: ({ drafts }) => drafts.map(({ rowNo, memberId }) => ({ rowNo, key: memberId })),
  async write(tx, { drafts, problems, refused }, { deps, startedAtMs, sourceWins }) {
    const result = { added: 0, changed: 0, merged: 0, refused, problems: [...problems] };
    if (drafts.length === 0) return result;
    const members = await holdTouched(tx, drafts);
    const accounts = await holdAccounts(tx, members);
    const shelf = createMemberShelf(members, accounts);
    const stores = await tx.query<{ store_id: string }>('SELECT store_id FROM stores');
    const [joins] = await tx.query("SELECT 1 FROM settings WHERE key = 'join'");
    const { joinTier } = await readSettings(tx, deps.log);
    const rules = {
      storeIds: new Set(stores.map(({ store_id }) => store_id)),
      defaultTier: joins === undefined ? undefined : joinTier,
      startedAt: toInstant(startedAtMs),
      sourceWins,
    };
    for (const draft of drafts) {
      const applied = applyMemberRow(shelf, draft, rules);
      result.problems.push(...applied.problems);
      if (applied.outcome !== 'unchanged') result[applied.outcome] += 1;
    }
    const changes = shelf.changes();
    await writeMembers(tx, {
      members: changes.members,
      accounts: await fitAccounts(tx, changes.accounts, deps.nowMs()),
      visits: changes.carried,
      rule: await readMembersRule(tx),
      nowMs: startedAtMs,
    });
    await moveReservations(tx, mergedIn(shelf, drafts));
    return result;
  },
};

/** Whom this batch may have merged, and the living members who have their points: the loser need not be the row's own id. */
function mergedIn(
  shelf: MemberShelf,
  drafts: readonly MemberDraft[],
): { fromId: string; toId: string }[] {
  const ids = [...drafts, ...shelf.changes().members].map(({ memberId }): string => memberId);
  return [...new Set(ids)].flatMap((fromId) => {
    const toId =
      shelf.byId(fromId)?.status === 'merged' ? shelf.alive(fromId)?.memberId : undefined;
    return toId === undefined ? [] : [{ fromId, toId }];
  });
}

/**
 * Locks everyone whom the rows name by id, phone, card or GSRN, and whom those were merged into, in the order of their
 * ids as every booking does.
 */
async function holdTouched(
  tx: HqSession,
  drafts: readonly MemberDraft[],
): Promise<ImportedMember[]> {
  const named = (values: readonly (string | undefined)[]): string[] => [
    ...new Set(values.filter((value) => value !== undefined)),
  ];
  const found = await tx.query<{ member_id: string }>(
    `SELECT member_id FROM members WHERE member_id = ANY($1::text[])
     UNION SELECT member_id FROM members WHERE phone = ANY($2::text[])
     UNION SELECT member_id FROM members WHERE gsrn = ANY($3::text[])
     UNION SELECT member_id FROM member_cards WHERE card = ANY($4::text[])`,
    [
      named(drafts.flatMap(({ memberId, facts }) => [memberId, facts.mergedInto])),
      named(drafts.map(({ facts }) => facts.phone)),
      named(drafts.map(({ facts }) => facts.gsrn)),
      named(drafts.flatMap(({ facts }) => facts.cards ?? [])),
    ],
  );
  const ids = new Set(found.map(({ member_id }) => member_id));
  let last = [...ids];
  for (let step = 0; step < MERGE_CHAIN_MAX && last.length > 0; step += 1) {
    const merged = await tx.query<{ into: string | null }>(
      `SELECT body::json ->> 'mergedInto' AS into FROM members
       WHERE member_id = ANY($1::text[]) AND body LIKE '%"mergedInto"%'`,
      [last],
    );
    last = named(merged.map(({ into }) => into ?? undefined)).filter((id) => !ids.has(id));
    for (const id of last) ids.add(id);
  }
  const rows = await tx.query<{ body: string }>(
    `SELECT body FROM members WHERE member_id = ANY($1::text[]) ORDER BY member_id FOR UPDATE`,
    [[...ids]],
  );
  return rows.map(({ body }) => readImportedMember(body));
}

async function holdAccounts(
  tx: HqSession,
  members: readonly ImportedMember[],
): Promise<ImportedAccount[]> {
  if (members.length === 0) return [];
  const rows = await tx.query<{ body: string }>(
    `SELECT body FROM point_accounts WHERE member_id = ANY($1::text[]) ORDER BY member_id FOR UPDATE`,
    [members.map(({ memberId }) => memberId)],
  );
  return rows.map(({ body }) => {
    const account = JSON.parse(body) as ImportedAccount;
    assert(Array.isArray(account.lots), 'an account has lots');
    return account;
  });
}
