import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  segmentFile,
  setJournalAside,
} from '../../../../agent/store/ledger-journal/journal-files.ts';
import { TEST_NOW_MS } from '../../../support/store.ts';

const INCARNATION = '019aa000-0000-7000-8000-000000000000';

test('journals that are set aside within one millisecond keep names of their own, each of all its files', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-aside-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  // The second begins with the number of the first, the third does not.
  for (const [journal, nos] of [[1, 2], [1], [7]].entries()) {
    for (const no of nos) writeFileSync(segmentFile(dataDir, no, INCARNATION).path, `${journal}`);
    setJournalAside(dataDir, TEST_NOW_MS);
  }
  const found = readdirSync(dataDir)
    .sort()
    .map((name) => [
      name.replace(/-ledger-journal-(\d+)-.*/, ' $1'),
      readFileSync(join(dataDir, name), 'utf8'),
    ]);
  expect(found).toEqual([
    ['damaged-2026-11-21T08-30-00-000Z 00000001', '0'],
    ['damaged-2026-11-21T08-30-00-000Z 00000002', '0'],
    ['damaged-2026-11-21T08-30-00-001Z 00000001', '1'],
    ['damaged-2026-11-21T08-30-00-002Z 00000007', '2'],
  ]);
});
