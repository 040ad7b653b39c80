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
} from '../../../support/damaged.ts';
import { cutsOf, FRAME, HEADER } from '../../../support/log-cuts.ts';

/** Bytes of log and journal when the commit of each sale returned. */
const committedAt: {
  readonly saleId: string;
  readonly bytes: number;
  readonly mark: string;
  readonly journalBytes: number;
}[] = [];
const folder = makeSoldFolder({
  sales: 12,
  killed: true,
  onSold(saleId, dataDir, file) {
    const path = join(dataDir, file);
    const mark = readFileSync(`${path}.mark`, 'utf8');
    const journalBytes = statSync(journalOf(path)).size;
    committedAt.push({ saleId, bytes: statSync(`${path}-wal`).size, mark, journalBytes });
  },
});
afterAll(() => folder.remove());
const logBytes = committedAt.at(-1)?.bytes ?? 0;
const framesBefore = (bytes: number): number => Math.floor((bytes - HEADER) / FRAME);

function opened(damage: (log: string) => void) {
  const copy = damagedCopy(folder, (path) => damage(`${path}-wal`));
  try {
    const till = openLikeTill(copy.dataDir, folder.key);
    if (!till.ok) throw new Error(`${till.error.code}: ${till.error.detail}`);
    const { store, salvage } = till.value;
    try {
      return {
        missing: missingSales(store, folder.sold),
        head: store.ledger.head().seq,
        chain: verifyLedger(store).ok,
        // I3: what a commit wrote is there as one: entry, outbox row, movement, reply.
        outbox: store.sync.waiting().count,
        replies: folder.sold.filter((_, i) => store.replies.get('pos-1', `key-${i + 1}-12345678`))
          .length,
        facts: store.ledgerFacts(),
        salvage,
      };
    } finally {
      closeTill(till.value);
    }
  } finally {
    copy.remove();
  }
}

test('the log of a till that was killed holds every sale', () => {
  expect(opened(() => undefined)).toMatchObject({
    missing: [],
    head: 12,
    chain: true,
    salvage: undefined,
  });
});

/** Mark and journal as they stood when so many sales were committed. */
function flushedUpTo(log: string, sales: number, journalBytes?: number): void {
  const path = log.replace(/-wal$/, '.mark');
  const at = committedAt[sales - 1];
  if (at === undefined) rmSync(path);
  else writeFileSync(path, at.mark);
  truncateSync(journalOf(log), journalBytes ?? at?.journalBytes ?? 0);
}

describe('a log that lost what was flushed', () => {
  test.each(cutsOf(logBytes, 24))(
    'after %i bytes costs no committed sale: the journal has what it lost',
    (bytes) => {
      const kept = committedAt.filter((one) => one.bytes <= bytes).length;
      const left = opened((log) => truncateSync(log, bytes));
      expect(left).toMatchObject({ missing: [], head: 12, replies: 12, chain: true });
      expect(left.salvage).toBeUndefined();
      expect(left.facts).toMatchObject({
        missing: [],
        // Whatever else was written under these numbers of the outbox is gone with the log.
        renewedAfter: kept === 12 ? [] : [12],
      });
      // Each entry has its row; one more tells what was put back.
      expect(left.outbox).toBe(kept === 12 ? 12 : 13);
    },
  );

  test.each([
    ['gone', (log: string) => rmSync(log)],
    ['one of zeros', (log: string) => writeFileSync(log, Buffer.alloc(logBytes))],
  ])('and is %s costs no committed sale', (_how, damage) => {
    expect(opened(damage)).toMatchObject({ missing: [], head: 12, replies: 12, chain: true });
  });

  test.each([
    ['in the middle', (log: string) => truncateSync(log, committedAt[4]?.bytes ?? 0), 5],
    ['at its begin', (log: string) => rmSync(log), 0],
  ])(
    'cut %s where the journal is gone, too, is found by the mark: what is missing is named, and its numbers are not taken again',
    (_how, damage, kept) => {
      const left = opened((log) => {
        damage(log);
        rmSync(journalOf(log));
      });
      expect(left).toMatchObject({ head: kept, chain: true });
      expect(left.facts.missing).toMatchObject([{ fromSeq: kept + 1, toSeq: 12 }]);
      expect(left.facts.renewedAfter).toEqual([kept]);
    },
  );

  test('beyond what the journal holds names the rest as missing', () => {
    const left = opened((log) => {
      truncateSync(log, committedAt[4]?.bytes ?? 0);
      truncateSync(journalOf(log), committedAt[8]?.journalBytes);
    });
    expect(left).toMatchObject({ head: 9, chain: true });
    expect(left.facts.missing).toMatchObject([{ fromSeq: 10, toSeq: 12 }]);
    expect(left.facts.renewedAfter).toEqual([9]);
  });
});

