import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import { ok } from '../../../../agent/contract/result.ts';
import type { Checks } from '../../../../sync/hq/checks/create-checks.ts';
import { SCANS_AT_ONCE } from '../../../../sync/hq/checks/create-sums-cache.ts';
import {
  WALK_RETRY_MAX_SECONDS,
  WALK_RETRY_MIN_SECONDS,
  WALKS_AT_ONCE,
} from '../../../../sync/hq/checks/create-walk-slots.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { createFeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import { makeSessionToken } from '../../../../sync/hq/tills/session-token.ts';
import { CHECK_FORM, CHECK_PATH } from '../../../../sync/protocol/check.ts';
import { type Cursor, streamFrameSchema } from '../../../../sync/protocol/feed.ts';
import { packQuestion, unpackReply } from '../../../../sync/protocol/pack-check.ts';
import { publicKeyText } from '../../../../sync/protocol/public-key-text.ts';
import { PROTOCOL_VERSION } from '../../../../sync/protocol/version.ts';
import {
  askHq,
  type HqAnswer,
  openRequest,
  openSession,
  startTestHq,
  type TestHq,
  type TestTill,
} from '../../../support/hq.ts';
import { ask, callerOf, createModelTill, walk } from '../checks/walker.ts';
import { atTheBeginning } from '../feed/follow.ts';
import { putMember, putSetting } from '../feed/writers.ts';

const MEMBERS = 25;
const REGISTERED_MS = 1;
/** Longest pause before a till tries again, in milliseconds. */
const RETRY_MAX_MS = 2_000;
/** Errors of a way that is crowded. */
const LOST = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'];
/** Answers of a headquarters that is too busy: a request that came too slowly, or too many at a time. */
const LATE = [408, 503];

/** What a storm of walks came to. */
export interface StormReport {
  readonly walked: number;
  readonly refused: number;
  /** Times that one till asked, at most. */
  readonly triesMax: number;
  /** By headquarters' clock, from the first question until the last till was done, in seconds. */
  readonly seconds: number;
  readonly scansMax: number;
  readonly walksMax: number;
  /** Calls of a till that only follows the feed. */
  readonly polls: number;
}

class Busy extends Error {
  readonly retryAfterSeconds: number;
  constructor({ headers, body }: HqAnswer) {
    super('busy');
    expect(body).toMatchObject({ code: 'busy' });
    this.retryAfterSeconds = Number(headers['retry-after']);
  }
}

/**
 * So many tills of so many stores, each with one member that differs, walk at once over HTTP. Each does what it is told: it comes
 * again after the time that it was given, which passes by headquarters' clock.
 */
export async function verificationStorm(
  db: HqDatabase,
  tills: number,
  stores: number,
): Promise<StormReport> {
  let aheadMs = 0;
  const scans = countScans(db);
  const storeIds = Array.from({ length: stores }, (_, n) => `s${n}`);
  const hq = await startTestHq({
    db: scans.db,
    tls: 'http',
    stores: storeIds,
    nowMs: () => Date.now() + aheadMs,
  });
  try {
    for (const storeId of storeIds)
      for (let n = 0; n < MEMBERS; n++) await putMember(db, `${storeId}-${n}`, [storeId]);
    await numbered(hq);
    const models = await Promise.all(storeIds.map((storeId) => modelsOf(db, storeId)));
    const all = await addTills(hq, tills, storeIds);
    const due = new Map(all.map((till) => [till, 0]));
    const tries = new Map<TestTill, number>();
    const seller = follow(hq, all[0] as TestTill);
    let [refused, walks, walksMax] = [0, 0, 0];

    async function visit(till: TestTill, nth: number): Promise<number | undefined> {
      const storeId = storeIds[nth % stores] as string;
      const { clean, dirty } = models[nth % stores] as (typeof models)[number];
      tries.set(till, (tries.get(till) ?? 0) + 1);
      let isWalking = false;
      const leave = (): void => {
        if (isWalking) walks--;
        isWalking = false;
      };
      const checks = checksOver(hq, tokenOf(hq, till), () => {
        if (!isWalking) walksMax = Math.max(walksMax, ++walks);
        isWalking = true;
      });
      try {
        const told = await walk(checks, dirty, 'member', callerOf(till.tillId, storeId));
        expect(told?.rows.map(([key]) => key)).toEqual([`${storeId}-0`]);
        leave();
        const left = await ask(checks, callerOf(till.tillId, storeId), clean.rootsQuestion());
        expect(left.differ).toEqual([]);
        return undefined;
      } catch (error) {
        if (!(error instanceof Busy)) throw error;
        refused++;
        expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(WALK_RETRY_MIN_SECONDS);
        expect(error.retryAfterSeconds).toBeLessThan(WALK_RETRY_MAX_SECONDS);
        return error.retryAfterSeconds;
      } finally {
        leave();
      }
    }

    let second = 0;
    for (; due.size > 0; second = Math.min(...due.values())) {
      aheadMs = second * 1_000;
      const coming = [...due].filter(([, at]) => at <= second).map(([till]) => till);
      await Promise.all(
        coming.map(async (till) => {
          const wait = await visit(till, all.indexOf(till));
          if (wait === undefined) due.delete(till);
          else due.set(till, second + wait);
        }),
      );
    }
    const polls = await seller.stop();
    return {
      walked: tries.size,
      refused,
      triesMax: Math.max(...tries.values()),
      seconds: aheadMs / 1_000,
      scansMax: scans.most(),
      walksMax,
      polls,
    };
  } finally {
    await hq.close();
  }
}

