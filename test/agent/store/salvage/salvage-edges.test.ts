import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import {
  checksOfDatabase,
  DAMAGED_KEPT_DAYS,
} from '../../../../agent/main/commands/database-checks.ts';
import { databaseFacts } from '../../../../agent/main/database-facts.ts';
import { verifyLedger } from '../../../../agent/main/verify-ledger.ts';
import { noteGaps } from '../../../../agent/store/incarnations.ts';
import { saltOf } from '../../../../agent/store/integrity/examine-log.ts';
import { MEND_FRAMES_MAX, mendLog } from '../../../../agent/store/integrity/mend-log.ts';
import { createPageCode } from '../../../../agent/store/integrity/page-code.ts';
import { readMark } from '../../../../agent/store/ledger-mark.ts';
import { noteDamage, notedDamage } from '../../../../agent/store/salvage/damage-note.ts';
import { mendCopy } from '../../../../agent/store/salvage/mend-copy.ts';
import { salvageFolder } from '../../../../agent/store/salvage/salvage-folder.ts';
import { withoutTriggers } from '../../../../agent/store/salvage/without-triggers.ts';
import { createConnection } from '../../../../agent/store/sqlite/connection.ts';
import { damageCode } from '../../../../agent/store/sqlite/storage-error.ts';
import {
  closeTill,
  damagedCopy,
  makeSoldFolder,
  openLikeTill,
  ruinPage,
  treesOf,
} from '../../../support/damaged.ts';
import { commitSale } from '../../../support/ledger.ts';
import { FRAME, HEADER } from '../../../support/log-cuts.ts';
import { must } from '../../../support/must.ts';
import { openTestStore, TEST_NOW_MS } from '../../../support/store.ts';
import { canMount, withTmpfs } from '../../../support/tmpfs.ts';

const TIMELINE = 'timeline-of-hq';
const folder = makeSoldFolder({
  sales: 20,
  killed: true,
  prepare: (store) =>
    void store.sync.apply([], { timeline: TIMELINE, pos: 5, chain: '0'.repeat(64) }),
});
const closed = makeSoldFolder({
  sales: 20,
  prepare: (store) =>
    void store.sync.apply([], { timeline: TIMELINE, pos: 5, chain: '0'.repeat(64) }),
});
const trees = treesOf(closed);
afterAll(() => {
  folder.remove();
  closed.remove();
});

describe('the search for flipped bits in a log', () => {
  const file = join(folder.dataDir, folder.file);

  test(`looks into ${MEND_FRAMES_MAX} frames and into no more`, () => {
    const log = readFileSync(`${file}-wal`);
    const code = createPageCode(folder.key, saltOf(file, folder.key) ?? new Uint8Array());
    let searched = 0;
    const counting = {
      ...code,
      mendBit() {
        searched += 1;
        return false;
      },
    };
    const ruined = MEND_FRAMES_MAX + 3;
    for (let frame = 0; frame < ruined; frame++)
      log.fill(7, HEADER + frame * FRAME + 600, HEADER + frame * FRAME + 700);
    expect(mendLog(log, counting)?.broken).toHaveLength(ruined);
    expect(searched).toBe(MEND_FRAMES_MAX);
  });

  test('is not made again where the opening has made it', () => {
    const copy = damagedCopy(folder, () => undefined);
    const examined = { bytes: readFileSync(`${file}-wal`), mended: [4], broken: [] };
    const made = mendCopy(copy.path, `${copy.path}.copy`, folder.key, examined);
    expect(made.mendedFrames).toEqual([4]);
    copy.remove();
  });
});

test.skipIf(!canMount())(
  'a damaged database that can be opened sells where there is no room to salvage it, and stays noted as damaged (needs the right to mount)',
  () => {
    const bytes = readdirSync(closed.dataDir)
      .map((name) => statSync(join(closed.dataDir, name)).size)
      .reduce((sum, size) => sum + size + 4_096, 0);
    withTmpfs(`${Math.ceil(bytes / 1_024) + 400}k`, (dataDir) => {
      for (const name of readdirSync(closed.dataDir))
        copyFileSync(join(closed.dataDir, name), join(dataDir, name));
      noteDamage(dataDir, '2026-11-21T08:30:00.000Z', 'members: SQLITE_CORRUPT');
      const ballast = join(dataDir, 'ballast');
      writeFileSync(ballast, Buffer.alloc(200 * 1_024));
      const till = must(openLikeTill(dataDir, closed.key));
      expect(till.isPostponed).toBe(true);
      expect(till.salvage).toBeUndefined();
      const facts = databaseFacts(till.store, TEST_NOW_MS);
      expect(checksOfDatabase(facts)).toContainEqual(
        expect.objectContaining({ check: 'salvage-postponed', ok: false }),
      );
      closeTill(till);
      expect(notedDamage(dataDir)).toContain('members');
    });
  },
);

