import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { prepareTillFolder, runTill, startTill, type TillFolder } from '../support/till.ts';

const folders: TillFolder[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

function newFolder(config: Record<string, unknown> = {}): TillFolder {
  const folder = prepareTillFolder({ config });
  folders.push(folder);
  return folder;
}

function run(folder: TillFolder, ...args: string[]) {
  return runTill([
    'run',
    '--config',
    folder.configFile,
    '--data',
    folder.dataDir,
    '--key-file',
    folder.keyFile,
    '--json',
    ...args,
  ]);
}

/** The one object on standard output. */
function errorOf(stdout: string): { code: string; remedy: { en: string } } {
  return (JSON.parse(stdout) as { error: { code: string; remedy: { en: string } } }).error;
}

describe('a till that cannot start says why and what to do', () => {
  it('a second agent on the same data folder says so and exits 2', async () => {
    const folder = newFolder();
    const first = await startTill(folder);
    const second = await run(folder);
    expect(second.code).toBe(2);
    expect(errorOf(second.stdout)).toMatchObject({ code: 'folder-in-use' });
    expect(await first.stop()).toBe(0);
  });

  it('kill -9 of the first leaves the folder free for the next', async () => {
    const folder = newFolder();
    const first = await startTill(folder);
    await first.kill();
    const second = await startTill(folder);
    expect(await second.stop()).toBe(0);
  });

  it('port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const ended = await run(newFolder(), '--port', String(port));
    other.close();
    expect(ended.code).toBe(2);
    expect(errorOf(ended.stdout)).toMatchObject({ code: 'port-in-use' });
    expect(errorOf(ended.stdout).remedy.en).toContain('--port');
  });

  it('a lost key: the database is not made anew', async () => {
    const folder = newFolder();
    await (await startTill(folder)).stop();
    rmSync(folder.keyFile);
    const ended = await run(folder);
    expect(ended.code).toBe(2);
    expect(errorOf(ended.stdout).code).toBe('key-missing');
  });

  it('the key of another till', async () => {
    const folder = newFolder();
    await (await startTill(folder)).stop();
    writeFileSync(folder.keyFile, `${'ab'.repeat(32)}\n`);
    const ended = await run(folder);
    expect(ended.code).toBe(2);
    expect(errorOf(ended.stdout).code).toBe('key-wrong');
  });

  it('a setting that is wrong is named', async () => {
    const ended = await run(newFolder({ language: 'klingon' }));
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'config-invalid' } });
    expect(ended.stderr).toContain('language');
  });

  it('a device that is wrong is named with its field', async () => {
    const ended = await run(
      newFolder({ devices: [{ id: 'a', driver: 'sim-scanner', owner: 'nobody' }] }),
    );
    expect(ended.code).toBe(2);
    expect(errorOf(ended.stdout).code).toBe('devices-invalid');
    expect(ended.stderr).toContain('devices[0].owner');
  });
});
