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
} from '../../../support/damaged.ts';
import { cutsOf, FRAME, HEADER } from '../../../support/log-cuts.ts';

/** Bytes of the log when the commit of each sale returned. */
const committedAt: { readonly saleId: string; readonly bytes: number; readonly mark: string }[] =
  [];
const folder = makeSoldFolder({
  sales: 12,
  killed: true,
  onSold(saleId, dataDir, file) {
    const path = join(dataDir, file);
    const mark = readFileSync(`${path}.mark`, 'utf8');
    committedAt.push({ saleId, bytes: statSync(`${path}-wal`).size, mark });
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

/** The mark as it stood when so many sales were committed. */
function markAs(log: string, sales: number): void {
  const path = log.replace(/-wal$/, '.mark');
  const mark = committedAt[sales - 1]?.mark;
  if (mark === undefined) rmSync(path);
  else writeFileSync(path, mark);
}

describe('a log that is cut, gone or exchanged behind the till', () => {
  test.each([
    ['cut in the middle', (log: string) => truncateSync(log, committedAt[4]?.bytes ?? 0), 5],
    ['gone', (log: string) => rmSync(log), 0],
  ])(
    '%s is found by the mark: what is missing is named, and its numbers are not taken again',
    (_how, damage, kept) => {
      const left = opened(damage);
      expect(left).toMatchObject({ head: kept, chain: true });
      expect(left.facts.missing).toMatchObject([{ fromSeq: kept + 1, toSeq: 12 }]);
      expect(left.facts.renewedAfter).toEqual([kept]);
    },
  );
});

describe('a power cut', () => {
  test.each(cutsOf(logBytes, 40))(
    'after %i bytes of the log leaves the sales committed until then, whole',
    (bytes) => {
      const kept = committedAt.filter((one) => one.bytes <= bytes).length;
      const left = opened((log) => {
        truncateSync(log, bytes);
        markAs(log, kept);
      });
      expect(left).toMatchObject({ head: kept, outbox: kept, replies: kept, chain: true });
      expect(left.missing).toEqual(folder.sold.slice(kept));
      expect(left.salvage).toBeUndefined();
      expect(left.facts.missing).toEqual([]);
    },
  );

  test('that left the log away leaves what was moved into the file', () => {
    const left = opened((log) => {
      rmSync(log);
      markAs(log, 0);
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
      markAs(log, 11);
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

test('a frame that cannot be put right costs its page and not the sales behind it', () => {
  const first = framesBefore(committedAt[5]?.bytes ?? 0);
  const { salvage, missing, chain } = opened((log) => {
    const from = HEADER + first * FRAME + 24;
    for (let byte = from + 500; byte < from + 540; byte++) flipBit(log, byte);
  });
  expect(salvage?.mended.lostFrames).toEqual([first]);
  expect(missing.length).toBeLessThan(3);
  expect(chain).toBe(true);
});
