import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { MemberId } from '../../../agent/contract/index.ts';
import { startNewTimeline } from '../../../sync/hq/tills/new-timeline.ts';
import type { FaceReceipts } from '../../../sync/protocol/face.ts';
import { FACE_SETTING } from '../face-desk.ts';
import { askHq, startTestHq, type TestHq } from '../hq.ts';
import { testMember } from '../ledger.ts';

/** What tests leave behind, undone by {@link endFaceChains}, the last first. */
const ending: (() => Promise<void> | void)[] = [];

export function atTheEnd(undo: () => Promise<void> | void): void {
  ending.push(undo);
}

export async function endFaceChains(): Promise<void> {
  for (const end of ending.splice(0).reverse()) await end();
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-chain-'));
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A real headquarters on a folder, with two stores, that can be stopped, copied and brought back at its address. */
export interface FaceChain {
  hq: TestHq;
  /** Stops it for a copy of its database. */
  backUp(): Promise<string>;
  /** The copy takes the place of the database. */
  restore(backup: string): Promise<void>;
  /** An adult whom both stores carry. */
  member(n: number): Promise<MemberId>;
  /** The account of `from` becomes that of `to`. */
  merge(from: MemberId, to: MemberId): Promise<void>;
  /** At headquarters, as by phone. */
  withdraw(memberId: MemberId): Promise<void>;
  receipts(memberId: MemberId): Promise<FaceReceipts['templates']>;
}

export async function openFaceChain(): Promise<FaceChain> {
  const [folder, keysFolder] = [join(newFolder(), 'db'), newFolder()];
  let port = 0;
  async function start(): Promise<void> {
    const database = { kind: 'pglite', folder } as const;
    chain.hq = await startTestHq({ database, keysFolder, stores: ['s1', 's2'], port });
    port = chain.hq.port;
  }
  async function ask(path: string, more: { method?: string; body?: unknown } = {}) {
    const answer = await askHq(chain.hq, path, { token: await chain.hq.token(), ...more });
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.body;
  }
  const chain: FaceChain = {
    hq: undefined as unknown as TestHq,
    async backUp() {
      await chain.hq.close();
      const backup = join(newFolder(), 'db');
      cpSync(folder, backup, { recursive: true });
      await start();
      return backup;
    },
    async restore(backup) {
      await chain.hq.close();
      rmSync(folder, { recursive: true });
      cpSync(backup, folder, { recursive: true });
      await start();
      await startNewTimeline(chain.hq.deps.db);
      await chain.hq.close();
      await start();
    },
    async member(n) {
      const member = testMember(n, { homeStoreId: 's1' as never, birthday: '1990-05-01' as never });
      const { db } = chain.hq.deps;
      const { memberId } = member;
      await db.query('INSERT INTO members (member_id, body) VALUES ($1, $2)', [
        memberId,
        JSON.stringify(member),
      ]);
      await db.query(
        `INSERT INTO member_scopes SELECT $1, id, 'home', 0 FROM unnest(ARRAY['s1', 's2']) AS id`,
        [memberId],
      );
      return memberId;
    },
    async merge(from, to) {
      const { db } = chain.hq.deps;
      const [row] = await db.query<{ body: string }>(
        'SELECT body::text AS body FROM members WHERE member_id = $1',
        [from],
      );
      const body = { ...JSON.parse(row?.body ?? ''), status: 'merged', mergedInto: to };
      await db.query('UPDATE members SET body = $2 WHERE member_id = $1', [
        from,
        JSON.stringify(body),
      ]);
    },
    withdraw: (memberId) =>
      ask(`/v1/admin/faces/${memberId}/withdraw`, { method: 'POST', body: { reason: 'by phone' } }),
    receipts: async (memberId) =>
      ((await ask(`/v1/admin/faces/${memberId}`)) as FaceReceipts).templates,
  };
  await start();
  atTheEnd(() => chain.hq.close());
  await chain.hq.deps.db.query("INSERT INTO settings VALUES ('face', $1)", [
    JSON.stringify(FACE_SETTING),
  ]);
  return chain;
}
