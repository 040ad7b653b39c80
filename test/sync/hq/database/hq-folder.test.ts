import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
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
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { findServerUser } from '../../../../sync/hq/database/embedded/server-user.ts';
import { clearStaleServer } from '../../../../sync/hq/database/embedded/stale-server.ts';
import { HQ_OPEN_PROBLEMS } from '../../../../sync/hq/database/hq-open-problem.ts';
import { openHqDatabase } from '../../../../sync/hq/database/open-hq-database.ts';
import { mayRunPostgres, must, quietLog } from '../../../support/hq-database.ts';
import { copyPgliteImage, copyServerImage } from '../../../support/hq-images.ts';

const CHILD = fileURLToPath(new URL('../../../support/hold-hq-database.ts', import.meta.url));

const folders: string[] = [];
const open: HqDatabase[] = [];

afterEach(async () => {
  for (const db of open.splice(0)) await db.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-hq-'));
  folders.push(folder);
  return folder;
}

/** Another HQ on a folder: what it said first, and the last row that it told as committed. */
async function anotherHq(kind: string, folder: string) {
  const child = spawn(process.execPath, [CHILD, kind, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  let told = 0;
  const [first] = (await once(lines, 'line')) as [string];
  lines.on('line', (line) => {
    told = Number(line);
  });
  return {
    first,
    told: () => told,
    async kill() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

for (const kind of ['pglite', 'embedded'] as const) {
  const group = kind === 'pglite' || mayRunPostgres() ? describe : describe.skip;
  group(`a data folder of HQ, ${kind}`, { timeout: 120_000 }, () => {
    /** One in which HQ has made its database before. */
    const usedFolder = async () => {
      const folder = newFolder();
      await (kind === 'pglite' ? copyPgliteImage(folder) : copyServerImage(folder));
      return folder;
    };
    const openIn = async (folder: string) => {
      const opened = await openHqDatabase({ kind, folder }, { log: quietLog });
      if (opened.ok) open.push(opened.value);
      return opened;
    };
    const close = async (db: HqDatabase) => {
      open.splice(open.indexOf(db), 1);
      await db.close();
    };

    test('is refused to a second HQ, of this process or another, and keeps its rows for the next start', async () => {
      const folder = await usedFolder();
      const first = must(await openIn(folder));
      await first.script("CREATE TABLE t (a text); INSERT INTO t VALUES ('会员')");
      expect(await openIn(folder)).toMatchObject({
        ok: false,
        error: { code: 'folder-in-use', ...HQ_OPEN_PROBLEMS['folder-in-use'] },
      });
      expect((await anotherHq(kind, folder)).first).toBe('folder-in-use');
      await close(first);
      const second = must(await openIn(folder));
      expect(await second.query('SELECT a FROM t')).toEqual([{ a: '会员' }]);
    });

    test('has every commit that was told after HQ is killed in the midst of writing', async () => {
      const folder = await usedFolder();
      const other = await anotherHq(kind, folder);
      expect(other.first).toBe('ok');
      await expect.poll(other.told, { timeout: 60_000 }).toBeGreaterThanOrEqual(40);
      await other.kill();
      const db = must(await openIn(folder));
      const [row] = await db.query<{ n: number; most: number }>(
        'SELECT count(*) AS n, max(n) AS most FROM counted',
      );
      expect(row?.n).toBe(row?.most);
      expect(row?.n).toBeGreaterThanOrEqual(other.told());
    });

    test('of the other kind is refused', async () => {
      const folder = newFolder();
      mkdirSync(join(folder, kind === 'pglite' ? 'postgresql' : 'pglite'));
      expect(await openIn(folder)).toMatchObject({
        ok: false,
        error: { code: 'folder-of-another-kind' },
      });
    });

    test('that cannot be made is named', async () => {
      const file = join(newFolder(), 'file');
      writeFileSync(file, '');
      expect(await openIn(join(file, 'hq'))).toMatchObject({
        ok: false,
        error: { code: 'folder-not-writable', detail: expect.stringContaining(file) },
      });
    });
  });
}

const embedded = mayRunPostgres() ? describe : describe.skip;
embedded('the embedded server', { timeout: 120_000 }, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tillside-hq-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const openIn = async (folder: string, log = quietLog) => {
    const opened = await openHqDatabase({ kind: 'embedded', folder }, { log });
    if (opened.ok) open.push(opened.value);
    return opened;
  };

  test('syncs to the disk, keeps checksums, asks for a password, and listens on this machine alone', async () => {
    const db = must(await openIn(folder));
    const settings = await db.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings WHERE name = ANY ($1)`,
      [
        [
          'fsync',
          'synchronous_commit',
          'full_page_writes',
          'data_checksums',
          'listen_addresses',
          'server_encoding',
        ],
      ],
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      data_checksums: 'on',
      listen_addresses: '127.0.0.1',
      server_encoding: 'UTF8',
    });
    const rules = await db.query<{ auth_method: string }>(
      'SELECT DISTINCT auth_method FROM pg_hba_file_rules',
    );
    expect(rules).toEqual([{ auth_method: 'scram-sha-256' }]);
    const { mode } = statSync(join(folder, 'postgresql', 'tillside.password'));
    expect(mode & 0o077).toBe(0);
  });

  test('writes no value of a failed statement into its log', async () => {
    const db = must(await openIn(folder));
    await db.script('CREATE TABLE p (phone text UNIQUE)');
    const insert = () => db.query('INSERT INTO p VALUES ($1)', ['13812345678']);
    await insert();
    await expect(insert()).rejects.toMatchObject({ code: '23505' });
    const log = readFileSync(join(folder, 'postgresql.log'), 'utf8');
    expect(log).toContain('duplicate key');
    expect(log).not.toContain('13812345678');
  });

  test('is started again where it is killed, and HQ goes on', async () => {
    const said: string[] = [];
    const db = must(await openIn(folder, (_level, message) => said.push(message)));
    await db.script('CREATE TABLE t (n int); INSERT INTO t VALUES (7)');
    const heard: string[] = [];
    await db.listen('news', (payload) => heard.push(payload));
    const pid = Number.parseInt(
      readFileSync(join(folder, 'postgresql', 'postmaster.pid'), 'utf8'),
      10,
    );
    process.kill(pid, 'SIGKILL');
    const read = () => db.query('SELECT n FROM t').catch(() => 'away');
    await expect.poll(read, { timeout: 30_000 }).toEqual([{ n: 7 }]);
    // What was told meanwhile is unknown: one empty call says so.
    await expect.poll(() => heard, { timeout: 30_000 }).toContain('');
    await db.query("SELECT pg_notify('news', 'again')");
    await expect.poll(() => heard).toContain('again');
    expect(said).toContain('the embedded database ended by itself and is started again');
  });

  test('starts although a number in postmaster.pid belongs to another program by now', async () => {
    must(await openIn(folder));
    await open.pop()?.close();
    // Of the server's own user: the server takes such a process for a living server.
    const user = must(findServerUser());
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...(user ?? {}) });
    try {
      const pidFile = join(folder, 'postgresql', 'postmaster.pid');
      writeFileSync(pidFile, `${stranger.pid}\n${join(folder, 'postgresql')}\n`);
      expect((await openIn(folder)).ok).toBe(true);
    } finally {
      stranger.kill();
    }
  });

  test('where the system does not tell what a process runs, ends only what answers to its password', async () => {
    const dataDir = join(folder, 'postgresql');
    const pidFile = join(dataDir, 'postmaster.pid');
    must(await openIn(folder));
    const note = readFileSync(pidFile, 'utf8');
    const server = Number.parseInt(note, 10);
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      expect(await clearStaleServer(dataDir, 'darwin')).toBe(true);
      expect(() => process.kill(server, 0)).toThrow();
      await open.pop()?.close();
      // Nobody listens where that server was, and its number belongs to another program.
      writeFileSync(pidFile, note.replace(/^\d+/, `${stranger.pid}`));
      expect(await clearStaleServer(dataDir, 'darwin')).toBe(true);
      expect(existsSync(pidFile)).toBe(false);
      expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
    } finally {
      stranger.kill();
    }
  });

  test('that does not start says why', async () => {
    must(await openIn(folder));
    await open.pop()?.close();
    const conf = join(folder, 'postgresql', 'postgresql.conf');
    const right = readFileSync(conf);
    writeFileSync(conf, 'no_such_setting = 1\n');
    expect(await openIn(folder)).toMatchObject({
      ok: false,
      error: { code: 'server-not-started', detail: expect.stringContaining('no_such_setting') },
    });
    writeFileSync(conf, right);
    const version = join(folder, 'postgresql', 'PG_VERSION');
    writeFileSync(version, '9\n');
    expect(await openIn(folder)).toMatchObject({ ok: false, error: { code: 'version-differs' } });
    writeFileSync(version, '18\n');
    expect((await openIn(folder)).ok).toBe(true);
  });

  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot('run by root says which folder its own user cannot pass', async () => {
    const closed = newFolder();
    chmodSync(closed, 0o700);
    expect(await openIn(join(closed, 'hq'))).toMatchObject({
      ok: false,
      error: { code: 'folder-not-reachable', detail: closed },
    });
  });
});
