import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own in a file, which can be made to hang. */
export interface HangingDisk {
  readonly folder: string;
  /**
   * Whoever writes or flushes waits from when this settles, for about so long. @returns settles when it goes on; that does not
   * need this process
   */
  hang(ms: number): Promise<{ readonly over: Promise<unknown> }>;
  unmount(): void;
}

/**
 * Whether this process may mount a file and freeze it: it is root on Linux and has the tools. With CI=true always, so that a
 * test which cannot fails there instead of hiding.
 */
export function canHang(): boolean {
  if (process.env['CI'] === 'true') return true;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  if (spawnSync('fsfreeze', ['--version']).error !== undefined) return false;
  try {
    mountHangingDisk().unmount();
    return true;
  } catch {
    // Whatever is missing, the test is skipped by name.
    return false;
  }
}

/** Mounts a disk; the caller unmounts it. @param sizeMb of the disk */
export function mountHangingDisk(sizeMb = 32): HangingDisk {
  const root = mkdtempSync(join(tmpdir(), 'tillside-hang-'));
  const [image, folder] = [join(root, 'image'), join(root, 'disk')];
  const file = openSync(image, 'w');
  ftruncateSync(file, sizeMb * 1024 * 1024);
  closeSync(file);
  run('mkfs.ext4', ['-q', '-m', '0', image]);
  run('mkdir', [folder]);
  run('mount', ['-o', 'loop', image, folder]);
  return {
    folder,
    async hang(ms) {
      const child = spawn(
        'sh',
        [
          '-c',
          'fsfreeze -f "$1" && echo frozen; sleep "$2"; fsfreeze -u "$1"',
          'sh',
          folder,
          String(ms / 1_000),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'], detached: true },
      );
      const over = once(child, 'exit');
      await once(child.stdout, 'data');
      return { over };
    },
    unmount() {
      run('umount', ['-l', folder]);
      rmSync(root, { recursive: true });
    },
  };
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
