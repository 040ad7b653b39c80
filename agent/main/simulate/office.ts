import { createFeedReader } from '../../../sync/hq/feed/create-feed-reader.ts';
import { inBulk } from '../../../sync/hq/records/bulk.ts';
import { HOME_ONLY } from '../../../sync/hq/records/members-rule.ts';
import { writeStaff, writeTags } from '../../../sync/hq/records/write-chain.ts';
import { writeMembers } from '../../../sync/hq/records/write-members.ts';
import { toInstant } from '../../contract/index.ts';
import { memberAt, memberIdOf, storeIdOf } from './chain.ts';
import type { Chance } from './chance.ts';
import type { HqMachine } from './hq-machine.ts';
import type { Trace } from './trace.ts';

/** Members of one bulk import. */
const IMPORT_MEMBERS = 60;
/** Tags that there may be. */
const TAGS = 6;
/** Tombstones younger than this stay at a purge, in milliseconds. */
const PURGE_KEEPS_MS = 2 * 60 * 60_000;

/** What people at headquarters and in the web shop do. */
export interface Office {
  /** Begins one of it. @returns what */
  act(hq: HqMachine): string;
}

export function createOffice({
  chance,
  trace,
  stores,
  membersOfStore,
}: {
  readonly chance: Chance;
  readonly trace: Trace;
  readonly stores: number;
  readonly membersOfStore: number;
}): Office {
  let edits = 0;
  let orders = 0;
  let members = stores * membersOfStore;
  const tags: string[] = [];
  let token: { readonly hq: HqMachine; readonly text: Promise<string> } | undefined;

  const acts: Record<string, (hq: HqMachine) => Promise<unknown>> = {
    async edit(hq) {
      edits += 1;
      const nth = chance.below(stores * membersOfStore);
      const home = storeIdOf(Math.floor(nth / membersOfStore));
      await write(hq, [[nth, home, edits]]);
      return memberIdOf(nth);
    },
    async move(hq) {
      edits += 1;
      const storeIds = chance.happens(0.2) ? null : [storeIdOf(chance.below(stores))];
      const person = {
        staffId: `staff-${storeIdOf(chance.below(stores))}`,
        name: `Cashier ${edits}`,
        role: 'cashier',
        active: true,
        pinHash: '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo',
        storeIds,
      };
      await hq.deps().db.transaction((tx) => writeStaff(tx, [person as never]));
      return `${person.staffId} to ${storeIds?.join() ?? 'everywhere'}`;
    },
    async tag(hq) {
      edits += 1;
      const tag = `tag-${chance.below(TAGS)}`;
      tags.push(tag);
      const name = { 'zh-CN': `标签${edits}`, en: `Tag ${edits}` };
      await hq.deps().db.transaction((tx) => writeTags(tx, [{ tag, name }]));
      return tag;
    },
    async untag(hq) {
      const tag = tags.length === 0 ? 'tag-0' : chance.pick(tags);
      await hq.deps().db.transaction((tx) => tx.query('DELETE FROM tags WHERE tag = $1', [tag]));
      return tag;
    },
    async bulk(hq) {
      const first = members;
      members += IMPORT_MEMBERS;
      const home = storeIdOf(chance.below(stores));
      await write(
        hq,
        Array.from({ length: IMPORT_MEMBERS }, (_, n) => [first + n, home, 0] as const),
        true,
      );
      return `${IMPORT_MEMBERS} members of ${home}`;
    },
    async purchase(hq) {
      orders += 1;
      const nth = chance.below(stores * membersOfStore);
      token = token?.hq === hq ? token : { hq, text: hq.running().token('online') };
      const answer = await hq.server().inject({
        method: 'POST',
        url: '/v1/online/purchases',
        headers: {
          authorization: `Bearer ${await token.text}`,
          'idempotency-key': `order-key-${orders}`,
        },
        payload: {
          memberId: memberIdOf(nth),
          orderId: `order-${orders}`,
          amountMinor: chance.between(1_000, 90_000),
          currency: 'CNY',
        },
      });
      return `order-${orders} ${answer.statusCode}`;
    },
    async purge(hq) {
      const reader = createFeedReader({ db: hq.deps().db });
      const purged = await reader.purge({ keepMs: PURGE_KEEPS_MS, nowMs: hq.deps().nowMs() });
      return JSON.stringify(purged);
    },
  };
  const weighted = [
    'edit',
    'edit',
    'edit',
    'move',
    'tag',
    'tag',
    'untag',
    'untag',
    'purchase',
    'purchase',
    'bulk',
    'bulk',
    'purge',
  ];

  async function write(
    hq: HqMachine,
    rows: readonly (readonly [number, string, number])[],
    bulk = false,
  ): Promise<void> {
    const { db, nowMs } = hq.deps();
    const atMs = nowMs();
    const writes = {
      members: rows.map(([nth, home, edit]) => memberAt(nth, home, toInstant(atMs), edit)),
      accounts: [],
      rule: HOME_ONLY,
      nowMs: atMs,
    };
    if (bulk) await inBulk(db, (tx) => writeMembers(tx, writes));
    else await db.transaction((tx) => writeMembers(tx, writes));
  }

  return {
    act(hq) {
      const what = chance.pick(weighted);
      acts[what]?.(hq).then(
        (done) => trace.note(hq.name, `office ${what}: ${String(done)}`),
        (error: unknown) => trace.note(hq.name, `office ${what} failed: ${String(error)}`),
      );
      return what;
    },
  };
}
