import { chmod, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { type HqOpenProblem, hqOpenProblem } from '../hq-open-problem.ts';
import { blockedAt } from './reachable.ts';
import type { ServerPrograms } from './server-programs.ts';
import type { ServerUser } from './server-user.ts';

/** Lets the server's user pass HQ's folder, without reading it; says where it is stopped on the way. */
export async function openWay(
  folder: string,
  user: ServerUser,
): Promise<Result<void, HqOpenProblem>> {
  const { mode } = await stat(folder);
  await chmod(folder, mode | 0o011);
  const blocked = await blockedAt(folder, user);
  return blocked === null ? ok(undefined) : err(hqOpenProblem('folder-not-reachable', blocked));
}

/**
 * Programs that the server's user can run: those of the package, or where it may not pass the way to them (a checkout in
 * root's home) a copy in HQ's folder.
 */
export async function reachablePrograms(
  programs: ServerPrograms,
  user: ServerUser,
  folder: string,
): Promise<ServerPrograms> {
  if ((await blockedAt(programs.folder, user)) === null) return programs;
  const copy = join(folder, `postgresql-programs-${programs.version}`);
  // Not there: not copied yet. What else may be wrong with it, copying says.
  if ((await stat(copy).catch(() => null)) === null) {
    const part = `${copy}.part`;
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { mode: 0o755 });
    await cp(programs.folder, part, { recursive: true, verbatimSymlinks: true });
    await rename(part, copy);
  }
  const inside = (program: string) => join(copy, 'bin', basename(program));
  return {
    ...programs,
    folder: copy,
    initdb: inside(programs.initdb),
    postgres: inside(programs.postgres),
  };
}
