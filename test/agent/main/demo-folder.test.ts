import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireAgentLock } from '../../../agent/main/agent-lock.ts';
import { claimDemoFolder, resetDemo } from '../../../agent/main/demo-folder.ts';
import { lockFolder } from '../../../sync/hq/database/folder-lock.ts';

let root: string;
let demo: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tillside-demo-folder-'));
  demo = join(root, 'demo');
});
afterEach(() => rmSync(root, { recursive: true }));

/** What the key files, databases and headquarters of a demo leave behind. */
const LEFT = [
  ['till', 'live.json'],
  ['till', 'till-0123456789abcdef.db'],
  ['till-2', 'till-0123456789abcdef.db-wal'],
  ['till-3', 'till-0123456789abcdef.db.old'],
  ['keys', 'till.key'],
  ['keys', 'till-3.key'],
  ['hq', 'db', 'PG_VERSION'],
  ['hq', 'keys', 'authority.pem'],
  ['hq', 'demo-port'],
] as const;
const at = (...path: readonly string[]): string => join(demo, ...path);

/** A demo as it lies after a run. */
function demoWithData(): ReturnType<typeof claimDemoFolder> & { ok: true } {
  const claimed = claimDemoFolder(demo);
  if (!claimed.ok) throw new Error(claimed.error.code);
  for (const path of LEFT) {
    mkdirSync(dirname(at(...path)), { recursive: true });
    writeFileSync(at(...path), '{}');
  }
  return claimed;
}

describe("the demo's folder", () => {
  it('has a place for headquarters and for each till, its key beside its data', () => {
    const { value } = demoWithData();
    expect(value.tills.map(({ data }) => data)).toEqual([at('till'), at('till-2'), at('till-3')]);
    expect(new Set(value.tills.map(({ keyFile }) => keyFile)).size).toBe(3);
    for (const { data, keyFile } of value.tills) expect(keyFile.startsWith(data + sep)).toBe(false);
  });

  it('is forgotten by a reset: tills, keys and headquarters', () => {
    demoWithData();
    expect(resetDemo(demo)).toEqual({ ok: true, value: undefined });
    expect(LEFT.filter((path) => existsSync(at(...path)))).toEqual([]);
    expect(claimDemoFolder(demo)).toMatchObject({ ok: true });
  });

  it.each([0, 1, 2])('is not reset under its till %i that runs: its sales would vanish', (nth) => {
    const { value } = demoWithData();
    const running = acquireAgentLock(value.tills[nth]?.data ?? '');
    expect(resetDemo(demo)).toMatchObject({ error: { code: 'folder-in-use' } });
    expect(LEFT.filter((path) => !existsSync(at(...path)))).toEqual([]);
    if (running.ok) running.value.release();
  });

  it('is not reset under a headquarters that runs', () => {
    demoWithData();
    const running = lockFolder(at('hq', 'db'));
    expect(resetDemo(demo)).toMatchObject({ error: { code: 'folder-in-use' } });
    expect(LEFT.filter((path) => !existsSync(at(...path)))).toEqual([]);
    if (running.ok) running.value.release();
  });

  it('of an older version is not used, says so, and is one again after a reset', () => {
    mkdirSync(at('till'), { recursive: true });
    mkdirSync(at('keys'));
    writeFileSync(at('tillside-demo.json'), '{"schema":"tillside/demo/1"}\n');
    const old = [
      ['till', 'live.json'],
      ['till', 'till-0123456789abcdef.db'],
      ['keys', 'till.key'],
      ['keys', 'demo-chain.pem'],
      ['rules.signed.json'],
    ];
    for (const path of old) writeFileSync(at(...path), '{}');
    expect(claimDemoFolder(demo)).toMatchObject({
      error: { code: 'demo-older', remedy: { en: expect.stringContaining('--reset') } },
    });
    expect(resetDemo(demo)).toMatchObject({ ok: true });
    expect(old.filter((path) => existsSync(at(...path)))).toEqual([]);
    expect(claimDemoFolder(demo)).toMatchObject({ ok: true });
  });

  it('that is none is neither reset nor used, even where its folders have the same names', () => {
    mkdirSync(join(demo, 'keys'), { recursive: true });
    writeFileSync(join(demo, 'keys', 'till.key'), 'somebody else');
    expect(resetDemo(demo)).toMatchObject({ error: { code: 'not-a-demo' } });
    expect(claimDemoFolder(demo)).toMatchObject({ error: { code: 'not-a-demo' } });
    expect(existsSync(join(demo, 'keys', 'till.key'))).toBe(true);
  });

  it('keeps what a person put there', () => {
    demoWithData();
    const mine = [at('keys', 'my-notes.txt'), at('till', 'my-notes.txt'), at('hq', 'my-notes.txt')];
    for (const file of mine) writeFileSync(file, 'mine');
    resetDemo(demo);
    expect(mine.every((file) => existsSync(file))).toBe(true);
  });

  it('that was never there needs no reset', () => {
    expect(resetDemo(join(root, 'nothing'))).toEqual({ ok: true, value: undefined });
  });
});
