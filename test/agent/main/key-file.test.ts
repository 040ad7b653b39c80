import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../../agent/contract/index.ts';
import { createKeyFile, defaultKeyFile } from '../../../agent/main/key-file.ts';
import { openStore } from '../../../agent/store/open-store.ts';
import { TEST_NOW_MS } from '../../support/store.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-key-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;

function place() {
  const folder = join(root, String(++folders));
  mkdirSync(folder);
  const [path, dataDir] = [join(folder, 'config', 'till.key'), join(folder, 'data')];
  return { folder, path, dataDir, keyFile: createKeyFile({ path, dataDir }) };
}

describe('a key file', () => {
  test('gives back the key that was saved, for this user alone', () => {
    const { keyFile, path } = place();
    expect(keyFile.load()).toEqual({ ok: true, value: undefined });
    const key = new Uint8Array(randomBytes(32));
    expect(keyFile.save(key)).toEqual({ ok: true, value: undefined });
    expect(keyFile.load()).toEqual({ ok: true, value: key });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(path, '..'))).toEqual(['till.key']);
  });

  test('is never replaced', () => {
    const { keyFile, path } = place();
    keyFile.save(randomBytes(32));
    const before = readFileSync(path);
    expect(keyFile.save(randomBytes(32))).toMatchObject({
      ok: false,
      error: { code: 'key-exists' },
    });
    expect(readFileSync(path)).toEqual(before);
  });

  test.each([0o640, 0o604, 0o660, 0o610])(
    'that others may use (mode %o) is refused with the command that mends it',
    (mode) => {
      const { keyFile, path } = place();
      keyFile.save(randomBytes(32));
      chmodSync(path, mode);
      const loaded = keyFile.load();
      expect(loaded).toMatchObject({ ok: false, error: { code: 'key-permissions' } });
      for (const language of LANGUAGES)
        expect(!loaded.ok && loaded.error.remedy[language]).toContain(`chmod 600 '${path}'`);
    },
  );

  test.each(['', 'abc', `${'0'.repeat(63)}\n`, `${'g'.repeat(64)}\n`, `${'0'.repeat(65)}\n`])(
    'that holds %j is refused',
    (content) => {
      const { keyFile, path } = place();
      mkdirSync(join(path, '..'));
      writeFileSync(path, content, { mode: 0o600 });
      expect(keyFile.load()).toMatchObject({ ok: false, error: { code: 'key-unreadable' } });
    },
  );

  test('that is a folder is refused', () => {
    const { keyFile, path } = place();
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
    expect(keyFile.load()).toMatchObject({ ok: false, error: { code: 'key-unreadable' } });
  });

  test('inside the data folder is refused, also through a link or a way round', () => {
    const { folder, dataDir } = place();
    mkdirSync(join(dataDir, 'keys'), { recursive: true });
    symlinkSync(join(dataDir, 'keys'), join(folder, 'elsewhere'));
    for (const path of [
      join(dataDir, 'till.key'),
      join(folder, 'elsewhere', 'till.key'),
      `${dataDir}/../data/x/till.key`,
      dataDir,
    ]) {
      const keyFile = createKeyFile({ path, dataDir });
      expect(keyFile.save(randomBytes(32))).toMatchObject({
        ok: false,
        error: { code: 'key-inside-data-folder' },
      });
      expect(keyFile.load()).toMatchObject({
        ok: false,
        error: { code: 'key-inside-data-folder' },
      });
    }
    const beside = createKeyFile({ path: join(folder, 'data-keys', 'till.key'), dataDir });
    expect(beside.save(randomBytes(32)).ok).toBe(true);
  });

  test('that cannot be written says so and nothing is created', () => {
    const { folder, dataDir } = place();
    writeFileSync(join(folder, 'file'), '');
    const keyStore = createKeyFile({ path: join(folder, 'file', 'till.key'), dataDir });
    expect(keyStore.save(randomBytes(32))).toMatchObject({
      ok: false,
      error: { code: 'key-not-saved' },
    });
    const opened = openStore({
      dataDir,
      keyStore,
      clock: { now: () => TEST_NOW_MS },
      random: randomBytes,
    });
    expect(opened.ok).toBe(false);
    expect(readdirSync(dataDir)).toEqual([]);
  });

  test('opens the store again in another run of the program', () => {
    const { path, dataDir } = place();
    const open = () =>
      openStore({
        dataDir,
        keyStore: createKeyFile({ path, dataDir }),
        clock: { now: () => TEST_NOW_MS },
        random: randomBytes,
      });
    const tillIds = [open(), open()].map((opened) => {
      if (!opened.ok) throw new Error(opened.error.code);
      opened.value.close();
      return opened.value.tillId;
    });
    expect(tillIds[0]).toBe(tillIds[1]);
    rmSync(path);
    expect(open()).toMatchObject({ ok: false, error: { code: 'key-missing' } });
  });
});

describe('where the key file lies unless told otherwise', () => {
  test.each([
    ['linux', {}, '/home/li/.config/tillside/till-1.key'],
    ['linux', { XDG_CONFIG_HOME: '/etc/li' }, '/etc/li/tillside/till-1.key'],
    ['linux', { XDG_CONFIG_HOME: '' }, '/home/li/.config/tillside/till-1.key'],
    ['linux', { XDG_CONFIG_HOME: 'relative' }, '/home/li/.config/tillside/till-1.key'],
    ['win32', { APPDATA: '/c/roaming' }, '/c/roaming/tillside/till-1.key'],
    ['win32', {}, '/home/li/AppData/Roaming/tillside/till-1.key'],
  ] as const)('on %s with %j it is %s', (platform, env, path) => {
    expect(defaultKeyFile({ platform, env, homeDir: '/home/li', name: 'till-1' })).toBe(path);
  });

  test('a name cannot lead out of the folder', () => {
    expect(defaultKeyFile({ platform: 'linux', env: {}, homeDir: '/h', name: '../../x/y' })).toBe(
      '/h/.config/tillside/.._.._x_y.key',
    );
  });
});
