import { join } from 'node:path';
import { issueTicket } from '../../../sync/hq/tills/issue-ticket.ts';
import { startNewTimeline } from '../../../sync/hq/tills/new-timeline.ts';
import type { RegistrationTicket } from '../../../sync/protocol/registration.ts';
import { assert } from '../../contract/index.ts';
import type { Chance } from './chance.ts';
import { damagePublished } from './damage-published.ts';
import type { FeedHistory } from './history.ts';
import type { HqEngine } from './hq-engine.ts';
import { HQ_URL, type HqMachine, startHqMachine } from './hq-machine.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Share of headquarters' processes whose clock is off, and by how much, in milliseconds. */
const HQ_SKEWED = 0.3;
const HQ_SKEWS_MS = [-60 * 60_000, -60_000, -5_000, 5_000, 60_000, 60 * 60_000] as const;

/** Whether headquarters is through with all rows is looked at so often, in milliseconds. */
const LOOKED_EVERY_MS = 5_000;
/** The pass over all rows is due, from the first one on. */
const A_DAY_LATER_SQL = 'UPDATE digest_pass SET started_at_ms = NULL, ended_at_ms = NULL';

export interface HeadquartersOptions {
  readonly engine: HqEngine;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly history: FeedHistory;
  readonly keysFolder: string;
  /** One of its processes has ended. */
  readonly onKilled: () => void;
  /** Its database went back to its backup, and with it the registrations that these tills have are gone. */
  readonly onRestored: (forgotten: readonly string[]) => void;
}

/** Headquarters: one database, and the processes that work on it. */
export interface Headquarters {
  /** Of the feed, as its database has it. */
  readonly timeline: string;
  /** Begins with the chain as it is at first. */
  open(): Promise<void>;
  /** A process that is up, any of them. */
  primary(): HqMachine | undefined;
  /** Starts a process where none runs. */
  start(): void;
  /** Starts one more beside the first. */
  startSecond(): void;
  /** Ends every process, or makes the first end at its nth statement from here on. */
  kill(atStatement?: number): void;
  /** Backs its database up. */
  keep(): void;
  /** Its database goes back to the backup; false = there is none. */
  restore(): boolean;
  /** A row of its feed is lost or changed behind its back. */
  damage(chance: Chance): void;
  /** Its daily look at all rows of the feed, which is due from the first call on. @returns whether it is over */
  hasLooked(): boolean;
  ticket(tillId: string, storeId: string): Promise<RegistrationTicket>;
}

export function createHeadquarters(options: HeadquartersOptions): Headquarters {
  const { engine, time, chance, trace, history } = options;
  const hqs: HqMachine[] = [];
  let lives = 0;
  let timeline = '';
  let kept: { readonly head: number } | undefined;
  /** The look at all rows that a person waits for. */
  let look: { isOver: boolean; nextMs: number } | undefined;

  async function readTimeline(): Promise<void> {
    const [row] = await engine.db.query<{ value: string }>(
      "SELECT value FROM hq_meta WHERE name = 'timeline'",
    );
    timeline = row?.value ?? '';
  }
  /** Tills by the keys under which they may speak. */
  async function registrations(): Promise<ReadonlyMap<string, string>> {
    const rows = await engine.db.query<{ public_key: string; till_id: string }>(
      'SELECT public_key, till_id FROM tills WHERE public_key IS NOT NULL',
    );
    return new Map(rows.map(({ public_key, till_id }) => [public_key, till_id]));
  }
  async function startNext(): Promise<void> {
    lives += 1;
    const own = chance.split(`hq-${lives}`);
    const clock = own.split('clock');
    const skewMs = clock.happens(HQ_SKEWED) ? clock.pick(HQ_SKEWS_MS) : 0;
    if (skewMs !== 0) trace.note('world', `clock of hq${lives} off by ${skewMs / 1_000} s`);
    hqs.push(
      await startHqMachine({
        name: `hq${lives}`,
        engine,
        time,
        chance: own,
        keysFolder: options.keysFolder,
        trace,
        skewMs,
        onBatch: (session) => history.capture(session),
        onCommitted: history.commit,
        onRolledBack: history.drop,
        onKilled: options.onKilled,
      }),
    );
  }
  function inBackground(what: string, work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      trace.note('world', `${what}: ${String(error)}`);
    });
  }
  async function underWay(work: () => Promise<void>): Promise<void> {
    time.begin();
    try {
      await work();
    } finally {
      time.end();
    }
  }

  const made: Headquarters = {
    get timeline() {
      return timeline;
    },
    async open() {
      await engine.bringBack('chain');
      await history.capture(engine.db);
      history.commit();
      await readTimeline();
    },
    primary() {
      const up = hqs.filter((hq) => hq.isUp);
      return up.length <= 1 ? up[0] : up[chance.below(up.length)];
    },
    start() {
      if (!hqs.some((hq) => hq.isUp)) inBackground('start of hq', startNext);
    },
    startSecond() {
      if (hqs.length < 2) inBackground('start of hq', startNext);
    },
    kill(atStatement) {
      if (atStatement === undefined) for (const hq of hqs.splice(0)) hq.kill();
      else hqs[0]?.killAtStatement(atStatement);
    },
    keep() {
      const { head } = history;
      inBackground('backup of hq', () =>
        underWay(async () => {
          await engine.keep('backup');
          kept = { head };
          trace.note('world', `hq backed up at ${head}`);
        }),
      );
    },
    restore() {
      if (kept === undefined) return false;
      const { head } = kept;
      kept = undefined;
      made.kill();
      inBackground('restore of hq', async () => {
        await underWay(async () => {
          const before = await registrations();
          await engine.bringBack('backup');
          const after = await registrations();
          await startNewTimeline(engine.db);
          history.rewind(timeline, head);
          options.onRestored(
            [...before].filter(([key]) => !after.has(key)).map(([, tillId]) => tillId),
          );
          await readTimeline();
          trace.note('world', `hq restored to ${head}`);
        });
        await startNext();
      });
      return true;
    },
    damage(own) {
      look = undefined;
      inBackground('damage at hq', () =>
        underWay(async () => {
          const what = await damagePublished(engine.db, own);
          if (what !== undefined) trace.note('world', what);
        }),
      );
    },
    hasLooked() {
      if (look === undefined) {
        look = { isOver: false, nextMs: time.nowMs() + LOOKED_EVERY_MS };
        inBackground('a day passes', () =>
          underWay(async () => void (await engine.db.query(A_DAY_LATER_SQL))),
        );
      }
      const mine = look;
      if (mine.isOver || time.nowMs() < mine.nextMs) return mine.isOver;
      mine.nextMs = time.nowMs() + LOOKED_EVERY_MS;
      inBackground('look at the pass', () =>
        underWay(async () => {
          const [pass] = await engine.db.query<{ over: boolean }>(
            'SELECT ended_at_ms IS NOT NULL AS over FROM digest_pass',
          );
          mine.isOver = pass?.over === true;
        }),
      );
      return false;
    },
    async ticket(tillId, storeId) {
      const hq = made.primary();
      assert(hq !== undefined, 'a ticket is made at headquarters');
      const issued = await issueTicket(
        hq.deps(),
        { tillId: tillId as never, storeId },
        { url: HQ_URL, ca: null },
      );
      assert(issued.ok, 'a ticket is made');
      return issued.value;
    },
  };
  return made;
}

/** Where the keys of a simulated headquarters lie. */
export function keysFolderIn(root: string): string {
  return join(root, 'keys');
}
