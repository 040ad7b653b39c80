import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Repair } from '../../../agent/app/deps.ts';
import { REPAIR_TOLD_MS } from '../../../agent/app/status.ts';
import { toInstant } from '../../../agent/contract/index.ts';
import { lastRepair } from '../../../agent/main/last-repair.ts';
import type { MissingEntries } from '../../../agent/store/ledger-mark.ts';
import { openDatabase } from '../../../agent/store/sqlite/open-database.ts';
import {
  closeTill,
  damagedCopy,
  flipBit,
  journalOf,
  makeSoldFolder,
  missingSales,
  openLikeTill,
  ruinPage,
  type SoldFolder,
  treesOf,
} from '../../support/damaged.ts';
import { must } from '../../support/must.ts';
import { TEST_NOW_MS } from '../../support/store.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-repair-'));
afterAll(() => rmSync(root, { recursive: true }));

type Range = readonly [fromSeq: number, toSeq: number];
/** A salvage; `lost` null = every page was mended. */
interface Salvage {
  readonly atMs: number;
  readonly lost: readonly Range[] | null;
  readonly receivedSeq?: number;
}

/** What is told of a till with these reports beside it, of which it knows the last `known`. */
function repairOf(
  salvages: readonly Salvage[],
  missing: readonly MissingEntries[] = [],
  known = salvages.length,
): { readonly repair: Repair | undefined; readonly warned: number } {
  const folder = mkdtempSync(join(root, 'till-'));
  const names = salvages.map(({ atMs, lost, receivedSeq = 0 }) => {
    const name = `salvage-${toInstant(atMs).replaceAll(/[:.]/g, '-')}.json`;
    const ranges = lost?.map(([fromSeq, toSeq]) => ({ fromSeq, toSeq }));
    const ledger = ranges === undefined ? null : { lost: ranges, receivedSeq };
    writeFileSync(join(folder, name), JSON.stringify({ at: toInstant(atMs), ledger }));
    return name;
  });
  let warned = 0;
  const store = {
    file: join(folder, 'till.db'),
    meta: { get: () => names[known - 1] },
    ledgerFacts: () => ({ renewedAfter: [], gaps: [], missing }),
  };
  const log = () => {
    warned += 1;
  };
  return { repair: lastRepair(store as never, log), warned };
}

const AT = TEST_NOW_MS;
const missingAt = (atMs: number, fromSeq: number, toSeq: number) => ({ atMs, fromSeq, toSeq });

describe('what the cashier is told of the last repair', () => {
  test('is nothing where there never was one', () => {
    expect(repairOf([]).repair).toBeUndefined();
  });

  test('counts entries that went missing with the log beside pages that were mended', () => {
    const { repair } = repairOf([{ atMs: AT, lost: null }], [missingAt(AT, 14, 20)]);
    expect(repair).toEqual({ atMs: AT, lostEntries: 7 });
  });

  test('is told of a log that was cut, though no page was damaged', () => {
    expect(repairOf([], [missingAt(AT, 3, 4)]).repair).toEqual({ atMs: AT, lostEntries: 2 });
  });

  test('counts no entry that headquarters has', () => {
    const lost = [
      [1, 3],
      [5, 8],
    ] as const;
    const { repair } = repairOf([{ atMs: AT, lost, receivedSeq: 6 }]);
    expect(repair).toEqual({ atMs: AT, lostEntries: 2 });
  });

  test('is of the day before it too: a repair that lost nothing does not hide one that did', () => {
    const earlier = { atMs: AT - REPAIR_TOLD_MS + 1, lost: [[4, 6]] } as const;
    const { repair } = repairOf([earlier, { atMs: AT, lost: null }]);
    expect(repair).toEqual({ atMs: AT, lostEntries: 3 });
  });

  test('counts once what a later salvage finds lost again', () => {
    const earlier = { atMs: AT - 1_000, lost: [[4, 6]] } as const;
    const { repair } = repairOf([earlier, { atMs: AT, lost: [[5, 9]] }]);
    expect(repair).toEqual({ atMs: AT, lostEntries: 6 });
  });

  test('is not of what was told days ago', () => {
    const before = AT - REPAIR_TOLD_MS;
    const { repair } = repairOf(
      [
        { atMs: before, lost: [[1, 2]] },
        { atMs: AT, lost: [] },
      ],
      [missingAt(before, 3, 4)],
    );
    expect(repair).toEqual({ atMs: AT, lostEntries: 0 });
  });

  test('takes no report that no database followed', () => {
    const { repair } = repairOf(
      [
        { atMs: AT, lost: [] },
        { atMs: AT + 1_000, lost: [[1, 9]] },
      ],
      [],
      1,
    );
    expect(repair).toEqual({ atMs: AT, lostEntries: 0 });
  });

  test('still names missing entries where the report is not there any more, and promises nothing without them', () => {
    const folder = mkdtempSync(join(root, 'till-'));
    const warnings: unknown[] = [];
    const told = (missing: readonly MissingEntries[]) =>
      lastRepair(
        {
          file: join(folder, 'till.db'),
          meta: { get: () => 'salvage-2026.json' },
          ledgerFacts: () => ({ renewedAfter: [], gaps: [], missing }),
        } as never,
        (...warning) => warnings.push(warning),
      );
    expect(told([])).toBeUndefined();
    expect(told([missingAt(AT, 3, 4)])).toEqual({ atMs: AT, lostEntries: 2 });
    expect(warnings).toHaveLength(2);
  });
});

describe('a till', () => {
  /** Opens a copy of a folder that something was done to. */
  function repairAfter(folder: SoldFolder, damage: (path: string) => void) {
    const copy = damagedCopy(folder, damage);
    const till = must(openLikeTill(copy.dataDir, folder.key));
    const repair = lastRepair(till.store, () => undefined);
    const missing = missingSales(till.store, folder.sold).length;
    closeTill(till);
    copy.remove();
    return { repair, missing, outcome: till.salvage?.outcome };
  }

  test('with a flipped bit, a cut log and no journal says how many sales are missing', () => {
    const folder = makeSoldFolder({ sales: 12, killed: true });
    const told = repairAfter(folder, (path) => {
      truncateSync(`${path}-wal`, Math.floor(statSync(`${path}-wal`).size * 0.7));
      flipBit(path, 4_096 * 8 + 700);
      rmSync(journalOf(path));
    });
    expect(told.outcome).toBe('mended');
    expect(told.missing).toBeGreaterThan(0);
    expect(told.repair?.lostEntries).toBe(told.missing);
    folder.remove();
  });

  test('that lost entries which headquarters has says that no sale was lost', () => {
    const folder = makeSoldFolder({ sales: 12 });
    const pages = treesOf(folder).get('ledger') ?? [];
    const told = repairAfter(folder, (path) => {
      const db = openDatabase(path, folder.key, false);
      db.exec('UPDATE sync_state SET received_no = 12, received_seq = 12, backed_up_seq = 12');
      db.close();
      for (const page of pages.slice(3, 5)) ruinPage(path, page);
      rmSync(journalOf(path));
    });
    expect(told.outcome).toBe('salvaged');
    expect(told.missing).toBeGreaterThan(0);
    expect(told.repair?.lostEntries).toBe(0);
    folder.remove();
  });
});
