import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/**
 * What goes wrong in stores and at headquarters, and the tests that show what then happens, by words of their names. Hubs and
 * leases have yet to be built. A test that is renamed is renamed here.
 */
const FAULTS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'kill -9': {
    'between receive, apply, commit and acknowledge': [
      'kill -9 at 10 random points of each till and 5 of headquarters',
    ],
    'mid-snapshot': ['at any moment of building and adopting loses no sale'],
    'mid-index': ['while it made its indexes makes them again'],
    'mid-swap of files': [
      'between the copy and the pointer leaves the old database live',
      'between the pointer and the end leaves the new database live',
      'a kill between the pointer and the end of the note does not salvage',
    ],
    'sale before and after commit, before its answer is printed': [
      'has every sale it spoke of, at most one more, each whole',
      'kill -9 at 10 random points of 300 sales: every sale the POS saw committed is there once',
    ],
    'reservation given back before and after headquarters hears of it': [
      'what HQ may have reserved is given back durably',
    ],
    'headquarters between commit and publish': [
      'one that is killed between numbering and commit leaves everything to the next',
      'one killed: the other numbers what was committed and goes on',
    ],
    'during key rotation': [
      'whose move was cut off after the sealed key was written is cleaned away',
      'are made anew under another key, and go on after a restart',
    ],
    'during schema migration': ['kill -9 during schema migration'],
    'of headquarters as it writes': [
      'has every commit that was told after HQ is killed in the midst of writing',
    ],
  },
  'power loss': {
    'WAL cut at every byte of the last frames': [
      'WAL cut at every byte of the last',
      'after %i bytes of the log leaves the sales committed until then, whole',
    ],
    'bytes flipped': ['in %s is put right: every sale is there'],
    'WAL missing': ['that left the log away leaves what was moved into the file'],
    'shm missing': ['the log of a till that was killed holds every sale'],
    'WAL of another generation': ['WAL of another generation'],
    'last transaction half written': [
      'that left a half-written last transaction behind is no damage',
    ],
  },
  network: {
    'cut at every frame byte': ['cut at every frame byte'],
    'half-open socket': ['finds a stream dead that is open and silent'],
    'captive portal: 200 and HTML': ['HQ answering HTML with 200 (captive portal)'],
    'proxy buffering': ['come by long polls where streams are held back'],
    '1 B/s': ['One byte a second', 'A reader that takes one byte a second'],
    'duplicate, reordered, replayed, stale page': [
      'A truncated, repeated, reordered, replayed page',
    ],
    'zstd truncation': ['zstd truncation'],
    'DNS lies': ['DNS lies'],
    'TLS expiry by wrong clock': [
      'an expired one is told as expired, and as a wrong clock where the clock is what is wrong',
    ],
  },
  feed: {
    'write transaction open for long': ['brings what others commit meanwhile long before it ends'],
    'two sequencers': ['two at once number every row once, in one chain'],
    'sequencer killed between number and publish': [
      'one that is killed between numbering and commit leaves everything to the next',
    ],
    'sequence gap by rollback': ['leaves no gap where a transaction was rolled back'],
    'two nodes of headquarters': ['two headquarters processes on one PostgreSQL'],
    'id reuse after delete; delete and recreate': [
      'tells a row that is deleted and made again as deleted, then as there',
      'a removal is over once its row came back',
    ],
    'tombstone already purged': [
      'from before what was purged, and serves every cursor from there on',
    ],
    '100 k-row bulk change': ['100 k-row bulk change'],
    'page too big': ['A feed page too big'],
    'empty page': ['gives at the head an empty page that moves nothing'],
  },
  clock: {
    '+-1 h, +-1 year, suspend 3 days': ['$fault: it never goes back, passes on'],
    'a year off on either side': ['A clock a year off on either side'],
    DST: ['of Berlin at %s with the end at minute %i is %i'],
    leap: ['on 29 February is kept on the 28th in years without one'],
    'monotonic reset by reboot': ['monotonic reset by reboot'],
    'till ahead of headquarters': ['at the till, %s: it syncs, and says how far it is off'],
  },
  resources: {
    'disk full at each write': [
      'fails the sale whole at whichever write it is',
      'Disk full while applying: at whichever write it is',
    ],
    'disk full during salvage': ['disk full during salvage'],
    'read-only disk': ['that is read-only is named as such', 'cannot be taken on a read-only disk'],
    'inode limit': ['inode limit'],
    'memory cap': ['memory cap'],
    'slow fsync (5 s)': ['slow fsync (5 s), needing', 'slow fsync (5 s): sales have the disk'],
    'antivirus lock': ['antivirus lock'],
    'two agents on one profile': ['is held by one agent; a second one is told so'],
  },
  corruption: {
    'one bit in row, index, cursor, ledger, page': [
      'in a page of %s is found, put right and proved; nothing is lost',
      'anywhere in a page of %s costs nothing',
    ],
    'bucket table': ['digests of fed rows, after a page that cannot be put right,'],
    'HMAC page': ["the first page's own code", 'the code of the page of a frame'],
    'start check over 64 MiB': ['start check over 64 MiB'],
    'payloads of two rows swapped; equal and opposite changes': [
      'finds rows whose payloads were swapped, and changes that are equal and opposite',
    ],
    'wrong key': ['is told from a damaged one when the key is wrong'],
    'lost key': ['is not opened without its key, and no key is made up'],
  },
  'headquarters travels in time': {
    'restored to an hour or a day ago': ['HQ restored from an old copy of its folder'],
    'cursor ahead of head; same position with other content': [
      'of another timeline, with another chain value, or ahead of the head',
    ],
    'acknowledged ledger missing': [
      'is told again what it lost, under the same numbers and with the same facts',
      'entries gone from headquarters are sent again',
    ],
    'reservations lost': [
      'of which headquarters lost the reservations in a restore is counted all the same',
    ],
    'timeline reused by mistake': [
      'HQ restored from a backup takes its tills for copies, until it is told of the restore',
    ],
  },
  'till travels in time': {
    'disk image restored': ['an image of the disk that is brought back reuses no number'],
    'cloned to two machines': ['a till whose profile was cloned: the fenced one sells on'],
    'profile copied': ['Two data folders copied from one till'],
    'seq reused with other content': [
      'two data folders copied from one till: the second history is refused, with one alarm',
    ],
  },
  skew: {
    'till N, headquarters N-1': ['are off with a headquarters of protocol 3'],
    'till N-1, headquarters N': ['A till with schema N-1'],
    'unknown column': ['unknown column: it is kept with the row'],
    'dropped column': ['dropped column: one that may be absent'],
    'enum added': ['enum added: a status that this version does not know'],
    'rule engine version': ['of a form this version cannot read is refused'],
    'downgrade after migration': ['made by a newer program is refused and left as it is'],
  },
  migration: {
    'import killed and resumed': [
      'killed in the middle and resumed at any batch equals one clean run',
    ],
    'source changes meanwhile': ['whose file changed after it was cut off is refused'],
    encodings: ['with wrong encodings: GB18030 and UTF-16 are told by themselves'],
    'duplicate phones': ['with duplicate phones: within a batch, across batches and against HQ'],
    '27 % of rows removed on purpose': ['names each of 27 % of its rows once they are gone'],
  },
  load: {
    '1,000 tills reconnect at once': [
      'tills reconnect at once: each has its session',
      'tills that reconnect at once wait for a headquarters that is busy',
    ],
    'verification storm after deploy': [
      'verification storm after deploy',
      'verification storm after a rollout',
    ],
    'slow till holds neither log nor memory at headquarters': [
      'holds neither memory of HQ nor another till, and is cut in the end',
      'is read no faster than it is taken, and not at all once the till is gone',
    ],
  },
};

const TESTS = fileURLToPath(new URL('../', import.meta.url));
const OWN = fileURLToPath(import.meta.url);
const sources = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.test\.tsx?$/.test(name))
  .map((name) => join(TESTS, name))
  .filter((path) => path !== OWN)
  .map((path) => readFileSync(path, 'utf8'));

describe.each(Object.entries(FAULTS))('%s', (_area, faults) => {
  test.each(Object.entries(faults))('%s: there is a test of it', (_fault, names) => {
    expect(names.filter((name) => !sources.some((source) => source.includes(name)))).toEqual([]);
  });
});
