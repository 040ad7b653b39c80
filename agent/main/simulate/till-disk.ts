import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Chance } from './chance.ts';
import { claimTemplate } from './till-template.ts';

export interface TillDiskOptions {
  readonly tillId: string;
  readonly storeId: string;
  /** A folder of this till alone, on a fast disk. */
  readonly folder: string;
  /** See `makeTemplate`. */
  readonly template: string;
  /** The folder of another till, which it begins with a copy of; absent = its database is fresh. */
  readonly copyOf?: string | undefined;
  readonly chance: Chance;
}

/** The disk of one till: its data folder, and what befalls it while no process works in it. */
export interface TillDisk {
  /** The data folder; another one after each kill. */
  readonly dataDir: string;
  /** How often a process that worked on it was killed. */
  readonly life: number;
  /**
   * A process has ended: what it left is what the next one finds, whatever its closing writes.
   * @param close closes what that process had open
   */
  leave(close: () => void): void;
  /** Copies the data folder, also of a running till. */
  image(): void;
  /** Puts the image in the place of what is there. */
  putBack(): void;
  /** A fresh database in the place of what is there. */
  replace(): void;
}

export function createTillDisk({
  tillId,
  storeId,
  folder,
  template,
  copyOf,
  chance,
}: TillDiskOptions): TillDisk {
  const imageDir = join(folder, 'image');
  let life = 0;
  let dataDir = join(folder, 'life-0');
  mkdirSync(folder, { recursive: true });
  if (copyOf === undefined) fresh();
  else cpSync(copyOf, dataDir, { recursive: true });

  function fresh(): void {
    cpSync(template, dataDir, { recursive: true });
    claimTemplate(dataDir, tillId, storeId, chance);
  }

  return {
    get dataDir() {
      return dataDir;
    },
    get life() {
      return life;
    },
    leave(close) {
      life += 1;
      const next = join(folder, `life-${life}`);
      cpSync(dataDir, next, { recursive: true });
      close();
      rmSync(dataDir, { recursive: true, force: true });
      dataDir = next;
    },
    image() {
      rmSync(imageDir, { recursive: true, force: true });
      cpSync(dataDir, imageDir, { recursive: true });
    },
    putBack() {
      rmSync(dataDir, { recursive: true, force: true });
      cpSync(imageDir, dataDir, { recursive: true });
    },
    replace() {
      rmSync(dataDir, { recursive: true, force: true });
      fresh();
    },
  };
}