describe('a power cut', () => {
  test.each(cutsOf(logBytes, 24))(
    'after %i bytes of the log leaves the sales committed until then, whole',
    (bytes) => {
      const kept = committedAt.filter((one) => one.bytes <= bytes).length;
      const left = opened((log) => {
        truncateSync(log, bytes);
        // The journal is flushed later than the log; here its last record is half written.
        const journalBytes = Math.max(0, (committedAt[kept - 1]?.journalBytes ?? 0) - 700);
        flushedUpTo(log, kept, journalBytes);
      });
      expect(left).toMatchObject({ head: kept, outbox: kept, replies: kept, chain: true });
      expect(left.missing).toEqual(folder.sold.slice(kept));
      expect(left.salvage).toBeUndefined();
      expect(left.facts).toMatchObject({ missing: [], renewedAfter: [] });
    },
  );

  test('that left the log away leaves what was moved into the file', () => {
    const left = opened((log) => {
      rmSync(log);
      flushedUpTo(log, 0);
    });
    expect(left).toMatchObject({
      head: 0,
      outbox: 0,
      replies: 0,
      chain: true,
      facts: { missing: [] },
    });
  });

  test('that left a half-written last transaction behind is no damage', () => {
    const left = opened((log) => {
      for (let byte = logBytes - 2_000; byte < logBytes - 1_500; byte++) flipBit(log, byte);
      flushedUpTo(log, 11);
    });
    expect(left).toMatchObject({ head: 11, outbox: 11, chain: true, salvage: undefined });
  });
});

describe('one flipped bit in the log', () => {
  const middle = framesBefore(committedAt[5]?.bytes ?? 0);
  const at = HEADER + middle * FRAME;

  test.each([
    ['the header of the log: its salt', 17],
    ['the header of the log: its sum', 27],
    ['the page number of a frame', at + 3],
    ['the size after a commit of a frame', at + 7],
    ['the salt of a frame', at + 10],
    ['the sum of a frame', at + 20],
    ['the page of a frame', at + 24 + 33],
    ['the code of the page of a frame', at + FRAME - 5],
    ['a frame of the last commit', HEADER + (framesBefore(logBytes) - 2) * FRAME + 24 + 50],
  ])('in %s is put right: every sale is there', (_where, byte) => {
    const { salvage, facts: _facts, ...left } = opened((log) => flipBit(log, byte));
    expect(left).toEqual({ missing: [], head: 12, outbox: 13, replies: 12, chain: true });
    expect(salvage).toMatchObject({ outcome: 'mended', mended: { lostFrames: [] } });
    expect(salvage?.mended.mendedFrames).toHaveLength(1);
  });
});

describe('a frame that cannot be put right', () => {
  const first = framesBefore(committedAt[5]?.bytes ?? 0);
  const ruined = (log: string): void => {
    const from = HEADER + first * FRAME + 24;
    for (let byte = from + 500; byte < from + 540; byte++) flipBit(log, byte);
  };

  test('costs no sale: the journal has what its page held', () => {
    const { salvage, missing, chain } = opened(ruined);
    expect(salvage?.mended.lostFrames).toEqual([first]);
    expect(missing).toEqual([]);
    expect(chain).toBe(true);
  });

  test('costs its page and not the sales behind it where the journal is gone', () => {
    const { salvage, missing, chain } = opened((log) => {
      ruined(log);
      rmSync(journalOf(log));
    });
    expect(salvage?.mended.lostFrames).toEqual([first]);
    expect(missing.length).toBeLessThan(3);
    expect(chain).toBe(true);
  });
});
