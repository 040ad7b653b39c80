import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '../../sync/hq/database/folder-lock.ts';
import { err, ok, type Result, type Text, text } from '../contract/index.ts';
import type { OpenError } from '../store/open-error.ts';
import { acquireAgentLock, type FolderInUse } from './agent-lock.ts';
import { templateKeysFileOf } from './open-locked.ts';

const MARKER_FILE = 'tillside-demo.json';
const MARKER = '{"schema":"tillside/demo/3"}\n';
/** What a till leaves in its data folder. */
const TILL_FILE = /^(live\.json(\.unfinished)?|agent\.(sock|lock)|till-[0-9a-f]{16}\..+)$/;
/** What headquarters leaves in its own. */
const HQ_ENTRIES = ['db', 'keys', 'running.json', 'demo-port'] as const;
/** Tills of the demo: the first two stand in one store. */
export const DEMO_TILLS = 3;

/** Where one till of the demo keeps what: the key beside the data folder, never in it. */
export interface DemoTillFolders {
  readonly data: string;
  readonly keyFile: string;
}

/** Where the demo keeps what. */
export interface DemoFolders {
  readonly keys: string;
  readonly hq: string;
  readonly tills: readonly DemoTillFolders[];
}

/** Why a folder cannot serve the demo. */
export interface DemoFolderError {
  readonly code: 'not-a-demo' | 'demo-older' | 'folder-in-use';
  readonly message: Text;
  readonly remedy: Text;
  readonly detail: string;
}

export function demoFolders(dataDir: string): DemoFolders {
  const keys = join(dataDir, 'keys');
  return {
    keys,
    hq: join(dataDir, 'hq'),
    tills: Array.from({ length: DEMO_TILLS }, (_, nth) => {
      const name = nth === 0 ? 'till' : `till-${nth + 1}`;
      return { data: join(dataDir, name), keyFile: join(keys, `${name}.key`) };
    }),
  };
}

/** Makes or recognises the demo's folder; a folder that holds anything else, or an older demo, is left alone. */
export function claimDemoFolder(dataDir: string): Result<DemoFolders, DemoFolderError> {
  const found = existsSync(dataDir) ? readdirSync(dataDir) : [];
  if (found.length > 0 && !found.includes(MARKER_FILE)) return err(notADemo(dataDir));
  const marker = join(dataDir, MARKER_FILE);
  if (found.length > 0 && readFileSync(marker, 'utf8') !== MARKER) return err(older(dataDir));
  const folders = demoFolders(dataDir);
  mkdirSync(folders.keys, { recursive: true, mode: 0o700 });
  if (found.length === 0) writeFileSync(marker, MARKER);
  return ok(folders);
}

/**
 * Forgets what a demo has stored: only what this program wrote, only in a folder that it marked, and only while neither
 * a till nor headquarters runs on it. Whatever else lies there stays.
 */
export function resetDemo(
  dataDir: string,
): Result<void, DemoFolderError | FolderInUse | OpenError> {
  if (!existsSync(dataDir)) return ok(undefined);
  const claimed = claimDemoFolder(dataDir);
  if (!claimed.ok && claimed.error.code !== 'demo-older') return claimed;
  const { keys, hq, tills } = demoFolders(dataDir);
  const held: (() => void)[] = [];
  try {
    for (const { data } of tills) {
      if (!existsSync(data)) continue;
      const lock = acquireAgentLock(data);
      if (!lock.ok) return lock;
      held.push(() => lock.value.release());
    }
    if (existsSync(join(hq, 'db'))) {
      const lock = lockFolder(join(hq, 'db'));
      if (!lock.ok) return err(hqRuns(hq));
      lock.value.release();
    }
    for (const { data, keyFile } of tills) {
      if (existsSync(data))
        for (const name of readdirSync(data))
          if (TILL_FILE.test(name) && name !== 'agent.lock') rmSync(join(data, name));
      for (const file of [keyFile, templateKeysFileOf(keyFile)]) rmSync(file, { force: true });
    }
    for (const name of HQ_ENTRIES) rmSync(join(hq, name), { recursive: true, force: true });
    // Of the demo before headquarters came.
    rmSync(join(keys, 'demo-chain.pem'), { force: true });
    rmSync(join(dataDir, 'rules.signed.json'), { force: true });
    writeFileSync(join(dataDir, MARKER_FILE), MARKER);
    return ok(undefined);
  } finally {
    for (const release of held) release();
  }
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

function older(dataDir: string): DemoFolderError {
  return {
    code: 'demo-older',
    message: text(
      '这个文件夹里是旧版演示的数据，还没有总部',
      'This folder holds the demo of an older version, which had no headquarters',
    ),
    remedy: text(
      '用 npm start -- --reset 重新开始，或用 --data 指定一个空文件夹',
      'Begin anew with npm start -- --reset, or name an empty folder with --data',
    ),
    detail: dataDir,
  };
}

function hqRuns(folder: string): DemoFolderError {
  return {
    code: 'folder-in-use',
    message: text('演示的总部还在运行', 'Headquarters of the demo is still running'),
    remedy: text('先停止正在运行的演示', 'Stop the demo that is running first'),
    detail: folder,
  };
}
