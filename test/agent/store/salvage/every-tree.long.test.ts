import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../../../agent/main/verify-ledger.ts';
import {
  closeTill,
  damagedCopy,
  flipBit,
  journalOf,
  makeSoldFolder,
  missingSales,
  openLikeTill,
  PAGE,
  treesOf,
} from '../../../support/damaged.ts';
import { cutsOf } from '../../../support/log-cuts.ts';
import { must } from '../../../support/must.ts';

const CUTS = 200;
const folder = makeSoldFolder({ sales: 60 });
const committedAt: {
  readonly bytes: number;
  readonly mark: string;
  readonly journalBytes: number;
}[] = [];
const cutFolder = makeSoldFolder({
  sales: 40,
  killed: true,
  onSold(_saleId, dataDir, file) {
    const path = join(dataDir, file);
    committedAt.push({
      bytes: statSync(`${path}-wal`).size,
      mark: readFileSync(`${path}.mark`, 'utf8'),
      journalBytes: statSync(journalOf(path)).size,
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

const cuts = cutsOf(committedAt.at(-1)?.bytes ?? 0, CUTS);

/** What a till finds whose log ends after so many bytes. */
function openedCut(bytes: number, damage: (path: string, kept: number) => void) {
  const kept = committedAt.filter((one) => one.bytes <= bytes).length;
  const copy = damagedCopy(cutFolder, (path) => {
    truncateSync(`${path}-wal`, bytes);
    damage(path, kept);
  });
  try {
    const till = must(openLikeTill(copy.dataDir, cutFolder.key));
    const { store, salvage } = till;
    const left = {
      head: store.ledger.head().seq,
      missing: missingSales(store, cutFolder.sold),
      waiting: store.sync.nextUpload(1_000, 10_000_000).filter(isEntry).length,
      chain: verifyLedger(store).ok,
      salvage,
    };
    closeTill(till);
    return { kept, left };
  } finally {
    copy.remove();
  }
}

const isEntry = ({ kind }: { readonly kind: string }): boolean =>
  kind === 'entry' || kind === 'former';
const whole = { head: 40, missing: [], waiting: 40, chain: true, salvage: undefined };

test.each(cuts)('a log cut after %i bytes behind its flush costs no committed sale', (bytes) => {
  expect(openedCut(bytes, () => undefined).left).toEqual(whole);
});

test.each(cuts)(
  'a power cut after %i bytes of the log leaves the sales committed until then, whole',
  (bytes) => {
    const { kept, left } = openedCut(bytes, (path, sales) => {
      const at = committedAt[sales - 1];
      if (at === undefined) rmSync(`${path}.mark`);
      else writeFileSync(`${path}.mark`, at.mark);
      truncateSync(journalOf(path), at?.journalBytes ?? 0);
    });
    expect(left).toEqual({
      ...whole,
      head: kept,
      missing: cutFolder.sold.slice(kept),
      waiting: kept,
    });
  },
);
