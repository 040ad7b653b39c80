import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HqDatabase } from '../../sync/hq/database/database.ts';
import { type HqDatabaseConfig, openHqDatabase } from '../../sync/hq/database/open-hq-database.ts';
import { openKeys } from '../../sync/hq/keys/open-keys.ts';
import { startHq } from '../../sync/hq/start-hq.ts';
import { systemTimers } from '../../sync/hq/system-timers.ts';
import { makeOperatorToken } from '../../sync/hq/tills/operator-token.ts';
import type { HqReply } from '../../sync/protocol/hq-api.ts';
import type { RegistrationTicket } from '../../sync/protocol/registration.ts';
import { askHq, type HqProcess, type HqRequest, startHqProcess } from './hq.ts';
import { must, quietLog } from './hq-database.ts';
import { copyPgliteImage, copyServerImage } from './hq-images.ts';
import { seedSmallChain } from './seed-small-chain.ts';

/** What HQ runs on: PGlite, its own PostgreSQL, or the address of a server. */
export type HqProgramDatabase = 'pglite' | 'embedded' | `postgresql://${string}`;

/** A headquarters on a data folder, whose process is started, stopped and killed by the test. */
export interface HqProgram {
  readonly facts: HqFacts;
  readonly data: string;
  /** The process that runs. */
  process(): HqProcess;
  isRunning(): boolean;
  /** @param flags further ones, as on the command line */
  start(flags?: readonly string[]): Promise<HqProcess>;
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  overview(): Promise<HqReply<'overview'>>;
  /** The ticket of a till of store s1 that finds headquarters at `url`. */
  ticket(tillId: string, url: string): Promise<RegistrationTicket>;
  revoke(tillId: string): Promise<void>;
  /** Books a purchase of the web shop, under an idempotency key of its own. */
  buyOnline(purchase: OnlinePurchase): Promise<HqReply<'bookPurchase'>>;
  /** Its database while no process of it runs; the caller closes it. */
  openDatabase(): Promise<HqDatabase>;
  /** Ends the process and removes the folder. */
  remove(): Promise<void>;
}

export interface OnlinePurchase {
  readonly orderId: string;
  readonly memberId: string;
  readonly amountMinor: number;
  readonly pointsEarned: number;
}

export interface HqProgramOptions {
  readonly database: HqProgramDatabase;
  /** Members of store s1, see `smallChain`. */
  readonly members: number;
}

/** From this spend of a year on a member of the small chain is gold, in minor units. */
export const GOLD_FROM_MINOR = 500_000;

/** Makes a headquarters with the small chain in a folder of its own; no process of it runs yet. */
export async function createHqProgram(options: HqProgramOptions): Promise<HqProgram> {
  const data = newFolder();
  const database = databaseOf(options.database, data);
  const keysFolder = join(data, 'keys');
  if (database.kind === 'pglite') await copyPgliteImage(database.folder);
  if (database.kind === 'embedded') await copyServerImage(database.folder);
  const hq = must(
    await startHq({
      database,
      keysFolder,
      host: '127.0.0.1',
      port: 0,
      currency: 'CNY',
      timeZone: 'Asia/Shanghai',
      version: '0.0.0-test',
      nowMs: () => Date.now(),
      random: (bytes) => randomBytes(bytes),
      timers: systemTimers,
      log: quietLog,
    }),
  );
  try {
    await seedSmallChain(hq.deps, options.members, {
      settings: {
        tiers: [
          { tier: 'standard', yearSpendMinorFrom: 0 },
          { tier: 'gold', yearSpendMinorFrom: GOLD_FROM_MINOR },
        ],
      },
    });
    return over({ data, database: options.database, keysFolder, online: await hq.token('online') });
  } finally {
    await hq.close();
  }
}

/** A further process on the database and the keys of another headquarters, as behind a load balancer. */
export function besideHqProgram(program: HqProgram): HqProgram {
  return over({ ...program.facts, data: newFolder() });
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-hq-'));
  // The embedded server runs as a user of its own where this one is root: it has to get through.
  chmodSync(folder, 0o711);
  return folder;
}

interface HqFacts {
  readonly data: string;
  readonly database: HqProgramDatabase;
  readonly keysFolder: string;
  /** A token of the web shop. */
  readonly online: string;
}

function over(facts: HqFacts): HqProgram {
  const { data, database, keysFolder } = facts;
  let running: HqProcess | undefined;
  const current = (): HqProcess => {
    if (running === undefined) throw new Error('no process of headquarters runs');
    return running;
  };
  const token = (): string => {
    const keys = must(openKeys({ folder: keysFolder, random: (bytes) => randomBytes(bytes) }));
    return makeOperatorToken({ keys, nowMs: () => Date.now() });
  };
  async function ask<Reply>(path: string, request: HqRequest): Promise<Reply> {
    const answer = await askHq(current(), path, { token: token(), ...request });
    if (answer.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body as Reply;
  }
  const program: HqProgram = {
    facts,
    data,
    process: current,
    isRunning: () => running !== undefined,
    async start(flags = []) {
      running = await startHqProcess(data, [
        '--database',
        database,
        '--keys',
        keysFolder,
        '--log-level',
        'warn',
        ...flags,
      ]);
      return running;
    },
    async stop() {
      const code = await current().stop();
      const log = current().log();
      running = undefined;
      if (code !== 0) throw new Error(`headquarters ended with ${code}: ${log}`);
    },
    async kill() {
      const killed = current();
      running = undefined;
      await killed.kill();
    },
    overview: () => ask('/v1/admin/overview', {}),
    ticket: (tillId, url) => ask('/v1/admin/tickets', { body: { tillId, storeId: 's1', url } }),
    async revoke(tillId) {
      const path = `/v1/admin/tills/${tillId}/revoke`;
      await ask(path, { body: { tillId, reason: 'stolen' } });
    },
    buyOnline: (purchase) =>
      ask('/v1/online/purchases', {
        token: facts.online,
        headers: { 'idempotency-key': `purchase-${purchase.orderId}` },
        body: { ...purchase, currency: 'CNY' },
      }),
    async openDatabase() {
      return must(await openHqDatabase(databaseOf(database, data), { log: quietLog }));
    },
    async remove() {
      if (running !== undefined) await program.kill();
      // What an embedded server writes while it ends is in the way of the first attempts.
      rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
  return program;
}

function databaseOf(database: HqProgramDatabase, data: string): HqDatabaseConfig {
  if (database === 'pglite' || database === 'embedded')
    return { kind: database, folder: join(data, 'db') };
  return { kind: 'server', url: database };
}
