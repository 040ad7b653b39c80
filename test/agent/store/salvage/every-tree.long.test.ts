import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../../../agent/main/verify-ledger.ts';
import {
  closeTill,
  damagedCopy,
  flipBit,
  makeSoldFolder,
  missingSales,
  openLikeTill,
  PAGE,
  treesOf,
} from '../../../support/damaged.ts';
import { cutsOf } from '../../../support/log-cuts.ts';

const CUTS = 200;
const folder = makeSoldFolder({ sales: 60 });
const committedAt: { readonly bytes: number; readonly mark: string }[] = [];
const cutFolder = makeSoldFolder({
  sales: 40,
  killed: true,
  onSold(_saleId, dataDir, file) {
    const path = join(dataDir, file);
    committedAt.push({
      bytes: statSync(`${path}-wal`).size,
      mark: readFileSync(`${path}.mark`, 'utf8'),
    });
  },
});
afterAll(() => {
  folder.remove();
  cutFolder.remove();
});

describe('one flipped bit', () => {
  test.each([...treesOf(folder)])('anywhere in a page of %s costs nothing', (tree, pages) => {
    const page = pages[tree.length % pages.length] ?? 0;
    const byte = 20 + ((page * 7_919 + tree.length * 104_729) % (PAGE - 20));
    const copy = damagedCopy(folder, (path) => flipBit(path, (page - 1) * PAGE + byte, page % 8));
    const opened = openLikeTill(copy.dataDir, folder.key);
    if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
    const { store, salvage } = opened.value;
    expect(salvage).toMatchObject({ outcome: 'mended', mended: { mendedPages: [page] } });
    expect([missingSales(store, folder.sold), verifyLedger(store).ok]).toEqual([[], true]);
    closeTill(opened.value);
    copy.remove();
  });
});

test.each(cutsOf(committedAt.at(-1)?.bytes ?? 0, CUTS))(
  'a power cut after %i bytes of the log leaves the sales committed until then, whole',
  (bytes) => {
    const kept = committedAt.filter((one) => one.bytes <= bytes).length;
    const copy = damagedCopy(cutFolder, (path) => {
      truncateSync(`${path}-wal`, bytes);
      const mark = committedAt[kept - 1]?.mark;
      if (mark === undefined) rmSync(`${path}.mark`);
      else writeFileSync(`${path}.mark`, mark);
    });
    const opened = openLikeTill(copy.dataDir, cutFolder.key);
    if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
    const { store, salvage } = opened.value;
    expect(salvage).toBeUndefined();
    expect([store.ledger.head().seq, store.sync.waiting().count]).toEqual([kept, kept]);
    expect(missingSales(store, cutFolder.sold)).toEqual(cutFolder.sold.slice(kept));
    expect(verifyLedger(store).ok).toBe(true);
    closeTill(opened.value);
    copy.remove();
  },
);
