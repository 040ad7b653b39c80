import { existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../../../agent/main/verify-ledger.ts';
import { mendCopy } from '../../../../agent/store/salvage/mend-copy.ts';
import type { SalvageReport } from '../../../../agent/store/salvage/salvage-report.ts';
import { openDatabase } from '../../../../agent/store/sqlite/open-database.ts';
import type { RowPlace } from '../../../../sync/client/ports.ts';
import {
  closeTill,
  damagedCopy,
  fillPage,
  flipBit,
  journalOf,
  makeSoldFolder,
  missingSales,
  openLikeTill,
  PAGE,
  pagesOf,
  ruinPage,
  type SoldFolder,
  treesOf,
} from '../../../support/damaged.ts';
import { cursorAt, memberRow } from '../../../support/fed-rows.ts';

const SALES = 60;
const folder = makeSoldFolder({ sales: SALES });
const trees = treesOf(folder);
afterAll(() => folder.remove());

const pageOf = (tree: string, n = -1): number => {
  const page = trees.get(tree)?.at(n);
  if (page === undefined) throw new Error(`no page of ${tree}`);
  return page;
};

interface Outcome {
  readonly salvage: SalvageReport | undefined;
  readonly missing: readonly string[];
  readonly head: number;
  readonly incarnation: string;
  readonly chain: { readonly ok: boolean; readonly detail: string };
  readonly waiting: readonly { readonly no: number; readonly kind: string }[];
}

/** Damages a copy of the folder, opens it as a till does, and looks at what is there. */
function afterDamage(damage: (path: string) => void, from: SoldFolder = folder): Outcome {
  const copy = damagedCopy(from, damage);
  try {
    const opened = openLikeTill(copy.dataDir, from.key);
    if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
    const { store, salvage } = opened.value;
    try {
      return {
        salvage,
        missing: missingSales(store, from.sold),
        head: store.ledger.head().seq,
        incarnation: store.incarnation,
        chain: verifyLedger(store),
        waiting: store.sync.nextUpload(1_000, 100_000_000).map(({ no, kind }) => ({ no, kind })),
      };
    } finally {
      closeTill(opened.value);
    }
  } finally {
    copy.remove();
  }
}

const whole = afterDamage(() => undefined);

test('a folder that is whole is opened as it is', () => {
  expect(whole).toMatchObject({ salvage: undefined, missing: [], head: SALES });
  expect(whole.chain.ok).toBe(true);
});

describe('one flipped bit', () => {
  const TREES = [
    'ledger',
    'ledger_by_sale',
    'outbox',
    'members',
    'sync_state',
    'points_movements',
    'sqlite_schema',
  ];

  test.each(TREES)('in a page of %s is found, put right and proved; nothing is lost', (tree) => {
    const at = (pageOf(tree) - 1) * PAGE + 40 + TREES.indexOf(tree);
    const { salvage, ...left } = afterDamage((path) => flipBit(path, at, TREES.indexOf(tree)));
    expect(salvage).toMatchObject({
      outcome: 'mended',
      mended: { mendedPages: [pageOf(tree)], lostPages: [] },
    });
    const { salvage: _none, ...before } = whole;
    const told = { no: SALES + 1, kind: 'audit' };
    expect(left).toEqual({ ...before, waiting: [...before.waiting, told] });
  });

  test.each([
    ["the salt in the file's first bytes", 5],
    ["the first page's own code", PAGE - 10],
    ['the nonce of the first page', PAGE - 70],
  ])('in %s is put right', (_where, byte) => {
    const { salvage, missing, chain } = afterDamage((path) => flipBit(path, byte));
    expect(salvage).toMatchObject({ outcome: 'mended', mended: { mendedPages: [1] } });
    expect([missing, chain.ok]).toEqual([[], true]);
  });
});

describe('a page that cannot be put right', () => {
  test('of the ledger costs nothing that the journal has: entries are as they were, numbers are not reused', () => {
    const { salvage, waiting, ...left } = afterDamage((path) =>
      ruinPage(path, pageOf('ledger', 3)),
    );
    expect(left).toMatchObject({ missing: [], head: SALES, chain: { ok: true } });
    expect(salvage).toMatchObject({
      outcome: 'salvaged',
      ledger: { lost: [], lostUnsent: 0, isRenewed: true, fromJournal: { notFitting: [] } },
    });
    expect(salvage?.ledger?.fromJournal.entries).not.toEqual([]);
    expect(waiting.filter(({ kind }) => kind === 'former')).toHaveLength(SALES);
    expect(waiting.map(({ no }) => no)).toEqual(waiting.map((_, i) => i + 1));
  });

  test('of the ledger costs its entries alone where the journal is gone: the others are kept, what is lost is named, and numbers are not reused', () => {
    const page = pageOf('ledger', 3);
    const { salvage, missing, head, incarnation, chain, waiting } = afterDamage((path) => {
      ruinPage(path, page);
      rmSync(journalOf(path));
    });
    const lost = salvage?.ledger?.lost ?? [];
    const lostSeqs = lost.flatMap(({ fromSeq, toSeq }) =>
      Array.from({ length: toSeq - fromSeq + 1 }, (_, i) => fromSeq + i),
    );
    expect(salvage?.outcome).toBe('salvaged');
    expect(salvage?.mended.lostPages).toEqual([page]);
    expect(lostSeqs.length).toBeGreaterThan(0);
    expect(lostSeqs.length).toBeLessThan(8);
    expect(missing).toEqual(lostSeqs.map((seq) => `sale-${seq}`));
    expect(salvage?.ledger?.lostUnsent).toBe(lostSeqs.length);
    expect([head, salvage?.ledger?.isRenewed]).toEqual([SALES, true]);
    expect(incarnation).not.toBe(whole.incarnation);
    expect(chain).toMatchObject({ ok: true });
    expect(chain.detail).toContain('lost with damaged pages');
    // Each row of the outbox keeps its number; what was lost is told in its place.
    expect(waiting.map(({ no }) => no)).toEqual(waiting.map((_, i) => i + 1));
    expect(waiting.filter(({ kind }) => kind === 'former')).toHaveLength(SALES - lostSeqs.length);
  });

  test('of an index, of members and of movements loses no sale and leaves the till under its incarnation', () => {
    const { salvage, missing, incarnation, chain } = afterDamage((path) => {
      for (const tree of ['ledger_by_sale', 'members', 'points_movements'])
        ruinPage(path, pageOf(tree, 0));
    });
    expect(salvage?.mended.lostPages).toHaveLength(3);
    expect([missing, chain.ok]).toEqual([[], true]);
    expect(incarnation).toBe(whole.incarnation);
  });

  test('of the outbox loses no sale: rows are made again from the ledger', () => {
    const { salvage, missing, waiting } = afterDamage((path) =>
      ruinPage(path, pageOf('outbox', 1)),
    );
    expect(salvage?.outcome).toBe('salvaged');
    expect(missing).toEqual([]);
    expect(waiting.filter(({ kind }) => kind !== 'audit')).toHaveLength(SALES);
    expect(waiting.map(({ no }) => no)).toEqual(waiting.map((_, i) => i + 1));
  });

  test('that is the first one costs nothing, since a copy of it lies beside', () => {
    const { salvage, missing, chain } = afterDamage((path) => ruinPage(path, 1));
    expect(salvage?.mended).toMatchObject({ firstPageKept: true, lostPages: [] });
    expect([missing, chain.ok]).toEqual([[], true]);
  });

  const [, ...schemaPages] = trees.get('sqlite_schema') ?? [];
  test('that says what is in the file is one of several', () => {
    expect(schemaPages.length).toBeGreaterThan(2);
  });

  test.each(schemaPages)('of the schema (%i) costs nothing either', (page) => {
    const { salvage, ...left } = afterDamage((path) => ruinPage(path, page));
    expect(salvage).toMatchObject({
      outcome: 'mended',
      mended: { mendedPages: [page], lostPages: [], firstPageKept: false },
    });
    expect(left).toMatchObject({ missing: [], head: SALES, incarnation: whole.incarnation });
    expect(left.chain.ok).toBe(true);
  });

  test('of the schema costs nothing where all of them are ruined, the first one too', () => {
    const { salvage, missing, chain } = afterDamage((path) => {
      for (const page of [1, ...schemaPages]) ruinPage(path, page);
    });
    expect(salvage?.mended).toMatchObject({
      mendedPages: schemaPages,
      lostPages: [],
      firstPageKept: true,
    });
    expect([missing, chain.ok]).toEqual([[], true]);
  });

  test.each(['zeros', 'nothing, behind the end of a file that was cut,'])(
    'of the schema costs nothing of its own where the disk gives %s in its place',
    (what) => {
      const page = schemaPages.at(-1) ?? 0;
      const { salvage, chain } = afterDamage((path) => {
        if (what === 'zeros') fillPage(path, page, Buffer.alloc(PAGE));
        else truncateSync(path, (page - 1) * PAGE);
      });
      expect(salvage?.mended.mendedPages).toEqual([page]);
      expect(chain.ok).toBe(true);
    },
  );

  test('is not taken for one of the schema by a copy from before the schema changed', () => {
    const copy = damagedCopy(folder, (path) => {
      const db = openDatabase(path, folder.key, false);
      db.exec('CREATE TABLE later (one INTEGER)');
      db.close();
      ruinPage(path, schemaPages[0] ?? 0);
    });
    const made = mendCopy(copy.path, `${copy.path}.copy`, folder.key);
    expect(made).toMatchObject({ mendedPages: [], lostPages: [schemaPages[0]] });
    copy.remove();
  });

  test('in the middle of a table lets rows on both sides and between two such pages through', () => {
    const pages = [pageOf('ledger', 2), pageOf('ledger', 6), pageOf('ledger', -3)];
    const { salvage, missing, chain } = afterDamage((path) => {
      for (const page of pages) ruinPage(path, page);
      rmSync(journalOf(path));
    });
    expect(salvage?.ledger?.lost.length).toBe(3);
    expect(missing.length).toBeLessThan(24);
    expect(chain.ok).toBe(true);
  });

  test('that says where everything is, with its copy gone, ends in a named state and changes nothing', () => {
    const copy = damagedCopy(folder, (path) => {
      ruinPage(path, 1);
      rmSync(`${path}.first`);
    });
    const before = readFileSync(copy.path);
    const opened = openLikeTill(copy.dataDir, folder.key);
    expect(opened).toMatchObject({ ok: false, error: { code: 'database-unreadable' } });
    expect(readFileSync(copy.path).equals(before)).toBe(true);
    copy.remove();
  });
});

describe('a damaged file', () => {
  test('is set aside under a name with the time, as it was, with its log and a report beside', () => {
    const copy = damagedCopy(folder, (path) => ruinPage(path, pageOf('ledger', 3)));
    const before = readFileSync(copy.path);
    const opened = openLikeTill(copy.dataDir, folder.key);
    if (!opened.ok) throw new Error(opened.error.code);
    const { salvage } = opened.value;
    closeTill(opened.value);
    const aside = join(copy.dataDir, salvage?.damagedFile ?? '');
    expect(salvage?.damagedFile).toMatch(
      /^damaged-2026-11-21T08-30-00-000Z-till-[0-9a-f]{16}\.db$/,
    );
    expect(readFileSync(aside).equals(before)).toBe(true);
    expect(existsSync(copy.path)).toBe(false);
    const report = JSON.parse(
      readFileSync(join(copy.dataDir, salvage?.reportFile ?? ''), 'utf8'),
    ) as SalvageReport;
    expect(report).toMatchObject({ outcome: 'salvaged', damagedFile: salvage?.damagedFile });
    expect(JSON.stringify(report)).not.toContain('王小明');
    // The next start finds a whole till and touches nothing.
    const again = openLikeTill(copy.dataDir, folder.key);
    if (!again.ok) throw new Error(again.error.code);
    expect(again.value.salvage).toBeUndefined();
    closeTill(again.value);
    expect(readFileSync(aside).equals(before)).toBe(true);
    copy.remove();
  });

  test('is not salvaged with another key, nor where it is gone, nor emptied by an opening', () => {
    const copy = damagedCopy(folder, (path) => ruinPage(path, pageOf('ledger', 3)));
    const before = readFileSync(copy.path);
    const wrong = openLikeTill(copy.dataDir, new Uint8Array(32));
    expect(wrong).toMatchObject({ ok: false, error: { code: 'key-wrong' } });
    expect(readFileSync(copy.path).equals(before)).toBe(true);
    renameSync(copy.path, `${copy.path}.away`);
    expect(openLikeTill(copy.dataDir, folder.key)).toMatchObject({
      ok: false,
      error: { code: 'database-missing' },
    });
    copy.remove();
  });

  test('cut in the middle is salvaged as far as it goes', () => {
    const { salvage, head, chain } = afterDamage((path) =>
      truncateSync(path, Math.floor(pagesOf(path) / 2) * PAGE),
    );
    expect(salvage?.outcome).toBe('salvaged');
    expect([head <= SALES, chain.ok]).toEqual([true, true]);
    expect(salvage?.ledger?.isRenewed).toBe(true);
  });

  test('noted while the till ran is salvaged at the next start even where it looks whole', () => {
    const { salvage, missing } = afterDamage((path) =>
      writeFileSync(join(dirname(path), 'damaged.json'), '{"detail":"ledger: SQLITE_CORRUPT"}'),
    );
    expect(salvage).toMatchObject({ outcome: 'mended', mended: { lostPages: [] } });
    expect(missing).toEqual([]);
  });

  test('whose rows were changed by somebody with the key is found by their hashes', () => {
    const { salvage, missing, chain } = afterDamage((path) => {
      const db = openDatabase(path, folder.key, false);
      db.exec('DROP TRIGGER ledger_keeps_content');
      const swap = db.prepare(
        'UPDATE ledger SET header = (SELECT header FROM ledger WHERE seq = ?) WHERE seq = ?',
      );
      swap.run(11, 10);
      db.close();
      ruinPage(path, pageOf('members', 0));
      rmSync(journalOf(path));
    });
    expect(salvage?.ledger).toMatchObject({ unproved: [10], lost: [{ fromSeq: 10, toSeq: 10 }] });
    expect(missing).toEqual(['sale-10']);
    expect(chain.ok).toBe(true);
  });
});

describe('digests of fed rows, after a page that cannot be put right,', () => {
  const DIGEST_KEY = '5a'.repeat(32);
  const keyed = makeSoldFolder({
    sales: 3,
    prepare: ({ sync }) => {
      sync.checks.setKey(DIGEST_KEY);
      while (!sync.checks.make(500).done);
      sync.apply(
        Array.from({ length: 60 }, (_, n) => memberRow(n, 10 + n)),
        cursorAt(100),
      );
    },
  });
  const keyedTrees = treesOf(keyed);
  afterAll(() => keyed.remove());

  test.each(['digest_state', 'ledger', 'fed_digests'])('of %s are made anew', (tree) => {
    const page = keyedTrees.get(tree)?.at(-1) ?? 0;
    const copy = damagedCopy(keyed, (path) => ruinPage(path, page));
    const opened = openLikeTill(copy.dataDir, keyed.key);
    if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
    const { sync } = opened.value.store;
    expect(opened.value.salvage?.outcome).toBe('salvaged');
    expect([sync.checks.ready(), sync.checks.key()]).toEqual([false, null]);
    sync.apply([memberRow(1, 200, { tier: 'later' })], cursorAt(200));
    sync.checks.setKey(DIGEST_KEY);
    while (!sync.checks.make(500).done);
    let suspects = 0;
    for (let place: RowPlace | null = null; ; ) {
      const slice = sync.checks.scrub(place, 500);
      suspects += slice.suspects;
      place = slice.next;
      if (place === null) break;
    }
    expect(suspects).toBe(0);
    const rows = sync.checks.roots()?.roots.find(({ table }) => table === 'member')?.rows;
    expect(rows).toBe(60);
    closeTill(opened.value);
    copy.remove();
  });
});
