import { copyFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { segmentFilesIn } from '../ledger-journal/journal-files.ts';

const DATABASE_SET_ASIDE = /^damaged-([0-9TZ-]+)-till-/;
const JOURNAL_SET_ASIDE = /^damaged-([0-9TZ-]+)-(ledger-journal-[0-9a-f-]+)$/;

/**
 * Copies the journal that lay beside a database into a folder of its own, under the names that it had. Of a database that was
 * set aside that is the first journal that was set aside with it or after it, since it holds what that one lost; where none
 * was, and for a database that has its own name, it is the journal that goes on. Throws the system's errors.
 */
export function layOutJournal(file: string, to: string): void {
  const folder = dirname(file);
  const since = DATABASE_SET_ASIDE.exec(basename(file))?.[1];
  const aside = readdirSync(folder)
    .flatMap((name) => {
      const [, stamp, own] = JOURNAL_SET_ASIDE.exec(name) ?? [];
      return stamp === undefined || own === undefined ? [] : [{ name, stamp, own }];
    })
    .filter(({ stamp }) => since !== undefined && stamp >= since)
    .sort((one, other) => (one.stamp < other.stamp ? -1 : 1));
  const stamp = aside[0]?.stamp;
  const files =
    stamp === undefined
      ? segmentFilesIn(folder).map(({ path }) => ({ name: basename(path), own: basename(path) }))
      : aside.filter((one) => one.stamp === stamp);
  for (const { name, own } of files) copyFileSync(join(folder, name), join(to, own));
}
