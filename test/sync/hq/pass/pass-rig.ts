import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { MemberId } from '../../../../agent/contract/ids.ts';
import { createPassHandlers } from '../../../../sync/hq/pass/create-pass-handlers.ts';
import { openPassIssuers } from '../../../../sync/hq/pass/pass-issuers.ts';
import type { PassCode, PassReply } from '../../../../sync/protocol/pass.ts';
import type { HqDatabases } from '../../../support/hq-database.ts';
import { must } from '../../../support/must.ts';
import type { TestPhone } from '../../../support/test-phone.ts';
import { type BooksRig, openBooks } from '../books/rig.ts';

export const HQ_URL = 'https://hq.example:8443';
const OPEN = { kind: 'open', address: '192.0.2.1' } as const;

const folders: string[] = [];
/** Call once in a file: the folders of keys go with its last test. */
export function cleanPassFolders(): void {
  afterAll(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
}

export interface PassRig extends BooksRig {
  readonly passes: ReturnType<typeof createPassHandlers>;
  readonly keysFolder: string;
  readonly open: typeof OPEN;
  /** A member whom the store of the rig's tills carries. */
  carried(n: number, more?: Parameters<BooksRig['member']>[1]): Promise<MemberId>;
  code(memberId: string): Promise<PassCode>;
  linked(memberId: string, phone: TestPhone): Promise<PassReply>;
  now(): string;
  /** Rows of a table that every store gets, by key, as the feed will say them. */
  fed(table: 'pass_issuers' | 'denied_keys'): Promise<string[]>;
}

/** Headquarters' passes over a database of their own, with a clock that stands still. */
export async function openPasses(hq: HqDatabases): Promise<PassRig> {
  const books = openBooks(await hq.fresh());
  const keysFolder = mkdtempSync(join(tmpdir(), 'tillside-pass-keys-'));
  folders.push(keysFolder);
  const issuers = openPassIssuers(keysFolder, (bytes) => randomBytes(bytes));
  const passes = createPassHandlers(books.deps, issuers, () => HQ_URL);
  const till = books.till('till-1').caller;
  const rig: PassRig = Object.assign(books, {
    passes,
    keysFolder,
    open: OPEN,
    async carried(n: number, more = {}) {
      const memberId = await books.member(n, more);
      await books.db.query("INSERT INTO member_scopes VALUES ($1, 'store-1', 'visit', 0)", [
        memberId,
      ]);
      return memberId as MemberId;
    },
    code: async (memberId: string) =>
      must(await passes.issuePassCode(till, { memberId: memberId as MemberId }, undefined)),
    async linked(memberId: string, phone: TestPhone) {
      const { code } = await rig.code(memberId);
      return must(await passes.linkPass(OPEN, phone.link(code), undefined));
    },
    now: () => new Date(books.clockMs).toISOString(),
    async fed(table: 'pass_issuers' | 'denied_keys') {
      const key = table === 'pass_issuers' ? 'issuer_id' : 'key_id';
      const rows = await books.db.query<{ key: string }>(
        `SELECT ${key} AS key FROM ${table} ORDER BY ${key}`,
      );
      return rows.map((row) => row.key);
    },
  });
  return rig;
}
