/**
 * Runs one command of package.json and carries its line of help.
 *
 *     node scripts/run.ts "What it does, in one line" TARGET [ARGUMENT...]
 *
 * `npm run` prints each script's command, so the help stands in that listing on every system:
 * a trailing shell comment would swallow the arguments that npm appends and does not exist in cmd.
 * TARGET is a `.ts` file of this repository or the name of a program in `node_modules/.bin`.
 * On POSIX systems this process is replaced by the target, so signals and exit codes are exact.
 */
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const [help, target, ...rest] = process.argv.slice(2);

if (help === undefined || target === undefined) {
  process.stderr.write('usage: node scripts/run.ts "HELP" TARGET [ARGUMENT...]\n');
  process.exit(2);
}

const isSource = target.endsWith('.ts');
const env = {
  // Every program that Node starts here keeps its compiled modules: the next start takes half the time.
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node-compile'),
  ...process.env,
  PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
};

if (process.platform !== 'win32' && process.execve !== undefined) {
  const argv = isSource ? [process.execPath, join(root, target), ...rest] : [target, ...rest];
  process.execve(isSource ? process.execPath : join(bin, target), argv, env);
}

const child = isSource
  ? spawn(process.execPath, [join(root, target), ...rest], { stdio: 'inherit', env })
  : spawn(`${target}.cmd`, rest.map(quoteForCmd), { stdio: 'inherit', env, shell: true });
child.on('error', (error) => {
  process.stderr.write(`cannot start ${target}: ${error.message}. Run npm ci first.\n`);
  process.exit(2);
});
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => child.kill(signal));
}

function quoteForCmd(argument: string): string {
  return /[\s"&|<>^]/.test(argument) ? `"${argument.replaceAll('"', '""')}"` : argument;
}
