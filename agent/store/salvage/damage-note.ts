import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../durable-file.ts';

const DAMAGE_FILE = 'damaged.json';
const DETAIL_MAX = 500;

/**
 * Notes beside a database that a page of it could not be read while the till ran, so that the next opening salvages it even
 * where it looks whole at first. Throws the system's errors.
 */
export function noteDamage(dataDir: string, at: string, detail: string): void {
  const content = JSON.stringify({ at, detail: detail.slice(0, DETAIL_MAX) });
  writeDurably(join(dataDir, DAMAGE_FILE), `${content}\n`, 0o600);
}

/** What was noted, as text; nothing where nothing was. */
export function notedDamage(dataDir: string): string | undefined {
  const path = join(dataDir, DAMAGE_FILE);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** Forgets it, once the database was salvaged. */
export function clearDamage(dataDir: string): void {
  rmSync(join(dataDir, DAMAGE_FILE), { force: true });
}
