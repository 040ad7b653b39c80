import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  closeTill,
  damagedCopy,
  makeSoldFolder,
  missingSales,
  openLikeTill,
  ruinPage,
  treesOf,
} from '../../support/damaged.ts';
import { must } from '../../support/must.ts';
import { canMount } from '../../support/tmpfs.ts';

/** A busy machine takes many times as long as a quiet one. */
vi.setConfig({ testTimeout: 120_000 });

const SALES = 6;
const folder = makeSoldFolder({ sales: SALES });
const membersPage = treesOf(folder).get('members')?.[0] ?? 0;
afterAll(() => folder.remove());

/** Linux has no file that is held by a scanner; one on which another is mounted can be read and not be moved. */
function hold(path: string): void {
  const { status, stderr } = spawnSync('mount', ['--bind', path, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
const letGo = (path: string): void => void spawnSync('umount', [path]);

describe.skipIf(!canMount())('antivirus lock, needing the right to mount', () => {
  let dataDir = '';
  let remove = (): void => undefined;
  beforeEach(() => {
    ({ dataDir, remove } = damagedCopy(folder, (path) => ruinPage(path, membersPage)));
  });
  afterEach(() => {
    for (const name of ['live.json', folder.file]) letGo(join(dataDir, name));
    remove();
  });

  test.each([
    ['the pointer, while another database becomes the live one', 'live.json', 'live.json.part'],
    ['the damaged database, while it is set aside', folder.file, 'salvage-*.json'],
  ])('of %s is waited for: the till opens and misses nothing', async (_what, held, sign) => {
    const path = join(dataDir, held);
    hold(path);
    // Lets go a moment after the rename was tried for the first time.
    const script = 'until ls $1 > /dev/null 2>&1; do sleep 0.02; done; sleep 0.5; umount $2';
    const scanner = spawn('sh', ['-c', script, 'sh', join(dataDir, sign), path]);
    const ended = once(scanner, 'exit');
    const till = must(openLikeTill(dataDir, folder.key));
    expect(till.salvage?.outcome).toBe('salvaged');
    expect(missingSales(till.store, folder.sold)).toEqual([]);
    closeTill(till);
    await ended;
    expect(readdirSync(dataDir).filter((name) => name.startsWith('damaged-'))).not.toEqual([]);
  });

  test('that lasts is told as another program, changes nothing, and is over once that lets go', () => {
    const path = join(dataDir, 'live.json');
    hold(path);
    expect(openLikeTill(dataDir, folder.key)).toMatchObject({ error: { code: 'locked' } });
    expect(readdirSync(dataDir).filter((name) => name.endsWith('.db'))).toEqual([folder.file]);
    letGo(path);
    const till = must(openLikeTill(dataDir, folder.key));
    expect(missingSales(till.store, folder.sold)).toEqual([]);
    closeTill(till);
    expect(existsSync(join(dataDir, folder.file))).toBe(false);
  });
});
