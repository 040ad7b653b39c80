import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { performance } from 'node:perf_hooks';

/**
 * Runs one program of `node_modules/.bin` with its output passed through.
 * Prints the step's name before and its outcome with seconds after.
 *
 * @returns whether it ended with exit code 0.
 */
export function runStep(
  name: string,
  program: string,
  args: readonly string[],
  options: { root: string; env: NodeJS.ProcessEnv },
): Promise<boolean> {
  const started = performance.now();
  const windows = process.platform === 'win32';
  const bin = join(options.root, 'node_modules', '.bin');
  process.stdout.write(`\n== ${name}: ${program} ${args.join(' ')}\n`);
  return new Promise((resolve) => {
    const child = spawn(windows ? `${program}.cmd` : join(bin, program), args, {
      cwd: options.root,
      env: { ...options.env, PATH: `${bin}${delimiter}${options.env['PATH'] ?? ''}` },
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: windows,
    });
    const finish = (ok: boolean, detail: string): void => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(`== ${name}: ${ok ? 'ok' : 'FAILED'}${detail} (${seconds} s)\n`);
      resolve(ok);
    };
    child.on('error', (error) => finish(false, `, ${error.message}; run npm ci first`));
    child.on('exit', (code, signal) => {
      finish(code === 0, signal === null ? '' : `, ended by ${signal}`);
    });
  });
}