/** What must hold of a storm, however large. */
export function expectStormPassed(report: StormReport, tills: number): void {
  expect(report.walked, 'none is starved').toBe(tills);
  expect(report.refused, 'not all had a place at once').toBeGreaterThan(0);
  expect(report.scansMax).toBeLessThanOrEqual(SCANS_AT_ONCE);
  expect(report.walksMax).toBeLessThanOrEqual(WALKS_AT_ONCE);
  // Were only one place given in each wait, it would take that long.
  expect(report.seconds).toBeLessThan((WALK_RETRY_MAX_SECONDS * tills) / WALKS_AT_ONCE);
  expect(report.polls, 'pages go on').toBeGreaterThan(1);
}

/** So many tills open sessions and streams at once, are cut off at once, and come again at once: none misses a row. */
export async function reconnectStorm(db: HqDatabase, tills: number): Promise<void> {
  const hq = await startTestHq({ db, tls: 'http', stores: ['s0'] });
  try {
    await numbered(hq);
    const all = await addTills(hq, tills, ['s0']);
    const { start } = (
      await askHq(hq, '/v1/snapshots', { token: tokenOf(hq, all[0] as TestTill), body: {} })
    ).body as { start: Cursor };
    let streams = await Promise.all(all.map((till) => connect(hq, till, start)));
    await putSetting(db, 'first');
    const places = await Promise.all(streams.map((stream) => readUntil(stream, 'first')));
    for (const stream of streams) stream.destroy();
    await putSetting(db, 'while-away');
    streams = await Promise.all(all.map((till, n) => connect(hq, till, places[n] as Cursor)));
    await Promise.all(streams.map((stream) => readUntil(stream, 'while-away')));
    for (const stream of streams) stream.destroy();
  } finally {
    await hq.close();
  }
}

/** Opens a session and its stream, as a till does: where the way fails it comes again with the proof that it sent before. */
async function connect(hq: TestHq, till: TestTill, cursor: Cursor): Promise<IncomingMessage> {
  const nextProof = randomBytes(24).toString('base64url');
  const token = await again(async () => {
    const { status, body } = await openSession(hq, till, { signed: { nextProof } });
    // Requests waited so long for their turn that they, or the challenge before them, came to nothing.
    if (LATE.includes(status) || body?.field === 'challenge') return undefined;
    expect(status).toBe(200);
    till.proofs = [nextProof];
    return body.token as string;
  });
  return again(async () => {
    const stream = await openRequest(hq, '/v1/stream', { token, query: { ...cursor } });
    stream.on('error', () => {});
    if (stream.statusCode === 200) return stream;
    expect(LATE).toContain(stream.statusCode);
    stream.destroy();
    return undefined;
  });
}

/** Tries until there is an answer, with pauses by chance where the way fails or headquarters is busy. */
async function again<T>(work: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    try {
      const done = await work();
      if (done !== undefined) return done;
    } catch (error) {
      if (!LOST.includes(String((error as NodeJS.ErrnoException).code))) throw error;
    }
    await setTimeout(randomInt(RETRY_MAX_MS));
  }
}

