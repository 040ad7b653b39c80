import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import {
  closeTill,
  copyFolder,
  makeSoldFolder,
  missingSales,
  openLikeTill,
  ruinPage,
  treesOf,
} from '../../../support/damaged.ts';
import { must } from '../../../support/must.ts';
import { canMount, withTmpfs } from '../../../support/tmpfs.ts';

/** A busy machine takes many times as long as a quiet one. */
vi.setConfig({ testTimeout: 120_000 });

const SALES = 12;
/** Room for the copy of the damaged file fails first, then room for the fresh one, for its log and for the report. */
const SHARES = [0, 0.5, 1.5, 2.5, 3.5];
const folder = makeSoldFolder({ sales: SALES });
const trees = treesOf(folder);
const bytes = statSync(join(folder.dataDir, folder.file)).size;
afterAll(() => folder.remove());

/** A damaged copy of the folder on a disk of its own. */
function onDisk(tree: string, use: (dataDir: string, leave: (room: number) => void) => void): void {
  withTmpfs('64m', (mount) => {
    const dataDir = join(mount, 'data');
    copyFolder(folder, dataDir);
    ruinPage(join(dataDir, folder.file), trees.get(tree)?.[1] ?? trees.get(tree)?.[0] ?? 0);
    const ballast = join(mount, 'ballast');
    use(dataDir, (room) => {
      rmSync(ballast, { force: true });
      if (room < Number.POSITIVE_INFINITY) fillBut(ballast, room);
    });
  });
}

const sumOf = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

describe.skipIf(!canMount())('disk full during salvage, needing the right to mount', () => {
  test('at whatever step it is: named, the damaged file as it was, nothing left over, and salvaged once there is room', () => {
    onDisk('ledger', (dataDir, leave) => {
      const damaged = join(dataDir, folder.file);
      const sum = sumOf(damaged);
      for (const share of SHARES) {
        leave(Math.floor(bytes * share));
        expect(openLikeTill(dataDir, folder.key)).toMatchObject({ error: { code: 'disk-full' } });
        expect(sumOf(damaged)).toBe(sum);
        const files = readdirSync(dataDir).filter((name) => /\.(db|json)$/.test(name));
        expect(files.sort()).toEqual(['live.json', folder.file]);
      }
      leave(Number.POSITIVE_INFINITY);
      const till = must(openLikeTill(dataDir, folder.key));
      expect(till.salvage).toMatchObject({ outcome: 'salvaged' });
      expect(missingSales(till.store, folder.sold).length).toBeLessThan(SALES / 2);
      closeTill(till);
    });
  });
});

/** Fills the disk until only `room` bytes are left. */
function fillBut(ballast: string, room: number): void {
  writeFileSync(ballast, '');
  const free = statfsSync(ballast);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, free.bavail * free.bsize - room)));
}
