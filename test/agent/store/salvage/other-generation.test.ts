import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { verifyLedger } from '../../../../agent/main/verify-ledger.ts';
import {
  closeTill,
  damagedCopy,
  makeSoldFolder,
  openLikeTill,
  type SoldFolder,
} from '../../../support/damaged.ts';
import { commitSale } from '../../../support/ledger.ts';
import { must } from '../../../support/must.ts';

/** Sales in the log of the first run of the till, which was killed, and of the second. */
const [FIRST, SECOND] = [20, 25];
const SOLD = FIRST + SECOND;

/** A till of two runs, each with a log of its own; the second one ended as it should. */
const folder: SoldFolder = makeSoldFolder({ sales: FIRST, killed: true });
const path = join(folder.dataDir, folder.file);
const image = { file: readFileSync(path), log: readFileSync(`${path}-wal`) };
const second = must(openLikeTill(folder.dataDir, folder.key));
for (let n = FIRST + 1; n <= SOLD; n++) commitSale(second.store, n, `m-${n % 40}` as MemberId);
const secondLog = readFileSync(`${path}-wal`);
closeTill(second);
const other = makeSoldFolder({ sales: 3, killed: true });
afterAll(() => {
  folder.remove();
  other.remove();
});

/** What a till finds that starts on a copy of the folder with something done to it. */
function opened(damage: (path: string) => void) {
  const copy = damagedCopy(folder, damage);
  try {
    const till = must(openLikeTill(copy.dataDir, folder.key));
    const { store, salvage } = till;
    const seqs = store.ledger.after(0, SOLD).map(({ header }) => header.seq);
    const facts = store.ledgerFacts();
    const named = [...facts.missing, ...facts.gaps];
    const isNamed = (seq: number) =>
      named.some(({ fromSeq, toSeq }) => fromSeq <= seq && seq <= toSeq);
    const lost = Array.from({ length: SOLD }, (_, i) => i + 1).filter((n) => !seqs.includes(n));
    const left = {
      head: store.ledger.head().seq,
      isChainWhole: verifyLedger(store).ok,
      lost,
      lostUnnamed: lost.filter((seq) => !isNamed(seq)),
      // I3: what a commit wrote is there as one.
      replies: seqs.filter((n) => store.replies.get('pos-1', `key-${n}-12345678`)).length,
      moved: seqs.filter((seq) => store.points.movementsOf(seq).length > 0).length,
      entries: seqs.length,
      isRenewed: facts.renewedAfter.length > 0,
      salvage,
      asideLog: readdirSync(copy.dataDir).some((name) => /^damaged-.*-wal$/.test(name)),
    };
    // It sells on, under a number that nobody has.
    commitSale(store, left.head + 1, 'm-1' as MemberId);
    closeTill(till);
    return left;
  } finally {
    copy.remove();
  }
}

describe('WAL of another generation', () => {
  test('an older one of this till leaves what was committed by then, whole; what came after is named, its numbers are not reused', () => {
    const left = opened((file) => writeFileSync(`${file}-wal`, image.log));
    expect(left).toMatchObject({ isChainWhole: true, lostUnnamed: [], isRenewed: true });
    expect(left).toMatchObject({ replies: left.entries, moved: left.entries });
    expect(left.head).toBeGreaterThanOrEqual(FIRST);
  });

  test('a later one beside an older image of the file loses nothing unnamed', () => {
    const left = opened((file) => {
      writeFileSync(file, image.file);
      writeFileSync(`${file}-wal`, secondLog);
    });
    expect(left).toMatchObject({ isChainWhole: true, lostUnnamed: [], isRenewed: true });
    expect(left).toMatchObject({ head: SOLD, moved: left.entries });
  });

  test('that of another till is none: it is set aside, and every sale is there', () => {
    const left = opened((file) =>
      copyFileSync(join(other.dataDir, `${other.file}-wal`), `${file}-wal`),
    );
    expect(left).toMatchObject({ head: SOLD, lost: [], isChainWhole: true, replies: SOLD });
    expect(left).toMatchObject({ isRenewed: false, asideLog: true });
    expect(left.salvage).toMatchObject({ outcome: 'mended', mended: { lostFrames: [-1] } });
  });
});
