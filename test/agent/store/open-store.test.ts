import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { err, LANGUAGES, text, tillPlaceSchema } from '../../../agent/contract/index.ts';
import { QUICK_CHECK_MAX_BYTES } from '../../../agent/store/integrity/find-damage.ts';
import { MIGRATIONS } from '../../../agent/store/migrations.ts';
import { OPEN_ERRORS, type OpenErrorCode } from '../../../agent/store/open-error.ts';
import { type OpenOptions, openStore } from '../../../agent/store/open-store.ts';
import { openDatabase } from '../../../agent/store/sqlite/open-database.ts';
import { testMember } from '../../support/ledger.ts';
import { memoryKeyStore, TEST_NOW_MS, TEST_PLACE } from '../../support/store.ts';
import { canMount, withTmpfs } from '../../support/tmpfs.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-open-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Options = OpenOptions & { keyStore: ReturnType<typeof memoryKeyStore> };

function optionsFor(dataDir: string, key?: Uint8Array): Options {
  return {
    dataDir,
    keyStore: memoryKeyStore(key),
    clock: { now: () => TEST_NOW_MS },
    random: randomBytes,
    place: TEST_PLACE,
  };
}

/** A closed data folder with 300 members in it. */
function madeFolder(): Options & { file: string; key: Uint8Array } {
  const options = optionsFor(mkdtempSync(join(root, 'data-')));
  const opened = openStore(options);
  if (!opened.ok) throw new Error(opened.error.detail);
  opened.value.members.upsert(Array.from({ length: 300 }, (_, n) => testMember(n)));
  opened.value.close();
  const { file } = JSON.parse(readFileSync(join(options.dataDir, 'live.json'), 'utf8')) as {
    file: string;
  };
  const key = options.keyStore.key;
  if (key === undefined) throw new Error('no key was saved');
  return { ...options, file: join(options.dataDir, file), key };
}

/** Opening fails with `code`, leaves every file as it was and saves no key. */
function expectRefused(options: Options, code: OpenErrorCode): void {
  const filesOf = () =>
    readdirSync(options.dataDir)
      .filter((name) => !/-(wal|shm)$/.test(name))
      .sort();
  const [files, key] = [filesOf(), options.keyStore.key];
  const opened = openStore(options);
  if (opened.ok) opened.value.close();
  expect(opened).toMatchObject({ ok: false, error: { code } });
  expect(filesOf()).toEqual(files);
  expect(options.keyStore.key).toBe(key);
}

function overwrite(file: string, position: number, bytes: Uint8Array): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, position);
  closeSync(handle);
}

describe('a folder that never held a database', () => {
  test('gets one, with its key saved first and the till id of its place', () => {
    const options = madeFolder();
    expect(options.key).toHaveLength(32);
    const opened = openStore(options);
    expect(opened).toMatchObject({ ok: true, value: { tillId: 'till-1' } });
    if (opened.ok) opened.value.close();
  });

  test('gets another incarnation than any other folder, the same at each opening', () => {
    const incarnations = [madeFolder(), madeFolder()].map((options) => {
      const twice = [openStore(options), openStore(options)].map((opened) => {
        if (!opened.ok) throw new Error(opened.error.code);
        opened.value.close();
        return opened.value.incarnation;
      });
      expect(twice[0]).toBe(twice[1]);
      return twice[0];
    });
    expect(incarnations[0]).not.toBe(incarnations[1]);
  });

  test('is not made where the path leads through a file or to nowhere', () => {
    writeFileSync(join(root, 'a-file'), '');
    for (const dataDir of [
      join(root, 'a-file'),
      join(root, 'a-file', 'data'),
      join(root, 'x'.repeat(300)),
    ]) {
      const options = optionsFor(dataDir);
      expect(openStore(options)).toMatchObject({
        ok: false,
        error: { code: 'folder-not-writable' },
      });
      expect(options.keyStore.key).toBeUndefined();
    }
  });

  test('is left alone when the key cannot be saved', () => {
    const options = optionsFor(mkdtempSync(join(root, 'data-')));
    const words = {
      message: text('无法保存', 'not saved'),
      remedy: text('腾出空间', 'free space'),
      detail: 'x',
    };
    options.keyStore.save = () => err({ code: 'key-not-saved', ...words });
    expect(openStore(options)).toMatchObject({
      ok: false,
      error: { code: 'key-unreadable', ...words },
    });
    expect(readdirSync(options.dataDir)).toEqual([]);
  });
});

