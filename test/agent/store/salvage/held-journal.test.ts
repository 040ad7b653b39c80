import { readdirSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  closeTill,
  damagedCopy,
  makeSoldFolder,
  openLikeTill,
  ruinPage,
  treesOf,
} from '../../../support/damaged.ts';
import { must } from '../../../support/must.ts';

/** A program that keeps the journal's files, until it has been asked so often. */
const scanner = vi.hoisted(() => ({ triesLeft: 0 }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    openSync(path: string, flags: string, mode?: number) {
      if (String(path).includes('ledger-journal-') && scanner.triesLeft > 0) {
        scanner.triesLeft -= 1;
        throw Object.assign(new Error('resource busy or locked'), { code: 'EBUSY' });
      }
      return fs.openSync(path, flags, mode);
    },
  };
});
beforeEach(() => {
  scanner.triesLeft = 0;
});

const folder = makeSoldFolder({ sales: 30, members: 20 });
const trees = treesOf(folder);
afterAll(() => folder.remove());

/** The keys of members lie in the journal alone. */
const ruinKeys = (path: string): void => {
  for (const page of trees.get('subject_keys') ?? []) ruinPage(path, page);
};
function keysOf(till: Parameters<typeof closeTill>[0]): (string | null)[] {
  return till.store.sync
    .nextUpload(1_000, 100_000_000)
    .flatMap((item) => (item.kind === 'entry' || item.kind === 'former' ? [item.key] : []));
}

describe('a salvage whose journal another program holds', () => {
  test('waits for it and loses nothing', () => {
    const copy = damagedCopy(folder, ruinKeys);
    scanner.triesLeft = 10;
    const till = must(openLikeTill(copy.dataDir, folder.key));
    expect(till.salvage?.ledger?.refilled).toMatchObject({ subject_keys: 20 });
    expect(keysOf(till)).not.toContain(null);
    closeTill(till);
    copy.remove();
  });

  test('comes later where it is held for long: the folder stays as it was, and the next start loses nothing', () => {
    const copy = damagedCopy(folder, ruinKeys);
    const filesOf = () => readdirSync(copy.dataDir).filter((name) => name !== 'agent.lock');
    const files = filesOf();
    scanner.triesLeft = 1_000;
    const opened = openLikeTill(copy.dataDir, folder.key, 100);
    expect(opened).toMatchObject({ ok: false, error: { code: 'journal-held' } });
    expect(filesOf()).toEqual(files);
    scanner.triesLeft = 0;
    const till = must(openLikeTill(copy.dataDir, folder.key));
    expect(till.salvage?.ledger?.refilled).toMatchObject({ subject_keys: 20 });
    expect(keysOf(till)).not.toContain(null);
    closeTill(till);
    copy.remove();
  });
});
