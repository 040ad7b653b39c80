import { join } from 'node:path';
import { err, ok, type Result, type Text, text } from '../contract/index.ts';
import { classifyOpenFailure } from '../store/classify-open-failure.ts';
import { prepareDataFolder } from '../store/data-folder.ts';
import type { OpenError } from '../store/open-error.ts';
import { lockFile } from '../store/sqlite/lock-file.ts';

const LOCK_FILE = 'agent.lock';

/** The right to be the one agent of a data folder. It ends with the process, also when that is killed. */
export interface AgentLock {
  release(): void;
}

/** Another agent works on this folder. */
export interface FolderInUse {
  readonly code: 'folder-in-use';
  readonly message: Text;
  readonly remedy: Text;
  readonly detail: string;
}

/** Takes the lock of a data folder, or says that another agent has it; never waits. Makes the folder if need be. */
export function acquireAgentLock(dataDir: string): Result<AgentLock, FolderInUse | OpenError> {
  const path = join(dataDir, LOCK_FILE);
  try {
    prepareDataFolder(dataDir);
    return ok(lockFile(path));
  } catch (error) {
    const failure = classifyOpenFailure(error, path);
    return err(failure.code === 'locked' ? folderInUse(path) : failure);
  }
}

function folderInUse(path: string): FolderInUse {
  return {
    code: 'folder-in-use',
    message: text(
      '另一个 Tillside 正在使用这个数据文件夹',
      'Another Tillside is using this data folder',
    ),
    remedy: text(
      '关闭另一个程序，或为本程序指定别的数据文件夹',
      'Close the other program or give this one another data folder',
    ),
    detail: path,
  };
}
