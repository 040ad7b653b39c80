import { createRequire, syncBuiltinESMExports } from 'node:module';
import Database from 'better-sqlite3';

/** Thrown where a simulated process ends in the midst of its work. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded';
}

/** What happens to one till's disk. */
interface DiskPlan {
  /** The process ends at this operation from here on; 0 = it does not. */
  killIn: number;
  readonly onKill: () => void;
  /** Every so many writes fail; 0 = none. */
  failEvery: number;
  count: number;
  /** Called at each commit. */
  readonly onCommit?: (() => void) | undefined;
}

const plans = new Map<string, DiskPlan>();
let isInstalled = false;
let isLooking = false;

/** Operations of files that change something; each is a place where a process can end. */
const CHANGING = [
  'openSync',
  'writeSync',
  'writeFileSync',
  'renameSync',
  'rmSync',
  'unlinkSync',
  'fsyncSync',
] as const;

/**
 * Puts itself between the till's code and its disk: statements of SQLite and changes of files, counted per data folder.
 * For a process that runs nothing but simulations.
 */
export function installDisk(): void {
  if (isInstalled) return;
  isInstalled = true;
  const probe = new Database(':memory:');
  const prepared = probe.prepare('SELECT 1');
  const statements = Object.getPrototypeOf(prepared) as Record<
    string,
    (...values: unknown[]) => unknown
  >;
  for (const call of ['run', 'get', 'all'] as const) {
    const original = statements[call] as (...values: unknown[]) => unknown;
    statements[call] = function (this: Database.Statement, ...values: unknown[]) {
      if (plans.size > 0) reach(this.database.name, call === 'run', this.source);
      return original.apply(this, values);
    };
  }
  probe.close();
  const fs = createRequire(import.meta.url)('node:fs') as Record<
    string,
    (...values: unknown[]) => unknown
  >;
  for (const call of CHANGING) {
    const original = fs[call] as (...values: unknown[]) => unknown;
    fs[call] = (...values: unknown[]) => {
      if (plans.size > 0 && typeof values[0] === 'string') reach(values[0], false, '');
      return original(...values);
    };
  }
  syncBuiltinESMExports();
}

function reach(path: string, isWrite: boolean, sql: string): void {
  if (isLooking) return;
  for (const [folder, plan] of plans) {
    if (!path.startsWith(folder)) continue;
    if (plan.killIn > 0) {
      plan.killIn -= 1;
      if (plan.killIn === 0) {
        plans.delete(folder);
        plan.onKill();
        throw new ProcessEnded('the process ended here');
      }
    }
    if (sql === 'COMMIT') plan.onCommit?.();
    if (!isWrite || plan.failEvery === 0) continue;
    plan.count += 1;
    if (plan.count % plan.failEvery === 0)
      throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
  }
}

/** What the simulator itself reads is nothing that a till does. */
export function looking<T>(look: () => T): T {
  const before = isLooking;
  isLooking = true;
  try {
    return look();
  } finally {
    isLooking = before;
  }
}

/** The process that works in `folder` ends at the nth operation from here on. */
export function endAt(folder: string, nth: number, onKill: () => void): void {
  plans.set(folder, { killIn: nth, onKill, failEvery: 0, count: 0 });
}

/** Every so many writes in `folder` fail as on a full disk; 0 = none any more. */
export function failWrites(folder: string, every: number): void {
  if (every === 0) plans.delete(folder);
  else plans.set(folder, { killIn: 0, onKill: () => {}, failEvery: every, count: 0 });
}

/** Told of every commit in `folder`, before it. */
export function onCommits(folder: string, tell: () => void): void {
  plans.set(folder, { killIn: 0, onKill: () => {}, failEvery: 0, count: 0, onCommit: tell });
}

/** What was planned for a folder is off. */
export function forgetDisk(folder: string): void {
  plans.delete(folder);
}
