import { randomBytes } from 'node:crypto';
import type { Caller, Till } from '../../agent/app/till.ts';
import type {
  EvaluateReply,
  EvaluateRequest,
  Failure,
  Result,
} from '../../agent/contract/index.ts';
import { compose } from '../../agent/main/compose.ts';
import { tillConfigSchema } from '../../agent/main/config.ts';
import {
  connectHeadquarters,
  type HeadquartersLink,
} from '../../agent/main/connect-headquarters.ts';
import { createSnapshotPort } from '../../agent/store/snapshot/create-snapshot-port.ts';
import type { Store } from '../../agent/store/store.ts';
import type { MessagePortLike } from '../../drivers/contract/message-port.ts';
import { registerTill } from '../../sync/client/register-till.ts';
import { createFeedReader } from '../../sync/hq/feed/create-feed-reader.ts';
import type { TestHq } from './hq.ts';
import { must } from './must.ts';
import { openTestStore, TEST_PLACE } from './store.ts';
import { startTcpProxy } from './tcp-proxy.ts';

export const POS: Caller = {
  kind: 'client',
  clientId: 'pos-1',
  scopes: ['identify', 'basket', 'ledger:read', 'scanner'],
};

const timers = {
  set: (delayMs: number, run: () => void) => setTimeout(run, delayMs),
  clear: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout),
};
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));

/** Time of a whole chain: it stands still but for what a test lets pass. */
export interface ChainTime {
  ms: number;
}

/** A till as it is put together in a store, in this process, with a network of its own to a headquarters. */
export interface ChainTill {
  readonly tillId: string;
  readonly storeId: string;
  readonly till: Till;
  readonly store: Store;
  /** Waits until it is online, has everything and has sent everything. */
  settled(): Promise<void>;
  /** Pulls the cable; settles once the till has noticed. */
  cut(): Promise<void>;
  /** Puts it back; settles once all is synced. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** Registers a till at a headquarters of plain HTTP and starts it; it has its first copy when it is there. */
export async function openChainTill(
  hq: TestHq,
  { tillId, storeId, time }: { tillId: string; storeId: string; time: ChainTime },
): Promise<ChainTill> {
  const proxy = await startTcpProxy({ targetPort: hq.port });
  const files = openTestStore({ place: { ...TEST_PLACE, tillId: tillId as never } });
  const { store } = files;
  const real = { now: () => time.ms, monoMs: () => performance.now() };
  const registration = must(
    await registerTill({
      ticket: must(await hq.ticket(tillId, storeId, `http://127.0.0.1:${proxy.port}`)),
      incarnation: store.sync.incarnation,
      version: '0.0.0-test',
      random,
      clock: real,
      timers: { ...timers, immediate: (run) => void setImmediate(run) },
    }),
  );
  store.sync.register(registration);
  const snapshot = createSnapshotPort({
    dataDir: files.dataDir,
    key: files.keyStore.key ?? new Uint8Array(),
    storeId,
    store,
    clock: real,
    random,
  });
  let link: HeadquartersLink | undefined;
  const composed = compose({
    host: { spawn: noDrivers },
    store,
    config: tillConfigSchema.parse({}),
    clock: real,
    timers,
    random,
    version: '0.0.0-test',
    log: () => undefined,
    snapshot,
    headquarters: (options) => {
      link = connectHeadquarters(options);
      return link;
    },
  });
  const facts = () => {
    if (link === undefined) throw new Error('the till has no link');
    return link.headquarters.facts();
  };
  const feed = createFeedReader(hq.deps);

  async function isSettled(): Promise<boolean> {
    const { state, transport, waiting, pos } = facts();
    if (state !== 'online' || transport !== 'stream' || waiting > 0) return false;
    const [hqHas] = await hq.deps.db.query<{ waiting: number; rules: number }>(
      `SELECT (SELECT count(*) FROM outbox) AS waiting,
         (SELECT coalesce(max(version), 0) FROM documents WHERE kind = 'rule-set') AS rules`,
    );
    const rules = value(await composed.till.status()).ruleSetVersion;
    if (hqHas?.waiting !== 0 || hqHas.rules !== rules) return false;
    return (await feed.behind(storeId, pos)) === 0;
  }

  async function settled(): Promise<void> {
    // What waits for its turn after a session or a connection ended is tried at once.
    for (let look = 0; !(await isSettled()); look++) {
      if (look % 40 === 0) link?.headquarters.syncNow();
      await soon();
    }
  }

  await settled();
  return {
    tillId,
    storeId,
    till: composed.till,
    store,
    settled,
    async cut() {
      proxy.down();
      while (facts().state === 'online') await soon();
    },
    async mend() {
      proxy.restore();
      link?.headquarters.syncNow();
      await settled();
    },
    async close() {
      await composed.close();
      await snapshot.close();
      await proxy.close();
    },
  };
}

/** Looks again a moment later; the test's own limit ends what never comes. */
function soon(): Promise<void> {
  return new Promise((again) => setTimeout(again, 5));
}

/** A till without devices still has a driver process; here it is one that only hears when to end. */
function noDrivers() {
  const ended = Promise.withResolvers<number | null>();
  const port: MessagePortLike = {
    postMessage(message) {
      if (JSON.stringify(message).includes('shutdown')) ended.resolve(0);
    },
    onMessage: () => undefined,
    close: () => undefined,
  };
  return { port, exit: ended.promise, pid: undefined, kill: () => ended.resolve(0) };
}

export function value<T>(result: Result<T, Failure>): T {
  return must(result);
}

let keys = 0;

/**
 * Rings up a basket for somebody by their card, holds and commits it. Where headquarters was too slow to grant what the
 * basket spends, as on a busy machine, it is rung up once more.
 * @param isReady else it is rung up again a moment later
 */
export async function sellAt(
  { till }: ChainTill,
  card: string | null,
  request: EvaluateRequest,
  staffId: string,
  isReady: (reply: EvaluateReply) => boolean = () => true,
): Promise<{ readonly reply: EvaluateReply; readonly saleId: string; readonly seq: number }> {
  const known = card === null ? undefined : value(await till.identify(POS, { text: card }));
  const bound = known === undefined ? {} : { identificationId: known.identificationId };
  for (;;) {
    const reply = value(await till.evaluate(POS, { ...request, ...bound }));
    const { evaluationId: id, basketHash } = reply;
    if (!isReady(reply)) {
      await soon();
      continue;
    }
    const held = await till.hold(POS, { id, basketHash, staffId });
    if (!held.ok && held.error.code === 'allowance-refused') continue;
    value(held);
    const key = `chain-key-${++keys}`;
    const body = { basketHash, referenceId: 'R-1', staffId };
    const done = value(await till.commit(POS, { id, key, body } as never));
    return { reply, saleId: done.saleId, seq: done.seq };
  }
}
