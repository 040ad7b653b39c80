import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { layOutJournal } from '../../../../agent/store/salvage/lay-out-journal.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-lay-out-'));
afterAll(() => rmSync(root, { recursive: true }));

const DATABASE = 'till-0123456789abcdef.db';
const ASIDE = `damaged-2026-11-21T08-30-00-000Z-${DATABASE}`;
const segment = (no: number): string =>
  `ledger-journal-0000000${no}-019aa000-0000-7000-8000-000000000000`;

/** What is laid out of a folder with these files; each says under which name it lay there. */
function laidOut(file: string, names: readonly string[]): Record<string, string> {
  const from = mkdtempSync(join(root, 'from-'));
  const to = join(from, 'to');
  mkdirSync(to);
  for (const name of names) writeFileSync(join(from, name), name);
  layOutJournal(join(from, file), to);
  return Object.fromEntries(
    readdirSync(to).map((name) => [name, readFileSync(join(to, name), 'utf8')]),
  );
}

const with8 = `damaged-2026-11-21T08-30-00-000Z-${segment(1)}`;
const later = [1, 2].map((no) => `damaged-2026-11-21T08-30-00-250Z-${segment(no)}`);
const before = `damaged-2026-11-20T23-59-59-999Z-${segment(1)}`;
const muchLater = `damaged-2026-12-01T10-00-00-000Z-${segment(1)}`;
const LIVE = [segment(1), segment(2)];
const goesOn = { [segment(1)]: segment(1), [segment(2)]: segment(2) };

test.each<[string, string, readonly string[], Record<string, string>]>([
  ['goes on beside it', ASIDE, LIVE, goesOn],
  ['goes on, where one was set aside before it alone', ASIDE, [before, ...LIVE], goesOn],
  ['was set aside with it', ASIDE, [muchLater, with8, ...LIVE], { [segment(1)]: with8 }],
  [
    'was set aside first after it, all of its files',
    ASIDE,
    [before, muchLater, ...later, ...LIVE],
    { [segment(1)]: later[0] ?? '', [segment(2)]: later[1] ?? '' },
  ],
  ['goes on, of a database under its own name', DATABASE, [with8, ...LIVE], goesOn],
  ['is not there', ASIDE, ['live.json', ASIDE, `${with8}.part`], {}],
])('a file is laid out with the journal that %s', (_which, file, names, expected) => {
  expect(laidOut(file, names)).toEqual(expected);
});
