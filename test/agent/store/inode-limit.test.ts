import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { MemberId } from '../../../agent/contract/index.ts';
import { openLocked } from '../../../agent/main/open-locked.ts';
import { salvageFolder } from '../../../agent/store/salvage/salvage-folder.ts';
import {
  closeTill,
  copyFolder,
  makeSoldFolder,
  missingSales,
  openLikeTill,
  ruinPage,
  treesOf,
} from '../../support/damaged.ts';
import { commitSale } from '../../support/ledger.ts';
import { must } from '../../support/must.ts';
import { memoryKeyStore, TEST_NOW_MS, TEST_PLACE } from '../../support/store.ts';
import { canMount, withTmpfs } from '../../support/tmpfs.ts';

/** A busy machine takes many times as long as a quiet one. */
vi.setConfig({ testTimeout: 120_000 });

const SALES = 12;
/** More files than any of these tests needs. */
const FILES_MAX = 40;
const folder = makeSoldFolder({ sales: SALES });
const ledgerPage = treesOf(folder).get('ledger')?.[1] ?? 0;
afterAll(() => folder.remove());

/** Makes empty files until the disk lets nobody make another one, then takes `free` of them away. */
function leaveFiles(mount: string, free: number): void {
  const made: string[] = [];
  rmSync(join(mount, 'others'), { recursive: true, force: true });
  mkdirSync(join(mount, 'others'));
  try {
    for (;;) {
      const path = join(mount, 'others', String(made.length));
      writeFileSync(path, '', { flag: 'wx' });
      made.push(path);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
  for (const path of made.slice(0, free)) rmSync(path);
}

const withFiles = (use: (mount: string) => void): void =>
  withTmpfs(`64m,nr_inodes=${FILES_MAX}`, use);

describe.skipIf(!canMount())('inode limit, needing the right to mount', () => {
  test('a till that runs sells on where no file can be made', () => {
    withFiles((mount) => {
      const dataDir = join(mount, 'data');
      copyFolder(folder, dataDir);
      const till = must(openLikeTill(dataDir, folder.key));
      leaveFiles(mount, 0);
      commitSale(till.store, SALES + 1, 'm-1' as MemberId);
      expect(till.store.ledger.head().seq).toBe(SALES + 1);
      closeTill(till);
    });
  });

  test('a till that starts is told that the disk is full, at whichever file it is, and opens once there is room', () => {
    withFiles((mount) => {
      const dataDir = join(mount, 'data');
      copyFolder(folder, dataDir);
      const refused: string[] = [];
      for (let free = 0; ; free++) {
        leaveFiles(mount, free);
        const opened = openLikeTill(dataDir, folder.key);
        if (opened.ok) {
          expect(missingSales(opened.value.store, folder.sold)).toEqual([]);
          closeTill(opened.value);
          break;
        }
        refused.push(opened.error.code);
      }
      expect(new Set(refused)).toEqual(new Set(['disk-full']));
    });
  });

  test('a fresh till is told so too, and nothing stands in the way of the next start', () => {
    withFiles((mount) => {
      const dataDir = join(mount, 'data');
      const refused: string[] = [];
      const keyStore = memoryKeyStore();
      const clock = { now: () => TEST_NOW_MS, monoMs: () => 0 };
      for (let free = 0; ; free++) {
        leaveFiles(mount, free);
        const opened = openLocked(dataDir, undefined, TEST_PLACE, clock, keyStore);
        if (opened.ok) {
          closeTill(opened.value);
          break;
        }
        refused.push(opened.error.code);
      }
      expect(new Set(refused)).toEqual(new Set(['disk-full']));
    });
  });

  test('a damaged database is salvaged whole or not at all: it is never lost for want of a file', () => {
    withFiles((mount) => {
      const dataDir = join(mount, 'data');
      copyFolder(folder, dataDir);
      ruinPage(join(dataDir, folder.file), ledgerPage);
      const refused: string[] = [];
      for (let free = 0; ; free++) {
        leaveFiles(mount, free);
        const salvaged = salvageFolder({
          dataDir,
          key: folder.key,
          nowMs: TEST_NOW_MS,
          random: randomBytes,
        });
        expect(existsSync(join(dataDir, folder.file))).toBe(true);
        if (salvaged.ok) break;
        refused.push(salvaged.error.code);
      }
      expect(new Set(refused)).toEqual(new Set(['disk-full']));
    });
  });
});
