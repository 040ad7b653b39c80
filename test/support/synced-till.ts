import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SyncView } from '../../agent/contract/index.ts';
import { askAgent } from '../../agent/main/admin-channel.ts';
import type { Check } from '../../agent/main/commands/check.ts';
import type { RegistrationTicket } from '../../sync/protocol/registration.ts';
import { type Pos, pairPos } from './pos.ts';
import { MANAGER } from './small-chain.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { prepareTillFolder, runTill, startTill, type TestTill, type TillFolder } from './till.ts';

/** How long something that travels over the wire may take before a test gives up, in milliseconds. */
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 50;

/** A till that headquarters knows, with a network of its own to it. */
export interface SyncedTill {
  readonly tillId: string;
  readonly folder: TillFolder;
  readonly proxy: TcpProxy;
  /** The process that runs, and a POS that is paired with it. */
  till(): TestTill;
  pos(): Pos;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  sync(): Promise<SyncView>;
  /** Tries headquarters at once, whatever the back-off says. */
  syncNow(): Promise<void>;
  /** What `till sync status --json` says, and its exit code. */
  status(): Promise<{ readonly code: number | null; readonly checks: readonly Check[] }>;
  /** Ends the process and removes everything. */
  remove(): Promise<void>;
}

/** The network of a till that is to be registered: its ticket names this proxy as headquarters. */
export function startTillNetwork(delayMs = 0): Promise<TcpProxy> {
  return startTcpProxy({ targetPort: 1, delayMs });
}

/** Where a till finds headquarters through its own network. */
export function urlThrough(proxy: TcpProxy): string {
  return `https://127.0.0.1:${proxy.port}`;
}

/** Registers a till by `till register` and starts it; it opens with the first copy, and a POS is paired. */
export async function startSyncedTill(options: {
  readonly ticket: RegistrationTicket;
  readonly proxy: TcpProxy;
  /** A folder that was registered or copied before; it is not registered again. */
  readonly folder?: TillFolder;
}): Promise<SyncedTill> {
  const { ticket, proxy } = options;
  const folder = options.folder ?? prepareTillFolder({});
  let running: TestTill | undefined;
  let paired: Pos | undefined;
  const current = (): TestTill => {
    if (running === undefined) throw new Error(`till ${ticket.tillId} does not run`);
    return running;
  };
  const ask = async (command: 'sync-status' | 'sync-now'): Promise<SyncView> => {
    const answer = await askAgent(folder.dataDir, { command });
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value as SyncView;
  };
  const synced: SyncedTill = {
    tillId: ticket.tillId,
    folder,
    proxy,
    till: current,
    pos() {
      if (paired === undefined) throw new Error(`till ${ticket.tillId} has no POS`);
      return paired;
    },
    async start() {
      running = await startTill(folder);
      paired = paired?.at(running.address) ?? (await pairPos(running, MANAGER));
    },
    async stop() {
      const code = await current().stop();
      const log = current().log();
      running = undefined;
      if (code !== 0) throw new Error(`till ${ticket.tillId} ended with ${code}: ${log}`);
    },
    async kill() {
      const killed = current();
      running = undefined;
      await killed.kill();
    },
    sync: () => ask('sync-status'),
    async syncNow() {
      await ask('sync-now');
    },
    async status() {
      const { code, stdout } = await runTill([
        'sync',
        'status',
        '--data',
        folder.dataDir,
        '--json',
      ]);
      return { code, checks: JSON.parse(stdout) as Check[] };
    },
    async remove() {
      if (running !== undefined) await synced.kill();
      await proxy.close();
      folder.remove();
    },
  };
  try {
    if (options.folder === undefined) await registerTill(folder, ticket);
    await synced.start();
    return synced;
  } catch (error) {
    await synced.remove();
    throw error;
  }
}

/** `till register` on a folder; fails with what it said. */
export async function registerTill(folder: TillFolder, ticket: RegistrationTicket): Promise<void> {
  const { code, stderr } = await tryToRegister(folder, ticket);
  if (code !== 0) throw new Error(`till register ended with ${code}: ${stderr}`);
}

/** `till register` on a folder, and how it ended. */
export async function tryToRegister(
  folder: TillFolder,
  ticket: RegistrationTicket,
): ReturnType<typeof runTill> {
  const ticketFile = join(folder.root, 'ticket.json');
  writeFileSync(ticketFile, JSON.stringify(ticket));
  return runTill([
    'register',
    ticketFile,
    '--data',
    folder.dataDir,
    '--key-file',
    folder.keyFile,
    '--json',
  ]);
}

/** Looks again and again until there is something to see. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  seen: () => string = () => '',
): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > giveUpAt) throw new Error(`${what} did not happen. ${seen()}`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Waits until a till is online. */
export function online(till: SyncedTill): Promise<SyncView> {
  return until(
    `till ${till.tillId} online`,
    async () => {
      const view = await till.sync();
      return view.state === 'online' ? view : undefined;
    },
    () => till.till().log().slice(-4_000),
  );
}