/** Reads pages until one brings that setting. @returns the place behind it */
async function readUntil(stream: IncomingMessage, key: string): Promise<Cursor> {
  for await (const line of createInterface({ input: stream })) {
    const frame = streamFrameSchema.parse(JSON.parse(line));
    if (frame.t === 'page' && frame.page.rows.some((row) => row[1] === key)) return frame.page.to;
  }
  throw new Error(`the stream ended before ${key}`);
}

async function numbered(hq: TestHq): Promise<void> {
  await expect
    .poll(async () => (await askHq(hq, '/healthz')).body.waiting, { timeout: 60_000 })
    .toBe(0);
}

/** Registered tills in turn of the stores; nobody else needs their key. */
async function addTills(
  { deps }: TestHq,
  count: number,
  storeIds: readonly string[],
): Promise<TestTill[]> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = publicKeyText(privateKey);
  const tills = Array.from(
    { length: count },
    (_, n): TestTill => ({
      tillId: `till-${n}`,
      ticket: undefined as never,
      privateKey,
      publicKey,
      incarnation: `inc-${String(n).padStart(12, '0')}`,
      proofs: [],
      timeline: null,
    }),
  );
  await deps.db.query(
    `INSERT INTO tills (till_id, store_id, state, public_key, incarnation, registered_at_ms)
     SELECT t.till_id, t.store_id, 'registered', $3, t.incarnation, ${REGISTERED_MS}
     FROM unnest($1::text[], $2::text[], $4::text[]) AS t (till_id, store_id, incarnation)`,
    [
      tills.map(({ tillId }) => tillId),
      tills.map((_, n) => storeIds[n % storeIds.length] as string),
      publicKey,
      tills.map(({ incarnation }) => incarnation),
    ],
  );
  return tills;
}

function tokenOf({ deps }: TestHq, { tillId, incarnation }: TestTill): string {
  return makeSessionToken(deps, {
    till: tillId,
    incarnation,
    protocol: PROTOCOL_VERSION,
    registered: REGISTERED_MS,
  });
}

/** A till that has what headquarters has of a store, and one that lacks a member. */
async function modelsOf(db: HqDatabase, storeId: string) {
  const [clean, dirty] = [await createModelTill(db, storeId), await createModelTill(db, storeId)];
  await clean.follow();
  await dirty.follow();
  dirty.table('member').delete(`${storeId}-0`);
  return { clean, dirty };
}

/** Questions of one till over HTTP. */
function checksOver(hq: TestHq, token: string, onAnswered: () => void): Checks {
  return {
    async answer(_caller, request) {
      const answer = await askHq(hq, CHECK_PATH, {
        token,
        body: packQuestion(request),
        headers: { 'content-type': CHECK_FORM },
      });
      if (answer.status === 503) throw new Busy(answer);
      expect(answer.status).toBe(200);
      onAnswered();
      return ok(unpackReply(request.t, answer.bytes) as never);
    },
  };
}

/** A till that reads pages all the while, as those do that have nothing to check. */
function follow(hq: TestHq, till: TestTill) {
  let isOver = false;
  const polled = (async () => {
    const token = tokenOf(hq, till);
    const cursor = await atTheBeginning(createFeedReader({ db: hq.deps.db }));
    let polls = 0;
    for (; !isOver; polls++) {
      const { status, body } = await askHq(hq, '/v1/feed', { token, query: { ...cursor } });
      expect(status).toBe(200);
      expect(body.page.rows.length).toBeGreaterThan(MEMBERS);
      await setTimeout(20);
    }
    return polls;
  })();
  return {
    stop() {
      isOver = true;
      return polled;
    },
  };
}

/** Counts the scans of stores that run at once. */
function countScans(real: HqDatabase) {
  let [running, most] = [0, 0];
  const db: HqDatabase = {
    ...real,
    async query(sql, values) {
      if (!sql.includes('GROUP BY bucket')) return real.query(sql, values);
      most = Math.max(most, ++running);
      try {
        return await real.query(sql, values);
      } finally {
        running--;
      }
    },
  };
  return { db, most: () => most };
}
