import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import {
  BLOCK_BYTES,
  createJournalCipher,
} from '../../../../agent/store/ledger-journal/journal-cipher.ts';
import { readJournal } from '../../../../agent/store/ledger-journal/read-journal.ts';
import { flipBit } from '../../../support/damaged.ts';
import { journalIn, segmentsOf } from '../../../support/journal.ts';
import { commitSale } from '../../../support/ledger.ts';
import { openTestStore } from '../../../support/store.ts';

const SALES = 5;
const till = openTestStore();
const ends: number[] = [0];
for (let n = 1; n <= SALES; n++) {
  commitSale(till.store, n, `m-${n}` as MemberId);
  ends.push(statSync(segmentsOf(till)[0] ?? '').size);
}
const [segment = ''] = segmentsOf(till);
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** What a copy of the journal holds after something was done to it. */
function readAfter(damage: (path: string) => void, name = basename(segment)) {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-journal-'));
  folders.push(folder);
  const path = join(folder, name);
  copyFileSync(segment, path);
  damage(path);
  const { entries, state, damagedKeys } = journalIn(till, folder);
  return {
    ...(damagedKeys.size > 0 ? { damagedKeys: [...damagedKeys] } : {}),
    seqs: entries.map(({ ledger }) => ledger.seq),
    secrets: entries.filter(({ secret }) => secret !== null).map(({ ledger }) => ledger.seq),
    state,
  };
}

const ALL = [1, 2, 3, 4, 5];

test('every entry is in the journal as soon as it is committed, its number and its key in it', () => {
  expect(readAfter(() => undefined)).toEqual({ seqs: ALL, secrets: ALL, state: 'whole' });
  expect(ends.every((end) => end % BLOCK_BYTES === 0)).toBe(true);
});

describe('a half-written end', () => {
  test.each([1, 300, 511, 512, 1_500])('of %i bytes less ends its own record alone', (less) => {
    const left = readAfter((path) => truncateSync(path, (ends[SALES] ?? 0) - less));
    expect(left).toEqual({ seqs: [1, 2, 3, 4], secrets: [1, 2, 3, 4], state: 'whole' });
  });

  test.each([
    ['of zeros', (_last: Buffer) => Buffer.alloc(1_300)],
    ['of less than a header', (last: Buffer) => last.subarray(0, 20)],
    ['whose first block never reached the disk', (last: Buffer) => last.fill(0, 0, BLOCK_BYTES)],
    ['whose midst never did', (last: Buffer) => last.fill(0, BLOCK_BYTES, 3 * BLOCK_BYTES)],
  ])('%s is left out, and no damage', (_which, torn) => {
    const left = readAfter((path) => {
      const bytes = readFileSync(path);
      truncateSync(path, ends[SALES - 1]);
      appendFileSync(path, torn(bytes.subarray(ends[SALES - 1])));
    });
    expect(left).toEqual({ seqs: [1, 2, 3, 4], secrets: [1, 2, 3, 4], state: 'whole' });
  });
});

describe('an end that no power cut leaves is damage, and costs no record before it:', () => {
  test('rubbish behind the last record', () => {
    for (const bytes of [40, 700])
      expect(readAfter((path) => appendFileSync(path, randomBytes(bytes)))).toEqual({
        seqs: ALL,
        secrets: ALL,
        state: 'damaged',
      });
  });

  test.each([1, 400])('a bit that is flipped in the last record, at byte %i', (byte) => {
    const left = readAfter((path) => flipBit(path, (ends[SALES - 1] ?? 0) + byte));
    expect(left).toMatchObject({ seqs: [1, 2, 3, 4], state: 'damaged' });
  });
});

describe('one flipped bit', () => {
  const at = ends[2] ?? 0;
  test.each([
    ['the magic', 1],
    ['the length of the content, which says that it is longer', 6],
    ['the length of the content, which says that it is shorter', 7],
    ['the length of the secret', 10],
    ['the number', 18],
    ['the nonce', 25],
    ['the content', 400],
  ])('in %s ends that record and none behind it', (_what, byte) => {
    for (const bit of [0, 3, 6])
      expect(readAfter((path) => flipBit(path, at + byte, bit))).toEqual({
        seqs: [1, 2, 4, 5],
        secrets: [1, 2, 4, 5],
        state: 'damaged',
      });
  });

  test('in the secret leaves the entry, and says whose key it was', () => {
    const { at: secretAt = 0 } = journalIn(till).secrets.get(keyOf(3))?.[0] ?? {};
    expect(readAfter((path) => flipBit(path, secretAt + 9))).toEqual({
      seqs: ALL,
      secrets: [1, 2, 4, 5],
      state: 'whole',
      damagedKeys: [keyOf(3)],
    });
  });
});

test('blocks that never reached the disk are no damage, and cost their record alone', () => {
  const left = readAfter((path) => {
    const bytes = readFileSync(path);
    bytes.fill(0, ends[1], ends[2]);
    rmSync(path);
    appendFileSync(path, bytes);
  });
  expect(left).toMatchObject({ seqs: [1, 3, 4, 5], state: 'torn' });
});

describe('a record opens nowhere but where it was written:', () => {
  test('not at another place of its file', () => {
    const left = readAfter((path) => {
      const bytes = readFileSync(path);
      appendFileSync(path, bytes.subarray(ends[3], ends[4]));
    });
    expect(left).toMatchObject({ seqs: ALL });
  });

  test('not in another file, nor as that of another incarnation', () => {
    const name = basename(segment);
    const [, , , incarnation = ''] = /^(ledger-journal)-(\d+)-(.*)$/.exec(name) ?? [];
    const other = incarnation.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    for (const renamed of [name.replace('00000001', '00000002'), name.replace(incarnation, other)])
      expect(readAfter(() => undefined, renamed).seqs).toEqual([]);
  });

  test('not with another key', () => {
    const cipher = createJournalCipher(randomBytes(32), randomBytes);
    expect(readJournal(till.dataDir, cipher, () => true).entries).toEqual([]);
  });
});

function keyOf(seq: number): string {
  return till.store.ledger.bySeq(seq)?.header.keyId ?? '';
}
