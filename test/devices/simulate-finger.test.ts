import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect } from 'vitest';
import { testWithProgram } from '../support/machine.ts';

/** Skipped by name where `socat` is missing, except with CI=true. */
const test = testWithProgram('socat');
const TILL = fileURLToPath(new URL('../../agent/main/till.ts', import.meta.url));

const open: { child: ChildProcess[]; folder: string[] } = { child: [], folder: [] };
afterEach(async () => {
  for (const child of open.child.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  for (const folder of open.folder.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The command as somebody types it: lines in, one JSON object a line out. */
const start = (...more: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-simulate-finger-'));
  open.folder.push(folder);
  const link = join(folder, 'module');
  const child = spawn(
    process.execPath,
    [TILL, 'simulate', 'finger', '--json', '--link', link, ...more],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  open.child.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const heard = async () => JSON.parse((await lines.next()).value ?? 'null');
  return {
    child,
    link,
    heard,
    async say(line: string) {
      child.stdin.write(`${line}\n`);
      return heard();
    },
  };
};

describe('`till simulate finger`', () => {
  test('holds a serial port until it is told to quit', { timeout: 30_000 }, async () => {
    const at = start('--profile', 'r307');
    expect(await at.heard()).toEqual({ ready: at.link, profile: 'r307' });
    expect(existsSync(at.link)).toBe(true);
    expect(await at.say('place anna-index')).toMatchObject({ ok: true });
    expect(await at.say('fault wrong-checksum search 2')).toMatchObject({ ok: true });
    expect(await at.say('unplug')).toMatchObject({ ok: true });
    expect(existsSync(at.link)).toBe(false);
    expect(await at.say('plug')).toMatchObject({ ok: true });
    expect(existsSync(at.link)).toBe(true);
    const ended = once(at.child, 'exit');
    at.child.stdin.write('quit\n');
    expect(await ended).toEqual([0, null]);
    expect(existsSync(at.link)).toBe(false);
  });

  test('refuses what it does not know, and goes on', { timeout: 30_000 }, async () => {
    const at = start();
    await at.heard();
    for (const line of [
      'place',
      'fault nothing',
      'fault silent nowhere',
      'fault silent search 0',
      'hop',
    ])
      expect(await at.say(line), line).toMatchObject({ ok: false, detail: expect.any(String) });
    expect(await at.say('lift')).toMatchObject({ ok: true });
  });

  test('a family that is not there is refused with those that are', {
    timeout: 30_000,
  }, async () => {
    const at = start('--profile', 'r999');
    expect(await at.heard()).toMatchObject({ error: { code: 'usage' } });
    expect(await once(at.child, 'exit')).toEqual([2, null]);
  });
});