describe('a database that was there', () => {
  test('is not opened without its key, and no key is made up', () => {
    const { dataDir } = madeFolder();
    expectRefused(optionsFor(dataDir), 'key-missing');
  });

  test('is told from a damaged one when the key is wrong', () => {
    const { dataDir } = madeFolder();
    expectRefused(optionsFor(dataDir, randomBytes(32)), 'key-wrong');
  });

  test('is missed when its file is gone', () => {
    const options = madeFolder();
    rmSync(options.file);
    expectRefused(options, 'database-missing');
  });

  test('is missed when only its pointer is gone', () => {
    const options = madeFolder();
    rmSync(join(options.dataDir, 'live.json'));
    expectRefused(options, 'pointer-missing');
  });

  test.each([
    ['is no JSON', '{'],
    [
      'names a file elsewhere',
      '{"format":1,"state":"live","file":"../x.db","keyCheck":"","createdAt":""}',
    ],
    ['is empty', ''],
  ])('is not guessed at when its pointer %s', (_, content) => {
    const options = madeFolder();
    writeFileSync(join(options.dataDir, 'live.json'), content);
    expectRefused(options, 'pointer-damaged');
  });

  test('is damaged when any one page has a flipped byte', () => {
    const options = madeFolder();
    const pages = statSync(options.file).size / 4096;
    for (const page of [0, 1, Math.floor(pages / 2), pages - 1]) {
      const copy = { ...options, dataDir: join(root, `flipped-${page}`) };
      cpSync(options.dataDir, copy.dataDir, { recursive: true });
      const file = join(copy.dataDir, options.file.split('/').at(-1) ?? '');
      const at = page * 4096 + 1_000;
      overwrite(file, at, Uint8Array.of((readFileSync(file)[at] ?? 0) ^ 1));
      expectRefused(copy, 'database-damaged');
    }
  });

  test.each([
    ['up to the limit', -1, 'database-damaged'],
    ['above the limit', 1, undefined],
  ] as const)('is checked page by page at the start %s of size', (_, sign, code) => {
    const options = madeFolder();
    const db = openDatabase(options.file, options.key, false);
    db.exec(
      `CREATE TABLE ballast AS SELECT zeroblob(${QUICK_CHECK_MAX_BYTES + sign * 4_000_000}) AS b`,
    );
    db.close();
    overwrite(options.file, statSync(options.file).size - 2_000, randomBytes(16));
    if (code !== undefined) return expectRefused(options, code);
    const opened = openStore(options);
    expect(opened).toMatchObject({ ok: true, value: { tillId: 'till-1' } });
    if (opened.ok) opened.value.close();
  });

  test.each([0, 100, 4096, 3 * 4096])('is damaged when it was cut to %i bytes', (size) => {
    const options = madeFolder();
    truncateSync(options.file, size);
    expectRefused(options, 'database-damaged');
  });

  test('is damaged when its file holds something else', () => {
    const options = madeFolder();
    writeFileSync(options.file, randomBytes(200_000));
    expectRefused(options, 'database-damaged');
  });

  test('is not opened by an older program', () => {
    const options = madeFolder();
    const db = openDatabase(options.file, options.key, false);
    db.pragma(`user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    expectRefused(options, 'schema-newer');
  });

  test('is not opened through a pointer of a newer format', () => {
    const options = madeFolder();
    writeFileSync(join(options.dataDir, 'live.json'), '{"format":2,"anything":true}');
    expectRefused(options, 'schema-newer');
  });

  test('is not opened by a program whose released migrations were altered', () => {
    const options = madeFolder();
    const db = openDatabase(options.file, options.key, false);
    db.exec(`UPDATE migrations SET checksum = 'other' WHERE version = 3`);
    db.close();
    expectRefused(options, 'schema-differs');
  });

  test('is not taken over by another till', () => {
    const options = madeFolder();
    const place = tillPlaceSchema.parse({ ...TEST_PLACE, tillId: 'till-2' });
    expectRefused({ ...options, place }, 'other-till');
  });

  test('is not opened while another program holds it', async () => {
    const options = madeFolder();
    const holder = spawn(process.execPath, ['test/support/hold-database.ts', options.file], {
      env: { ...process.env, TILLSIDE_TEST_KEY: Buffer.from(options.key).toString('hex') },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise((settle) => holder.once('exit', settle));
    await new Promise((settle) => holder.stdout.once('data', settle));
    expectRefused(options, 'locked');
    holder.kill('SIGKILL');
    await ended;
    const opened = openStore(options);
    expect(opened.ok).toBe(true);
    if (opened.ok) opened.value.close();
  });
});

describe('a crash while the database is made', () => {
  test('is started over, with the half file set aside and the key kept', () => {
    const options = madeFolder();
    const pointer = join(options.dataDir, 'live.json');
    writeFileSync(pointer, readFileSync(pointer, 'utf8').replace('"live"', '"creating"'));
    truncateSync(options.file, 4096);
    const opened = openStore(options);
    expect(opened.ok).toBe(true);
    if (opened.ok) opened.value.close();
    expect(existsSync(`${options.file}.unfinished`)).toBe(true);
    expect(existsSync(options.file)).toBe(false);
    expect(options.keyStore.key).toBe(options.key);
    expect(openStore(options)).toMatchObject({ ok: true });
  });

  test('is started over also when it came before the file', () => {
    const options = madeFolder();
    const pointer = join(options.dataDir, 'live.json');
    writeFileSync(pointer, readFileSync(pointer, 'utf8').replace('"live"', '"creating"'));
    rmSync(options.file);
    const opened = openStore(options);
    expect(opened).toMatchObject({ ok: true, value: { tillId: 'till-1' } });
    if (opened.ok) opened.value.close();
  });
});

describe.skipIf(!canMount())('a disk, needing the right to mount', () => {
  test('that is read-only is named as such', () => {
    withTmpfs('8m', (mount, remount) => {
      const made = optionsFor(join(mount, 'data'));
      const opened = openStore(made);
      if (opened.ok) opened.value.close();
      remount('ro');
      expectRefused(made, 'disk-read-only');
      expect(openStore(optionsFor(join(mount, 'deep', 'er')))).toMatchObject({
        ok: false,
        error: { code: 'disk-read-only' },
      });
    });
  });

  test('that is full when the database is made is named as such, at every size, and the start succeeds later', () => {
    const free = 600;
    const outcomes = new Set<string>();
    for (let kib = 0; kib <= free; kib += 40) {
      withTmpfs('2m', (mount) => {
        writeFileSync(join(mount, 'ballast'), Buffer.alloc((2048 - kib) * 1024 - 8_192));
        const options = optionsFor(join(mount, 'data'));
        const opened = openStore(options);
        outcomes.add(opened.ok ? 'ok' : opened.error.code);
        if (opened.ok) opened.value.close();
        rmSync(join(mount, 'ballast'));
        const again = openStore(options);
        expect(again).toMatchObject({ ok: true, value: { tillId: 'till-1' } });
        if (again.ok) again.value.close();
      });
    }
    expect([...outcomes]).toContain('disk-full');
    expect([...outcomes].filter((code) => code !== 'ok' && code !== 'disk-full')).toEqual([]);
  });
});

describe('every open error', () => {
  test.each(Object.entries(OPEN_ERRORS))(
    '%s says what is wrong and what to do, in every language',
    (_, advice) => {
      for (const language of LANGUAGES) {
        expect(advice.message[language]).not.toBe('');
        expect(advice.remedy[language]).not.toBe('');
      }
      expect(advice.message['zh-CN']).toMatch(/[\u4e00-\u9fff]/);
    },
  );
});
