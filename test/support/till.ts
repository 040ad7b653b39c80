import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ChainPackage } from '../../agent/main/chain-package.ts';
import { publishRules } from '../../sync/hq/publish/publish-rules.ts';
import { signDocument } from '../../sync/protocol/signed-document.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOG_KEPT_CHARS = 200_000;

/** A till in a process of its own, as `till run` or `npm start` make it. */
export interface TestTill {
  readonly address: string;
  readonly port: number;
  readonly links: Readonly<Record<string, string>>;
  readonly dataDir: string;
  readonly keyFile: string;
  readonly child: ChildProcess;
  /** Standard error so far. */
  log(): string;
  /** Asks it to end, as a service manager does, and answers its exit code. */
  stop(): Promise<number | null>;
  /** kill -9. */
  kill(): Promise<void>;
}

/** A folder tree of one till: data, key beside it, settings and signed rules; removed by `remove`. */
export interface TillFolder {
  readonly root: string;
  readonly dataDir: string;
  readonly keyFile: string;
  readonly configFile: string;
  remove(): void;
}

/** The signing key of the rules that tests publish. */
const signing = generateKeyPairSync('ed25519');

/** Prepares a till's folders with its settings and, where given, its rules and chain package. */
export function prepareTillFolder(options: {
  readonly config?: Record<string, unknown>;
  readonly rules?: string;
  readonly chain?: ChainPackage;
  /** A disk of its own for it; absent = the machine's folder for temporary files. */
  readonly within?: string;
}): TillFolder {
  const root = mkdtempSync(join(options.within ?? tmpdir(), 'tillside-till-'));
  const dataDir = join(root, 'data');
  mkdirSync(dataDir, { mode: 0o700 });
  const folder = {
    root,
    dataDir,
    keyFile: join(root, 'keys', 'till.key'),
    configFile: join(root, 'till.json'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  let rules: Record<string, unknown> = {};
  if (options.rules !== undefined) {
    const published = publishRules(options.rules);
    if (!published.ok)
      throw new Error(`the test's rules do not publish: ${JSON.stringify(published.error)}`);
    const ruleSetFile = join(root, 'rules.signed.json');
    writeFileSync(
      ruleSetFile,
      JSON.stringify(
        signDocument('tillside/rule-set/1', published.value.ruleSet, 'test', signing.privateKey),
      ),
    );
    const publicKey = createPublicKey(signing.privateKey)
      .export({ format: 'der', type: 'spki' })
      .toString('base64');
    rules = { ruleSetFile, trustedKeys: [{ keyId: 'test', publicKey }] };
  }
  writeFileSync(folder.configFile, JSON.stringify({ port: 0, ...rules, ...options.config }));
  if (options.chain !== undefined)
    writeFileSync(join(root, 'chain.json'), JSON.stringify(options.chain));
  return folder;
}

/** Starts one `till` command. */
export function spawnTill(args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(ROOT, 'agent/main/till.ts'), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs one `till` command to its end. @param input what it reads from standard input; absent = that is closed */
export async function runTill(
  args: readonly string[],
  input?: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawnTill(args);
  // A command that reads nothing may be gone before its input is.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, stdout, stderr };
}

/** Loads the folder's chain package by `till load`. */
export async function loadChain(folder: TillFolder): Promise<void> {
  const { code, stderr } = await runTill([
    'load',
    join(folder.root, 'chain.json'),
    '--config',
    folder.configFile,
    '--data',
    folder.dataDir,
    '--key-file',
    folder.keyFile,
    '--json',
  ]);
  if (code !== 0) throw new Error(`till load ended with ${code}: ${stderr}`);
}

/** `till run` on a prepared folder; settles once it serves. */
export function startTill(folder: TillFolder, args: readonly string[] = []): Promise<TestTill> {
  return launch(
    [
      'agent/main/till.ts',
      'run',
      '--config',
      folder.configFile,
      '--data',
      folder.dataDir,
      '--key-file',
      folder.keyFile,
      '--json',
      ...args,
    ],
    folder.dataDir,
    folder.keyFile,
  );
}

/** The first till of `npm start -- --no-open` in a folder of its own; `stop` ends the whole demo, `remove` deletes it. */
export async function startDemoTill(): Promise<TestTill & { remove(): void }> {
  const demo = await startDemo();
  const [first] = demo.tills;
  if (first === undefined) throw new Error('the demo has no till');
  const { child, log, stop, kill, remove } = demo;
  return { ...first, child, log, stop, kill, remove };
}

/** One till of the demo. */
export interface DemoTestTill {
  readonly tillId: string;
  readonly storeId: string;
  readonly address: string;
  readonly port: number;
  readonly links: Readonly<Record<string, string>>;
  readonly dataDir: string;
  readonly keyFile: string;
  readonly pid: number;
}

/** The whole demo: headquarters, two tills of one store and one of another. */
export interface TestDemo {
  readonly root: string;
  readonly tills: readonly DemoTestTill[];
  readonly hq: { readonly url: string; readonly console: string; readonly pid: number };
  readonly child: ChildProcess;
  log(): string;
  /** A line at its terminal: `h` stops headquarters or starts it again. */
  type(line: string): void;
  stop(): Promise<number | null>;
  kill(): Promise<void>;
  remove(): void;
}

/** `npm start -- --no-open` as a process of its own. @param root its folder; absent = a fresh one */
export async function startDemo(
  root: string = mkdtempSync(join(tmpdir(), 'tillside-demo-')),
): Promise<TestDemo> {
  const { facts, child, log, stop, kill } = await launchProgram([
    'agent/main/start.ts',
    '--no-open',
    '--json',
    '--port',
    '0',
    '--data',
    root,
  ]);
  const { tills, hq } = facts as Pick<TestDemo, 'tills' | 'hq'>;
  return {
    root,
    tills,
    hq,
    child,
    log,
    type: (line) => void child.stdin?.write(`${line}\n`),
    stop,
    kill,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function launch(
  args: readonly string[],
  dataDir: string,
  keyFile: string,
): Promise<TestTill> {
  const { facts, ...program } = await launchProgram(args);
  const { address, port, links } = facts as Pick<TestTill, 'address' | 'port' | 'links'>;
  return { address, port, links, dataDir, keyFile, ...program };
}

/** Starts a program that prints one JSON object once it serves. */
async function launchProgram(
  args: readonly string[],
): Promise<Pick<TestTill, 'child' | 'log' | 'stop' | 'kill'> & { readonly facts: unknown }> {
  const [entry = '', ...rest] = args;
  const child = spawn(process.execPath, [join(ROOT, entry), ...rest], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString('utf8')).slice(-LOG_KEPT_CHARS);
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line') as Promise<[string]>,
    exited.then(() => undefined),
  ]);
  if (first === undefined || 'error' in JSON.parse(first[0]))
    throw new Error(`the program ended before it served: ${first?.[0]} ${log}`);
  return {
    facts: JSON.parse(first[0]),
    child,
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
