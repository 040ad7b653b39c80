import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { examineLog } from '../../../../agent/store/integrity/examine-log.ts';
import { openDatabase } from '../../../../agent/store/sqlite/open-database.ts';
import { makeSoldFolder } from '../../../support/damaged.ts';
import { FRAME } from '../../../support/log-cuts.ts';

const SALES = 4;
/** Frames at the end of the log in which each byte is a place to cut. */
const FRAMES = 2;

/** Bytes of the log when each commit had returned. */
const committed: number[] = [];
const folder = makeSoldFolder({
  sales: SALES,
  killed: true,
  onSold: (_sale, dataDir, file) => committed.push(statSync(join(dataDir, `${file}-wal`)).size),
});
const path = join(folder.dataDir, folder.file);
const log = readFileSync(`${path}-wal`).subarray(0, committed.at(-1));
const scratch = mkdtempSync(join(tmpdir(), 'tillside-bytes-'));
afterAll(() => {
  folder.remove();
  rmSync(scratch, { recursive: true, force: true });
});

/** What a till finds whose log ends there: entries, what was written with them, and whether it agrees with itself. */
function foundAfter(bytes: number) {
  const file = join(scratch, folder.file);
  copyFileSync(path, file);
  writeFileSync(`${file}-wal`, log.subarray(0, bytes));
  const examined = examineLog(file, folder.key);
  const db = openDatabase(file, folder.key, false);
  const count = (table: string): number =>
    (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
  const found = {
    examined,
    entries: count('ledger'),
    replies: count('replies'),
    moved: count('points_movements'),
    sound: db.pragma('quick_check(1)', { simple: true }),
  };
  db.close();
  return found;
}

test(`WAL cut at every byte of the last ${FRAMES} frames: what was committed by then is there, whole, and nothing else`, () => {
  for (let bytes = log.length - FRAMES * FRAME; bytes <= log.length; bytes++) {
    const entries = committed.filter((end) => end <= bytes).length;
    const whole = { entries, replies: entries, moved: entries, examined: undefined, sound: 'ok' };
    expect({ bytes, ...foundAfter(bytes) }).toEqual({ bytes, ...whole });
  }
});
