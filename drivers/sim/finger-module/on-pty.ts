import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { DriverEnv } from '../../contract/env.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import { createModuleEmulator, type ModuleEmulator } from './emulator.ts';
import { emptyMemory, formatMemory, type ModuleMemory, parseMemory } from './memory.ts';
import { type ModuleProfileName, moduleProfiles } from './profile.ts';

const LINK_POLL_MS = 10;
/** How long the pseudo-terminal may take to appear. */
export const PLUG_LIMIT_MS = 5_000;

export type ModuleOnPty = {
  readonly module: ModuleEmulator;
  readonly memory: ModuleMemory;
  /** The cable is pulled: the path goes. */
  unplug(): Promise<void>;
  plug(): Promise<Result<void, string>>;
  /** Ends what was started and removes the path. */
  stop(): Promise<void>;
};

type Options = {
  readonly profile: ModuleProfileName;
  /** Where the till finds the module, as a serial port. */
  readonly link: string;
  /** The module's flash; absent = it is forgotten with the process. */
  readonly memoryFile?: string;
};

/** @throws where the file is no memory */
const readMemory = (file: string | undefined): ModuleMemory =>
  file !== undefined && existsSync(file) ? parseMemory(readFileSync(file, 'utf8')) : emptyMemory();

/**
 * An emulated module at the end of a real pseudo-terminal, which a program opens as a serial port. `socat` makes the terminal;
 * where it is missing, plugging in is refused with its words. The speed of the port plays no part on a pseudo-terminal.
 */
export const startModuleOnPty = async (
  { profile, link, memoryFile }: Options,
  env: Pick<DriverEnv, 'timers' | 'random'>,
): Promise<Result<ModuleOnPty, string>> => {
  const memory = readMemory(memoryFile);
  let cable: ChildProcess | null = null;

  const keep = (): void => {
    if (memoryFile === undefined) return;
    // Whole or not at all, as the flash of a module between two pages.
    writeFileSync(`${memoryFile}.part`, formatMemory(memory));
    renameSync(`${memoryFile}.part`, memoryFile);
  };

  const unplug = async (): Promise<void> => {
    const pulled = cable;
    cable = null;
    if (pulled === null || pulled.exitCode !== null || pulled.signalCode !== null) return;
    const ended = once(pulled, 'exit');
    pulled.kill('SIGTERM');
    await ended;
    rmSync(link, { force: true });
  };

  const module = createModuleEmulator({
    profile: moduleProfiles[profile],
    memory,
    env,
    send: (bytes) => void cable?.stdin?.write(bytes),
    unplug: () => void unplug(),
    onFlash: keep,
  });

  const wait = (): Promise<void> =>
    new Promise((resolve) => void env.timers.set(resolve, LINK_POLL_MS));

  const plug = async (): Promise<Result<void, string>> => {
    if (cable !== null) return ok(undefined);
    const started = spawn('socat', ['-', `pty,raw,echo=0,link=${link}`], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let refused: string | null = null;
    started.on('error', (error) => {
      refused = error.message;
    });
    // Writing to a cable that was just pulled is what unplugging means.
    started.stdin?.on('error', () => {});
    started.stdout?.on('data', (bytes: Uint8Array) => module.receive(bytes));
    for (let waited = 0; waited < PLUG_LIMIT_MS; waited += LINK_POLL_MS) {
      if (refused !== null) return err(`socat: ${refused}`);
      if (started.exitCode !== null) return err(`socat ended with ${started.exitCode}`);
      if (existsSync(link)) {
        cable = started;
        module.restart();
        return ok(undefined);
      }
      await wait();
    }
    started.kill('SIGKILL');
    return err(`no pseudo-terminal within ${PLUG_LIMIT_MS} ms`);
  };

  const plugged = await plug();
  return plugged.ok ? ok({ module, memory, unplug, plug, stop: unplug }) : plugged;
};