test('a kill between the pointer and the end of the note does not salvage the salvaged file once more', () => {
  const copy = damagedCopy(closed, (path) => ruinPage(path, trees.get('members')?.[0] ?? 0));
  noteDamage(copy.dataDir, '2026-11-21T08:30:00.000Z', 'members: SQLITE_CORRUPT');
  const random = (size: number) => new Uint8Array(size).fill(9);
  must(
    salvageFolder({
      dataDir: copy.dataDir,
      key: closed.key,
      nowMs: TEST_NOW_MS,
      random: (size) => {
        calls += 1;
        return random(size).fill(calls);
      },
    }),
  );
  noteDamage(copy.dataDir, '2026-11-21T08:30:00.000Z', 'members: SQLITE_CORRUPT');
  const till = must(openLikeTill(copy.dataDir, closed.key));
  expect(till.salvage).toBeUndefined();
  closeTill(till);
  expect(existsSync(join(copy.dataDir, 'damaged.json'))).toBe(false);
  copy.remove();
});
let calls = 0;

test('a salvaged till still says which timeline of headquarters it knows, though it takes a whole copy', () => {
  const copy = damagedCopy(closed, (path) => ruinPage(path, trees.get('members')?.[0] ?? 0));
  const till = must(openLikeTill(copy.dataDir, closed.key));
  expect(till.salvage?.outcome).toBe('salvaged');
  expect([till.store.sync.timeline(), till.store.sync.cursor()]).toEqual([TIMELINE, undefined]);
  closeTill(till);
  copy.remove();
});

test('a mark that the disk does not give claims nothing', () => {
  const copy = damagedCopy(closed, (path) => {
    rmSync(`${path}.mark`, { force: true });
    mkdirSync(`${path}.mark`);
  });
  expect(readMark(copy.path)).toBeUndefined();
  copy.remove();
});

test.each(['SQLITE_NOMEM', 'SQLITE_BUSY', 'SQLITE_CANTOPEN', 'SQLITE_FULL', 'SQLITE_IOERR_READ'])(
  '%s is no fault of a page',
  (code) => {
    const error = Object.assign(new Error('x'), { code });
    expect(() => damageCode(error)).toThrow(error);
  },
);
test.each(['SQLITE_CORRUPT', 'SQLITE_CORRUPT_INDEX', 'SQLITE_NOTADB', 'SQLITE_IOERR_SHORT_READ'])(
  '%s is a fault of a page',
  (code) => {
    expect(damageCode(Object.assign(new Error('x'), { code }))).toBe(code);
  },
);

test('entries on record as lost do not keep those behind them from being pruned, and the chain still verifies', () => {
  const till = openTestStore();
  for (let n = 1; n <= 8; n++) commitSale(till.store, n, 'm-1' as MemberId);
  till.withSql((db) => {
    db.pragma('foreign_keys=OFF');
    db.transaction(() =>
      withoutTriggers(db, () =>
        db.exec(`DELETE FROM ledger WHERE seq IN (3, 4);
          UPDATE sync_state SET received_no = 8, received_seq = 8, backed_up_seq = 8;
          INSERT INTO received_marks VALUES (1, 0, 8), (99, 8640000000, 8)`),
      ),
    )();
    noteGaps(createConnection(db), [{ fromSeq: 3, toSeq: 4, report: 'salvage.json' }]);
  });
  const { sync } = till.reopen();
  expect(sync.pruneLedger(Number.MAX_SAFE_INTEGER, 3)).toBe(3);
  expect(till.store.ledger.base().seq).toBe(5);
  expect(verifyLedger(till.store)).toMatchObject({ ok: true });
  expect(sync.pruneLedger(Number.MAX_SAFE_INTEGER, 10)).toBe(2);
  const contents = sync.ledger.contents(0, 7).map(({ seq, content }) => [seq, content === null]);
  expect(contents.filter(([, isLost]) => isLost).map(([seq]) => seq)).toEqual([3, 4]);
});

test('doctor names damaged files that are set aside, and faults those that lie there too long', () => {
  const copy = damagedCopy(closed, () => undefined);
  const name = 'damaged-2026-11-21T08-30-00-000Z-till-0123456789abcdef.db';
  writeFileSync(join(copy.dataDir, name), '');
  const till = must(openLikeTill(copy.dataDir, closed.key));
  const checkAfter = (days: number) =>
    checksOfDatabase(
      databaseFacts(till.store, Date.parse('2026-11-21') + days * 24 * 60 * 60_000),
    ).find(({ check }) => check === 'damaged-files');
  expect(checkAfter(DAMAGED_KEPT_DAYS)).toMatchObject({
    ok: true,
    detail: expect.stringContaining(name),
  });
  expect(checkAfter(DAMAGED_KEPT_DAYS + 1)).toMatchObject({ ok: false });
  closeTill(till);
  copy.remove();
});
