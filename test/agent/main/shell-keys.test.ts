import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { err, ok, text } from '../../../agent/contract/index.ts';
import { openShellKeys, type Sealer, sealedKeyFile } from '../../../agent/main/shell-keys.ts';
import { writePointer } from '../../../agent/store/pointer.ts';

const KEY = 'ab'.repeat(32);
let root: string;
let dataDir: string;
let keyFile: string;
let randoms: number;
const turned: Sealer = {
  seal: async (secret) => ok([...secret].reverse().join('')),
  unseal: async (sealed) => ok([...sealed].reverse().join('')),
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tillside-shell-keys-'));
  dataDir = join(root, 'data');
  keyFile = join(root, 'keys', 'till.key');
  randoms = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (options: { sealer?: Sealer; none?: boolean; keyFile?: string } = {}) =>
  openShellKeys({
    dataDir,
    keyFile: options.keyFile ?? keyFile,
    sealing:
      options.none === true
        ? { kind: 'none', reason: text('没有密钥环', 'no keyring') }
        : { kind: 'system-store', backend: 'kwallet6' },
    sealer: options.sealer ?? turned,
    random: (bytes) => {
      randoms += 1;
      return new Uint8Array(bytes).fill(0xab);
    },
  });

/** The key as hex, or why there is none. */
async function keyOf(options: Parameters<typeof open>[0] = {}): Promise<string | undefined> {
  const opened = await open(options);
  if (!opened.ok) return opened.error.code;
  const loaded = opened.value.store.load();
  if (!loaded.ok) return loaded.error.code;
  return loaded.value === undefined ? undefined : Buffer.from(loaded.value).toString('hex');
}

function plainKey(content = KEY): void {
  mkdirSync(join(root, 'keys'), { recursive: true });
  writeFileSync(keyFile, `${content}\n`, { mode: 0o600 });
}

function database(state: 'creating' | 'live'): void {
  mkdirSync(dataDir, { recursive: true });
  writePointer(dataDir, {
    state,
    file: 'till-0123456789abcdef.db',
    keyCheck: '0'.repeat(64),
    createdAt: '2026-11-01T00:00:00.000Z',
  });
}

describe('a fresh till', () => {
  test('gets a key that lies sealed outside its data folder, and opens with it again', async () => {
    expect(await keyOf()).toBe(KEY);
    const file = sealedKeyFile(keyFile);
    expect(readFileSync(file, 'utf8')).not.toContain(KEY);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect([existsSync(keyFile), await keyOf(), randoms]).toEqual([false, KEY, 1]);
  });

  test('whose creation was cut off goes on with the key that it has', async () => {
    await open();
    database('creating');
    expect([await keyOf(), randoms]).toEqual([KEY, 1]);
  });

  test('gets no key that does not open again', async () => {
    const wrong: Sealer = { ...turned, unseal: async () => ok('00'.repeat(32)) };
    expect(await keyOf({ sealer: wrong })).toBe('key-not-saved');
    const refusing: Sealer = { ...turned, seal: async () => err('the keyring is locked') };
    expect(await keyOf({ sealer: refusing })).toBe('key-not-saved');
    expect(existsSync(sealedKeyFile(keyFile))).toBe(false);
  });
});

describe('a till without a good key store', () => {
  test('keeps its key in a 0600 file and says why', async () => {
    const opened = await open({ none: true });
    if (!opened.ok) throw new Error(opened.error.code);
    expect(opened.value.protection).toEqual({
      kind: 'key-file',
      reason: text('没有密钥环', 'no keyring'),
    });
    expect(opened.value.store.save(new Uint8Array(32).fill(0xab)).ok).toBe(true);
    expect(readFileSync(keyFile, 'utf8').trim()).toBe(KEY);
  });

  test('that had one is told to unlock it; the sealed key is neither passed over nor replaced', async () => {
    await open();
    const before = readFileSync(sealedKeyFile(keyFile), 'utf8');
    const opened = await open({ none: true });
    expect(opened).toMatchObject({
      ok: false,
      error: { code: 'key-unreadable', remedy: { en: expect.stringContaining('unlock') } },
    });
    expect(readFileSync(sealedKeyFile(keyFile), 'utf8')).toBe(before);
  });
});

describe('a key file from before', () => {
  test('moves into the key store and is gone', async () => {
    plainKey();
    database('live');
    expect([await keyOf(), existsSync(keyFile), randoms]).toEqual([KEY, false, 0]);
    expect(await keyOf()).toBe(KEY);
  });

  test('stays where the key store does not take it', async () => {
    plainKey();
    await open({ sealer: { ...turned, seal: async () => err('full') } });
    expect(readFileSync(keyFile, 'utf8').trim()).toBe(KEY);
  });

  test('whose move was cut off after the sealed key was written is cleaned away', async () => {
    await open();
    plainKey('cd'.repeat(32));
    expect([await keyOf(), existsSync(keyFile)]).toEqual([KEY, false]);
  });

  test('that others may read is refused', async () => {
    plainKey();
    rmSync(keyFile);
    writeFileSync(keyFile, KEY, { mode: 0o644 });
    expect(await keyOf()).toBe('key-permissions');
  });
});

describe('a lost key', () => {
  test('of a database is never replaced by a fresh one', async () => {
    database('live');
    expect([await keyOf(), randoms, existsSync(sealedKeyFile(keyFile))]).toEqual([
      undefined,
      0,
      false,
    ]);
  });

  test('of a database that nothing points to is not replaced either', async () => {
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'till-0123456789abcdef.db'), 'x');
    expect([await keyOf(), randoms]).toEqual([undefined, 0]);
  });

  test.each(['{', '{ "format": 2 }', '{ "format": 1, "backend": "x", "sealed": "" }'])(
    'in a damaged file (%j) is told, and the file is kept',
    async (content) => {
      mkdirSync(join(root, 'keys'));
      writeFileSync(sealedKeyFile(keyFile), content);
      expect([await keyOf(), randoms]).toEqual(['key-unreadable', 0]);
      expect(readFileSync(sealedKeyFile(keyFile), 'utf8')).toBe(content);
    },
  );

  test('that the key store no longer opens is told with what to do', async () => {
    await open();
    const locked: Sealer = { ...turned, unseal: async () => err('locked') };
    const opened = await open({ sealer: locked });
    expect(opened).toMatchObject({
      error: { code: 'key-unreadable', detail: expect.stringContaining('locked') },
    });
    expect(await keyOf({ sealer: { ...turned, unseal: async () => ok('zz') } })).toBe(
      'key-unreadable',
    );
  });
});

test('a sealed key inside the data folder is refused: whoever takes the data would take it along', async () => {
  mkdirSync(dataDir);
  expect(await keyOf({ keyFile: join(dataDir, 'till.key') })).toBe('key-inside-data-folder');
});
