import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API_LIMITS } from '../../agent/api/limits.ts';
import { assert, ok, POS_SCOPES, tillPlaceSchema } from '../../agent/contract/index.ts';
import { systemClock } from '../../agent/main/system.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { serveTill } from '../agent/api/rig.ts';
import { CASHIER, cardOf } from '../support/small-chain.ts';
import { createSmallTill, pairAt } from '../support/small-till.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { compare } from './measure.ts';

/** What one scanned basket sends: who is there, then what it costs. */
const MEMBERS = 2_000;
const IDENTIFICATION = { text: cardOf(1_000) };
const BASKET = {
  currency: 'CNY',
  staffId: CASHIER.staffId,
  lines: Array.from({ length: 30 }, (_, n) => ({
    lineId: `l${n}`,
    sku: ['tea', 'milk', 'soap'][n % 3],
    qty: 1 + (n % 3),
    unitPriceMinor: 1_250 + n,
  })),
};

/** Scans before the first sample: a till serves all day, so what counts is compiled code on both sides. */
const WARM_UP_SCANS = 500;

type Post = (path: string, body: string) => Promise<string>;

/** A keep-alive connection, as a POS program has it, with a bearer token on each request. */
function poster(port: number, token: string): { readonly post: Post; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post: Post = (path, body) =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        authorization: `Bearer ${token}`,
      };
      const sent = request(
        { host: '127.0.0.1', port, path, method: 'POST', headers, agent },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (chunk: string) => {
            text += chunk;
          });
          answer.on('end', () =>
            answer.statusCode === 200 ? resolve(text) : reject(new Error(text)),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  return { post, close: () => agent.destroy() };
}

/** Answers each body with what the till answered to the same body, without looking at it. */
async function serveEcho(answers: ReadonlyMap<string, string>) {
  const server = createServer((incoming, response) => {
    incoming.resume();
    incoming.on('end', () =>
      response.setHeader('content-type', 'application/json').end(answers.get(incoming.url ?? '')),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** A till of 2,000 members in a temporary folder; `close` removes it. */
async function openSmallTill() {
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-bench-'));
  const place = tillPlaceSchema.parse({
    tillId: 'till-1',
    store: {
      storeId: 'store-1',
      name: { 'zh-CN': '测试店', en: 'Test store' },
      storeTier: 'standard',
      timeZone: 'Asia/Shanghai',
      currency: 'CNY',
    },
  });
  let key: Uint8Array | undefined;
  const keyStore = {
    load: () => ok(key),
    save: (fresh: Uint8Array) => {
      key = fresh;
      return ok(undefined);
    },
  };
  const opened = openStore({ dataDir, keyStore, clock: systemClock, random: randomBytes, place });
  assert(opened.ok, 'the store opens');
  const store = opened.value;
  const till = await createSmallTill({ store, now: systemClock.now, place, members: MEMBERS });
  return {
    till,
    close() {
      till.close();
      store.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

/**
 * Scan to evaluation over the API: identification and evaluation of a 30-line basket, against a bare node:http server
 * that gives the same bytes back. The till behind is a real one on its encrypted database.
 */
async function scanToEvaluation(): Promise<BenchmarkResult> {
  const small = await openSmallTill();
  const rig = await serveTill(small.till, {
    limits: { ...API_LIMITS, callerPerSecond: 1e9, callerBurst: 1e9 },
  });
  const { token } = await pairAt(small.till, POS_SCOPES);
  const till = poster(rig.port, token);
  const identify = JSON.stringify(IDENTIFICATION);
  const evaluate = JSON.stringify(BASKET);
  const scan = async (post: Post): Promise<void> => {
    await post('/v1/identifications', identify);
    await post('/v1/baskets/b1/evaluate', evaluate);
  };
  const echo = await serveEcho(
    new Map([
      ['/v1/identifications', await till.post('/v1/identifications', identify)],
      ['/v1/baskets/b1/evaluate', await till.post('/v1/baskets/b1/evaluate', evaluate)],
    ]),
  );
  const bare = poster(echo.port, token);
  const repeat = (post: Post) => async (times: number) => {
    for (let n = 0; n < times; n += 1) await scan(post);
  };
  try {
    await repeat(bare.post)(WARM_UP_SCANS);
    await repeat(till.post)(WARM_UP_SCANS);
    return await compare({
      name: 'scan-to-evaluation over the API',
      baselineName: 'bare node:http echo of the same bytes',
      ours: repeat(till.post),
      baseline: repeat(bare.post),
    });
  } finally {
    till.close();
    bare.close();
    echo.close();
    await rig.close();
    small.close();
  }
}

export const benchmarks: readonly Benchmark[] = [{ name: 'api', run: scanToEvaluation }];
