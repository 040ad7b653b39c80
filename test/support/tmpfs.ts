import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Whether this process may mount a small disk of its own: it is root and the system lets it.
 * With CI=true always, so that a test which cannot mount fails there instead of hiding.
 */
export function canMount(): boolean {
  if (process.env['CI'] === 'true') return true;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'tillside-mount-'));
  const mounted =
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0;
  if (mounted) run('umount', ['-l', folder]);
  rmdirSync(folder);
  return mounted;
}

/**
 * Mounts a memory disk of a size such as `1m`, hands its folder to `use` and unmounts it, whatever happens.
 * `remount` changes its options, e.g. `ro`.
 */
export function withTmpfs<T>(
  size: string,
  use: (folder: string, remount: (options: string) => void) => T,
): T {
  const { folder, unmount } = mountTmpfs(size);
  try {
    return use(folder, (options) =>
      run('mount', ['-o', `remount,${options},size=${size}`, folder]),
    );
  } finally {
    unmount();
  }
}

/** Mounts a memory disk of a size such as `1m`; the caller unmounts it. */
export function mountTmpfs(size: string): { readonly folder: string; unmount(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-mount-'));
  run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  return {
    folder,
    unmount() {
      run('umount', ['-l', folder]);
      rmdirSync(folder);
    },
  };
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
