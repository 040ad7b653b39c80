import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result, type Text, text } from '../contract/index.ts';
import type { OpenError } from '../store/open-error.ts';
import { acquireAgentLock, type FolderInUse } from './agent-lock.ts';

const MARKER_FILE = 'tillside-demo.json';
/** What a till leaves in its data folder. */
const TILL_FILE =
  /^(live\.json|agent\.sock|till-[0-9a-f]{16}\.db(-wal|-shm|-journal)?(\.unfinished)?)$/;

/** Where the demo keeps what: the key beside the till's folder, never in it. */
export interface DemoFolders {
  readonly till: string;
  readonly keys: string;
  readonly keyFile: string;
  readonly signingKey: string;
  readonly rules: string;
}

/** Why a folder cannot serve the demo. */
export interface DemoFolderError {
  readonly code: 'not-a-demo';
  readonly message: Text;
  readonly remedy: Text;
  readonly detail: string;
}

export function demoFolders(dataDir: string): DemoFolders {
  return {
    till: join(dataDir, 'till'),
    keys: join(dataDir, 'keys'),
    keyFile: join(dataDir, 'keys', 'till.key'),
    signingKey: join(dataDir, 'keys', 'demo-chain.pem'),
    rules: join(dataDir, 'rules.signed.json'),
  };
}

/** Makes or recognises the demo's folder; a folder that holds anything else is left alone. */
export function claimDemoFolder(dataDir: string): Result<DemoFolders, DemoFolderError> {
  const found = existsSync(dataDir) ? readdirSync(dataDir) : [];
  if (found.length > 0 && !found.includes(MARKER_FILE)) return err(notADemo(dataDir));
  const folders = demoFolders(dataDir);
  mkdirSync(folders.keys, { recursive: true, mode: 0o700 });
  if (found.length === 0)
    writeFileSync(join(dataDir, MARKER_FILE), '{"schema":"tillside/demo/1"}\n');
  return ok(folders);
}

/**
 * Forgets what a demo has stored: only files that this program wrote, only in a folder that it marked, and only while
 * no till runs on it. Whatever else lies there stays.
 */
export function resetDemo(
  dataDir: string,
): Result<void, DemoFolderError | FolderInUse | OpenError> {
  if (!existsSync(dataDir)) return ok(undefined);
  const claimed = claimDemoFolder(dataDir);
  if (!claimed.ok) return claimed;
  const { till, keyFile, signingKey, rules } = claimed.value;
  const lock = acquireAgentLock(till);
  if (!lock.ok) return lock;
  for (const name of readdirSync(till)) if (TILL_FILE.test(name)) rmSync(join(till, name));
  for (const file of [keyFile, signingKey, rules]) rmSync(file, { force: true });
  lock.value.release();
  return ok(undefined);
}

function notADemo(dataDir: string): DemoFolderError {
  return {
    code: 'not-a-demo',
    message: text(
      '这个文件夹里有别的内容，不是演示数据',
      'This folder holds other things and no demo',
    ),
    remedy: text(
      '用 --data 指定一个空文件夹；没有删除任何内容',
      'Name an empty folder with --data; nothing was removed',
    ),
    detail: dataDir,
  };
}
