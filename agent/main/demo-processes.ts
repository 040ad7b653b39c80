import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { askHq } from '../../sync/hq/commands/ask-hq.ts';
import { loadHqConfig } from '../../sync/hq/commands/hq-config.ts';
import { systemTimers as hqTimers } from '../../sync/hq/system-timers.ts';
import type { RegistrationTicket } from '../../sync/protocol/registration.ts';
import { storeIdSchema, tillIdSchema } from '../contract/ids.ts';
import { assert, err, ok, type Result, text } from '../contract/index.ts';
import { both } from './commands/io.ts';
import type { DemoLinks, DemoTillOrder, FromDemoTill, ToDemoTill } from './demo-message.ts';
import { programVersion } from './headless.ts';
import type { StartError } from './open-locked.ts';
import { systemRandom } from './system.ts';

const HQ_ENTRY = fileURLToPath(new URL('./demo-hq.ts', import.meta.url));
const TILL_ENTRY = fileURLToPath(new URL('./demo-agent.ts', import.meta.url));
/** Beside headquarters' data: the port by which the tills of this demo know it. */
const PORT_FILE = 'demo-port';
/** A process that ended by itself is started again after so long, in milliseconds. */
export const RESTART_AFTER_MS = 1_000;
/** Who does not end by itself within this time is ended, in milliseconds. */
export const STOP_LIMIT_MS = 8_000;

/** Headquarters of the demo as a process of its own. */
export interface DemoHq {
  readonly url: string;
  /** The console, opened once by this link. */
  console(): Promise<string>;
  /** A ticket that registers a till once; null where headquarters gives none. */
  ticket(tillId: string, storeId: string): Promise<RegistrationTicket | null>;
  running(): boolean;
  pid(): number | undefined;
  stop(): Promise<void>;
  start(): Promise<Result<void, StartError>>;
}

/** A till of the demo as a process of its own, started again when it ends by itself. */
export interface DemoTill {
  readonly order: DemoTillOrder;
  readonly address: string;
  readonly port: number;
  readonly links: DemoLinks;
  pid(): number | undefined;
  freshLinks(): Promise<DemoLinks>;
  stop(): Promise<void>;
}

export interface DemoHqOptions {
  readonly data: string;
  readonly port: number;
  readonly logLevel: string;
  /** Told what somebody at the terminal should know. */
  readonly note: (line: string) => void;
}

