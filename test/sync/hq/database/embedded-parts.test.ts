import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  openWay,
  reachablePrograms,
} from '../../../../sync/hq/database/embedded/prepare-folder.ts';
import { blockedAt } from '../../../../sync/hq/database/embedded/reachable.ts';
import { linkLibraries } from '../../../../sync/hq/database/embedded/server-programs.ts';
import { findServerUser } from '../../../../sync/hq/database/embedded/server-user.ts';

const STRANGER = { uid: 54_321, gid: 54_321 };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-parts-'));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the user that the server runs as', () => {
  const passwd = () =>
    'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\npostgres:x:101:104::/var/lib:/bin/sh\n';

  test('is this one where HQ does not run as root', () => {
    expect(findServerUser(1000, passwd)).toEqual({ ok: true, value: null });
  });
  test('is postgres before nobody where it does', () => {
    expect(findServerUser(0, passwd)).toEqual({ ok: true, value: { uid: 101, gid: 104 } });
    const without = () => passwd().replace('postgres', 'other');
    expect(findServerUser(0, without)).toEqual({ ok: true, value: { uid: 65534, gid: 65534 } });
  });
  test('is missing where the system has neither', () => {
    const found = findServerUser(0, () => 'root:x:0:0::/root:/bin/sh\n');
    expect(found).toMatchObject({ ok: false, error: { code: 'user-missing' } });
  });
});

describe('the way of that user', () => {
  test('is blocked at the first folder that it may not pass', async () => {
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    expect(await blockedAt(join(folder, 'a', 'b'), STRANGER)).toBeNull();
    chmodSync(join(folder, 'a'), 0o750);
    expect(await blockedAt(join(folder, 'a', 'b'), STRANGER)).toBe(join(folder, 'a'));
  });

  test("is opened through HQ's own folder without letting anybody read it", async () => {
    chmodSync(folder, 0o700);
    expect(await openWay(folder, STRANGER)).toEqual({ ok: true, value: undefined });
    expect(statSync(folder).mode & 0o777).toBe(0o711);
  });
});

describe('the programs of the server', () => {
  function packageAt(root: string) {
    mkdirSync(join(root, 'native', 'bin'), { recursive: true });
    mkdirSync(join(root, 'native', 'lib'), { recursive: true });
    for (const file of ['bin/initdb', 'bin/postgres']) {
      writeFileSync(join(root, 'native', file), '#!/bin/sh\n');
      chmodSync(join(root, 'native', file), 0o755);
    }
    writeFileSync(join(root, 'native', 'lib', 'libpq.so.5.18'), 'library');
    writeFileSync(
      join(root, 'native', 'pg-symlinks.json'),
      JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]),
    );
  }

  test('get the links between their libraries where no install script made them', () => {
    packageAt(folder);
    linkLibraries(folder);
    linkLibraries(folder);
    expect(readlinkSync(join(folder, 'native', 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
    expect(readFileSync(join(folder, 'native', 'lib', 'libpq.so.5'), 'utf8')).toBe('library');
  });

  test('are copied to a place that the user can reach, once, and used where they are where it can', async () => {
    const hidden = join(folder, 'hidden');
    packageAt(hidden);
    linkLibraries(hidden);
    const native = join(hidden, 'native');
    const programs = {
      folder: native,
      version: '18.4',
      initdb: join(native, 'bin', 'initdb'),
      postgres: join(native, 'bin', 'postgres'),
    };
    expect(await reachablePrograms(programs, STRANGER, folder)).toBe(programs);
    chmodSync(hidden, 0o700);
    const copy = await reachablePrograms(programs, STRANGER, folder);
    expect(copy.postgres).toBe(join(folder, 'postgresql-programs-18.4', 'bin', 'postgres'));
    expect(await blockedAt(copy.folder, STRANGER)).toBeNull();
    expect(statSync(copy.postgres).mode & 0o005).toBe(0o005);
    expect(readlinkSync(join(copy.folder, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
    expect(await reachablePrograms(programs, STRANGER, folder)).toEqual(copy);
  });
});
