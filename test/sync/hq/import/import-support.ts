import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import type { HqDeps } from '../../../../sync/hq/deps.ts';
import type { RowProblem } from '../../../../sync/hq/import/import-problem.ts';
import { readProblems } from '../../../../sync/hq/import/import-report.ts';
import { writeStores } from '../../../../sync/hq/records/write-chain.ts';
import { systemTimers } from '../../../../sync/hq/system-timers.ts';
import { quietLog } from '../../../support/hq-database.ts';

/** 2026-11-21 16:30 in Shanghai. */
export const NOW_MS = Date.UTC(2026, 10, 21, 8, 30);
const KEY = generateKeyPairSync('ed25519').privateKey;

/** What HQ's services take from outside, with a clock that stands still. */
export function testDeps(db: HqDatabase, nowMs: number = NOW_MS): HqDeps {
  return {
    db,
    nowMs: () => nowMs,
    random: (bytes) => randomBytes(bytes),
    timers: systemTimers,
    keys: { signing: { keyId: 'test', privateKey: KEY }, tokens: createSecretKey(randomBytes(32)) },
    log: quietLog,
    currency: 'CNY',
    timeZone: 'Asia/Shanghai',
  };
}

/** The stores sh-01, cd-01 and hz-01. */
export async function withStores(db: HqDatabase): Promise<void> {
  await writeStores(
    db,
    ['sh-01', 'cd-01', 'hz-01'].map((storeId) => ({
      storeId: storeId as never,
      name: { 'zh-CN': `门店 ${storeId}`, en: `Store ${storeId}` },
      storeTier: 'standard',
      timeZone: 'Asia/Shanghai',
      currency: 'CNY',
      dayEndsAtMinute: 0,
    })),
  );
}

/** A folder that goes with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-import-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file with this content in a folder of its own. */
export function testFile(name: string, content: string | Uint8Array): string {
  const path = join(testFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** The whole report of an import. */
export async function problemsOf(db: HqDatabase, importId: string): Promise<RowProblem[]> {
  const problems: RowProblem[] = [];
  for await (const page of readProblems(db, importId)) problems.push(...page);
  return problems;
}

/** Everything that an import leaves in HQ, in one order, without ids and hours of the run itself. */
export async function stateOf(db: HqDatabase): Promise<Record<string, unknown[]>> {
  return {
    members: await db.query(
      'SELECT member_id, phone, gsrn, home_store_id, body FROM members ORDER BY member_id',
    ),
    cards: await db.query('SELECT card, member_id FROM member_cards ORDER BY card'),
    accounts: await db.query('SELECT member_id, body FROM point_accounts ORDER BY member_id'),
    scopes: await db.query(
      'SELECT member_id, store_id, reason FROM member_scopes ORDER BY member_id, store_id',
    ),
    errors: await db.query(
      'SELECT row_no, n, field, code, value, message FROM import_errors ORDER BY row_no, n',
    ),
    imports: await db.query(
      'SELECT kind, digest, rows_read, rows_added, rows_changed, rows_merged, rows_refused, state FROM imports',
    ),
  };
}

/** The bodies of members by id. */
export async function membersOf(db: HqDatabase): Promise<Record<string, Record<string, unknown>>> {
  const rows = await db.query<{ member_id: string; body: string }>(
    'SELECT member_id, body FROM members ORDER BY member_id',
  );
  return Object.fromEntries(rows.map(({ member_id, body }) => [member_id, JSON.parse(body)]));
}

/** Points by member id. */
export async function pointsOf(db: HqDatabase): Promise<Record<string, number>> {
  const rows = await db.query<{ body: string }>('SELECT body FROM point_accounts');
  return Object.fromEntries(
    rows.map(({ body }) => {
      const { memberId, lots } = JSON.parse(body) as {
        memberId: string;
        lots: { points: number }[];
      };
      return [memberId, lots.reduce((sum, { points }) => sum + points, 0)];
    }),
  );
}
