import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LINK_POLL_MS = 10;

/** A pseudo-terminal whose far end is held by the test, as a scanner holds the far end of a cable. */
export interface Pty {
  /** What the till opens. The same after each `plug`. */
  readonly path: string;
  /** The device sends this. */
  write(data: string | Uint8Array): void;
  /** Everything the till has sent to the device since it was last plugged in. */
  received(): string;
  /** The cable is pulled: the far end closes and the path goes. */
  unplug(): Promise<void>;
  plug(): Promise<void>;
  /** Ends the process and removes the folder. */
  stop(): Promise<void>;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, LINK_POLL_MS));
}

/** Starts one through `socat`, which must be on PATH. The caller stops it. */
export async function startPty(): Promise<Pty> {
  const folder = await mkdtemp(join(tmpdir(), 'tillside-pty-'));
  const path = join(folder, 'scanner');
  let cable: ChildProcess | null = null;
  let received = '';

  async function plug(): Promise<void> {
    if (cable !== null) return;
    received = '';
    const started = spawn('socat', ['-', `pty,raw,echo=0,link=${path}`], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    started.stdout?.on('data', (data: Buffer) => {
      received += data.toString('latin1');
    });
    // Writing to a cable that was just pulled is what the tests do on purpose.
    started.stdin?.on('error', () => {});
    cable = started;
    await until(() => existsSync(path) || started.exitCode !== null);
  }

  async function unplug(): Promise<void> {
    const pulled = cable;
    cable = null;
    if (pulled === null || pulled.exitCode !== null || pulled.signalCode !== null) return;
    const ended = once(pulled, 'exit');
    pulled.kill('SIGTERM');
    await ended;
    await rm(path, { force: true });
  }

  await plug();
  return {
    path,
    write: (data) => void cable?.stdin?.write(data),
    received: () => received,
    unplug,
    plug,
    async stop() {
      await unplug();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
