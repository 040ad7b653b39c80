import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireAgentLock } from '../../../agent/main/agent-lock.ts';
import { claimDemoFolder, resetDemo } from '../../../agent/main/demo-folder.ts';

let root: string;
let demo: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tillside-demo-folder-'));
  demo = join(root, 'demo');
});
afterEach(() => rmSync(root, { recursive: true }));

/** A demo as it lies after a run. */
function demoWithData(): ReturnType<typeof claimDemoFolder> & { ok: true } {
  const claimed = claimDemoFolder(demo);
  if (!claimed.ok) throw new Error(claimed.error.code);
  mkdirSync(claimed.value.till);
  writeFileSync(join(claimed.value.till, 'live.json'), '{}');
  writeFileSync(join(claimed.value.till, 'till-0123456789abcdef.db'), 'x');
  writeFileSync(claimed.value.keyFile, 'key');
  return claimed;
}

describe("the demo's folder", () => {
  it('is forgotten by a reset', () => {
    const { value } = demoWithData();
    expect(resetDemo(demo)).toEqual({ ok: true, value: undefined });
    expect(existsSync(join(value.till, 'live.json'))).toBe(false);
    expect(existsSync(join(value.till, 'till-0123456789abcdef.db'))).toBe(false);
    expect(existsSync(value.keyFile)).toBe(false);
    expect(claimDemoFolder(demo)).toMatchObject({ ok: true });
  });

  it('is not reset under a till that runs on it: its sales would vanish', () => {
    const { value } = demoWithData();
    const running = acquireAgentLock(value.till);
    expect(resetDemo(demo)).toMatchObject({ error: { code: 'folder-in-use' } });
    expect(existsSync(join(value.till, 'live.json'))).toBe(true);
    if (running.ok) running.value.release();
  });

  it('that is none is neither reset nor used, even where its folders have the same names', () => {
    mkdirSync(join(demo, 'keys'), { recursive: true });
    writeFileSync(join(demo, 'keys', 'till.key'), 'somebody else');
    expect(resetDemo(demo)).toMatchObject({ error: { code: 'not-a-demo' } });
    expect(claimDemoFolder(demo)).toMatchObject({ error: { code: 'not-a-demo' } });
    expect(existsSync(join(demo, 'keys', 'till.key'))).toBe(true);
  });

  it('keeps what a person put there', () => {
    const { value } = demoWithData();
    writeFileSync(join(value.keys, 'my-notes.txt'), 'mine');
    resetDemo(demo);
    expect(existsSync(join(value.keys, 'my-notes.txt'))).toBe(true);
  });

  it('that was never there needs no reset', () => {
    expect(resetDemo(join(root, 'nothing'))).toEqual({ ok: true, value: undefined });
  });
});
