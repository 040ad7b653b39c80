import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
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
  /**
   * Settles when all that was written lies in the line, whether or not anybody reads it. For a till that sends nothing: what
   * goes the other way would be counted as well.
   */
  delivered(): Promise<void>;
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

/** Elsewhere nobody says what a process has written, and then it is not waited for. */
const COUNTS = process.platform === 'linux';

/** Bytes that a process has written so far, by the kernel's count (proc(5), `io`). */
function bytesWritten(pid: number | undefined): number {
  const [, count = '0'] = /^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8')) ?? [];
  return Number(count);
}

/** Starts one through `socat`, which must be on PATH. The caller stops it. */
export async function startPty(): Promise<Pty> {
  const folder = await mkdtemp(join(tmpdir(), 'tillside-pty-'));
  const path = join(folder, 'scanner');
  let cable: ChildProcess | null = null;
  let received = '';
  /** Bytes for the line since it was plugged in, and what the cable had written before them. */
  let sentBytes = 0;
  let writtenBefore = 0;

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
    sentBytes = 0;
    if (started.exitCode === null && COUNTS) writtenBefore = bytesWritten(started.pid);
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
    write(data) {
      sentBytes += Buffer.byteLength(data);
      cable?.stdin?.write(data);
    },
    delivered: () => until(() => !COUNTS || bytesWritten(cable?.pid) - writtenBefore >= sentBytes),
    received: () => received,
    unplug,
    plug,
    async stop() {
      await unplug();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
