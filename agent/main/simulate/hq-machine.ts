import type { FastifyInstance } from 'fastify';
import type { HqSession } from '../../../sync/hq/database/database.ts';
import type { HqDeps } from '../../../sync/hq/deps.ts';
import { type RunningHq, startHq } from '../../../sync/hq/start-hq.ts';
import { PAGE_MAX_ROWS } from '../../../sync/protocol/feed.ts';
import { assert } from '../../contract/index.ts';
import type { Chance } from './chance.ts';
import type { HqEngine } from './hq-engine.ts';
import type { Trace } from './trace.ts';
import type { MachineTime, VirtualTime } from './virtual-time.ts';

/** Where tills find the simulated headquarters: loopback, so that plain HTTP may be spoken. */
export const HQ_URL = 'http://127.0.0.1:1';
/**
 * Rows of a page of the feed, at most: in a chain of some dozen members every page would hold all that there is, and no row
 * would ever go ahead of its turn.
 */
const PAGE_ROWS = [4, PAGE_MAX_ROWS] as const;
/** A statement of the sequencer's batch. */
const BATCH = 'urgent_rows AS MATERIALIZED';

export interface HqMachineOptions {
  readonly name: string;
  readonly engine: HqEngine;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly keysFolder: string;
  readonly trace: Trace;
  readonly skewMs: number;
  /** A batch of the sequencer was answered in this session; committed; not committed. */
  readonly onBatch: (session: HqSession) => Promise<void>;
  readonly onCommitted: () => void;
  readonly onRolledBack: () => void;
  readonly onKilled: (hq: HqMachine) => void;
}

/** One process of headquarters, product code from the routes to the SQL. */
export interface HqMachine {
  readonly name: string;
  readonly time: MachineTime;
  readonly isUp: boolean;
  server(): FastifyInstance;
  running(): RunningHq;
  deps(): HqDeps;
  /** It ends at once, in the midst of whatever it does. */
  kill(): void;
  /** It ends before its nth statement from here on. */
  killAtStatement(nth: number): void;
}

/** Starts a process of headquarters on the engine. */
export async function startHqMachine(options: HqMachineOptions): Promise<HqMachine> {
  const { name, engine, time, chance, keysFolder, trace } = options;
  const machine = time.machine(options.skewMs);
  let killIn = Number.POSITIVE_INFINITY;
  let server: FastifyInstance | undefined;
  let running: RunningHq | undefined;

  const made: HqMachine = {
    name,
    time: machine,
    get isUp() {
      return running !== undefined && machine.isAlive;
    },
    server() {
      assert(server !== undefined, 'headquarters has started');
      return server;
    },
    running() {
      assert(running !== undefined, 'headquarters has started');
      return running;
    },
    deps: () => made.running().deps,
    kill() {
      if (!machine.isAlive) return;
      machine.kill();
      trace.note(name, 'killed');
      options.onKilled(made);
    },
    killAtStatement(nth) {
      killIn = nth;
    },
  };

  const db = engine.openFor(time, {
    isAlive: () => machine.isAlive,
    statement() {
      killIn -= 1;
      if (killIn <= 0) made.kill();
    },
    answered: async (sql, session) => {
      if (sql.includes(BATCH)) await options.onBatch(session);
    },
    committed: options.onCommitted,
    rolledBack: options.onRolledBack,
  });
  time.begin();
  try {
    const started = await startHq({
      database: { kind: 'opened', db },
      host: '127.0.0.1',
      port: 0,
      url: HQ_URL,
      tls: 'http',
      keysFolder,
      currency: 'CNY',
      timeZone: 'Asia/Shanghai',
      version: '0.0.0-simulated',
      nowMs: machine.clock.now,
      random: chance.bytes,
      timers: machine.timers,
      processMetrics: false,
      streams: { pageRows: chance.split('pages').pick(PAGE_ROWS) },
      async listen(made) {
        await made.ready();
        server = made;
        return 1;
      },
      log(level, message, fields) {
        if (level === 'error') trace.note(name, `${message} ${JSON.stringify(fields ?? {})}`);
      },
    });
    assert(started.ok, `headquarters starts: ${started.ok ? '' : started.error.code}`);
    running = started.value;
    trace.note(name, 'is up');
  } finally {
    time.end();
  }
  return made;
}