/** Starts headquarters on PGlite, filled with the demo chain, and keeps it running until it is told to stop. */
export async function startDemoHq(options: DemoHqOptions): Promise<Result<DemoHq, StartError>> {
  const { data, logLevel, note } = options;
  const portFile = join(data, PORT_FILE);
  let child: ChildProcess | undefined;
  let wanted = true;
  let port = rememberedPort(portFile) ?? options.port;
  let url = '';
  let firstConsole = '';

  async function launch(): Promise<Result<void, StartError>> {
    wanted = true;
    let open = false;
    const args = ['run', '--demo', '--http', '--json', '--data', data, '--port', String(port)];
    const started = fork(HQ_ENTRY, [...args, '--log-level', logLevel], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    child = started;
    const gone = new Promise<void>((settle) => started.once('exit', () => settle()));
    started.once('exit', () => {
      if (child === started) child = undefined;
      if (wanted && open) void again();
    });
    const line = await firstLine(started);
    const facts = line === undefined ? {} : (JSON.parse(line) as Partial<HqFacts>);
    if (facts.url === undefined || facts.port === undefined || facts.console === undefined) {
      await gone;
      return err(facts.error ?? NOT_STARTED);
    }
    open = true;
    // The same place again after a restart: tills and open consoles come back by themselves.
    ({ url, port } = { url: facts.url, port: facts.port });
    firstConsole = facts.console;
    writeFileSync(portFile, `${port}\n`);
    return ok(undefined);
  }

  async function again(): Promise<void> {
    note('总部进程意外结束，正在重新启动 / headquarters ended unexpectedly; starting it again');
    await sleep(RESTART_AFTER_MS);
    if (!wanted || child !== undefined) return;
    const launched = await launch();
    if (!launched.ok) note(both(launched.error.message));
  }

  const ask = () => {
    const config = loadHqConfig(undefined, { data, demo: true, http: true });
    assert(config.ok, 'the demo runs headquarters with settings that are right');
    const system = {
      nowMs: () => Date.now(),
      random: systemRandom,
      timers: hqTimers,
      version: programVersion(),
    };
    return { config: config.value, system };
  };

  const launched = await launch();
  if (!launched.ok) return launched;
  return ok({
    get url() {
      return url;
    },
    async console() {
      const { config, system } = ask();
      const link = await askHq(config, system, 'makeConsoleLink', {});
      return link.ok ? link.value.link : firstConsole;
    },
    async ticket(tillId, storeId) {
      const { config, system } = ask();
      const ticket = await askHq(config, system, 'issueTicket', {
        tillId: tillIdSchema.parse(tillId),
        storeId: storeIdSchema.parse(storeId),
      });
      return ticket.ok ? ticket.value : null;
    },
    running: () => child !== undefined,
    pid: () => child?.pid,
    async stop() {
      wanted = false;
      const ending = child;
      if (ending !== undefined) await end(ending, () => void ending.kill('SIGTERM'));
    },
    start: async () => (child === undefined ? launch() : ok(undefined)),
  });
}

/** Where headquarters of this demo listened before: its tills know it by that address. */
function rememberedPort(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  const port = Number(readFileSync(file, 'utf8'));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

interface HqFacts {
  readonly url: string;
  readonly port: number;
  readonly console: string;
  readonly error: StartError;
}

/**
 * Starts a till of the demo and keeps it running until it is told to stop.
 * @param ticket asked where the till is not registered; null = headquarters gives none
 */
export async function startDemoTill(
  order: DemoTillOrder,
  ticket: () => Promise<RegistrationTicket | null>,
  note: (line: string) => void,
): Promise<Result<DemoTill, StartError>> {
  let child: ChildProcess | undefined;
  let wanted = true;
  let open: Extract<FromDemoTill, { kind: 'open' }> | undefined;
  /** The process that has opened; none while one starts. */
  let serving: ChildProcess | undefined;

  function launch(port: number): Promise<Result<void, StartError>> {
    const started = fork(TILL_ENTRY, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child = started;
    return new Promise((settle) => {
      started.on('message', (message: FromDemoTill) => {
        if (message.kind === 'ticket')
          void ticket().then((made) => tell(started, { kind: 'ticket', ticket: made }));
        if (message.kind === 'failed') {
          wanted = false;
          settle(err(message.error));
        }
        if (message.kind === 'open') {
          open = message;
          serving = started;
          settle(ok(undefined));
        }
      });
      started.once('exit', () => {
        if (child === started) child = undefined;
        if (serving === started) serving = undefined;
        settle(err(NOT_STARTED));
        if (wanted && open !== undefined) void again();
      });
      tell(started, { kind: 'start', order: { ...order, port } });
    });
  }

  async function again(): Promise<void> {
    note(
      `${order.tillId} 意外结束，正在重新启动 / ${order.tillId} ended unexpectedly; starting it again`,
    );
    await sleep(RESTART_AFTER_MS);
    if (!wanted) return;
    const launched = await launch(open?.port ?? order.port);
    if (!launched.ok) note(`${order.tillId}: ${both(launched.error.message)}`);
  }

  const launched = await launch(order.port);
  if (!launched.ok) {
    wanted = false;
    return launched;
  }
  const now = () => {
    assert(open !== undefined, 'a till that was started is open');
    return open;
  };
  return ok({
    order,
    get address() {
      return now().address;
    },
    get port() {
      return now().port;
    },
    get links() {
      return now().links;
    },
    pid: () => child?.pid,
    freshLinks: () =>
      new Promise((settle) => {
        const asked = serving;
        if (asked === undefined) return settle(now().links);
        const hear = (message: FromDemoTill): void => {
          if (message.kind !== 'links') return;
          asked.off('message', hear);
          settle(message.links);
        };
        asked.on('message', hear);
        asked.once('exit', () => settle(now().links));
        tell(asked, { kind: 'links' });
      }),
    async stop() {
      wanted = false;
      const ending = child;
      if (ending !== undefined) await end(ending, () => tell(ending, { kind: 'stop' }));
    },
  });
}

function tell(child: ChildProcess, message: ToDemoTill): void {
  // A child that is gone is noticed by its exit; a message to it has nobody to reach.
  if (child.connected) child.send(message, () => undefined);
}

/** The first line that a process prints, or nothing where it ends without one. */
function firstLine(child: ChildProcess): Promise<string | undefined> {
  assert(child.stdout !== null, 'headquarters prints to a pipe');
  const lines = createInterface({ input: child.stdout });
  return new Promise((settle) => {
    lines.once('line', settle);
    lines.once('close', () => settle(undefined));
    child.once('error', () => settle(undefined));
  });
}

async function end(child: ChildProcess, ask: () => void): Promise<void> {
  const gone = new Promise<void>((settle) => child.once('exit', () => settle()));
  if (child.exitCode !== null || child.signalCode !== null) return;
  ask();
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await gone;
  clearTimeout(limit);
}

const NOT_STARTED: StartError = {
  code: 'demo-not-started',
  message: text('演示的一个进程没有启动', 'A process of the demo did not start'),
  remedy: text('看上面的输出，再启动一次', 'Look at what was printed above and start again'),
};
