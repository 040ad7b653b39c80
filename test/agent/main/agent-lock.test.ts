import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { acquireAgentLock } from '../../../agent/main/agent-lock.ts';
import { canMount, withTmpfs } from '../../support/tmpfs.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-lock-'));
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** Another process that tries for the lock: what it got, and the process, which keeps the lock while it lives. */
async function otherAgent(dataDir: string): Promise<{ got: string; child: ChildProcess }> {
  const child = spawn(process.execPath, ['test/support/hold-agent-lock.ts', dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const got = await new Promise<string>((settle) =>
    child.stdout.once('data', (data: Buffer) => settle(data.toString().trim())),
  );
  return { got, child };
}

function ended(child: ChildProcess): Promise<unknown> {
  return new Promise((settle) => child.once('exit', settle));
}

describe('the lock of a data folder', () => {
  test('is held by one agent; a second one is told so', async () => {
    const dataDir = join(root, 'second');
    const lock = acquireAgentLock(dataDir);
    expect(lock.ok).toBe(true);
    const { got, child } = await otherAgent(dataDir);
    expect(got).toBe('folder-in-use');
    await ended(child);
    expect(acquireAgentLock(dataDir)).toMatchObject({
      ok: false,
      error: { code: 'folder-in-use' },
    });
    if (lock.ok) lock.value.release();
    const after = acquireAgentLock(dataDir);
    expect(after.ok).toBe(true);
    if (after.ok) after.value.release();
  });

  test('is free again when its holder is killed, with nothing to clean up', async () => {
    const dataDir = join(root, 'killed');
    const { got, child } = await otherAgent(dataDir);
    expect(got).toBe('ok');
    expect(acquireAgentLock(dataDir)).toMatchObject({
      ok: false,
      error: { code: 'folder-in-use' },
    });
    child.kill('SIGKILL');
    await ended(child);
    const lock = acquireAgentLock(dataDir);
    expect(lock.ok).toBe(true);
    if (lock.ok) lock.value.release();
  });

  test.skipIf(!canMount())(
    'cannot be taken on a read-only disk, which is said plainly (needs the right to mount)',
    () => {
      withTmpfs('1m', (mount, remount) => {
        remount('ro');
        expect(acquireAgentLock(join(mount, 'data'))).toMatchObject({
          ok: false,
          error: { code: 'disk-read-only' },
        });
        expect(acquireAgentLock(mount)).toMatchObject({
          ok: false,
          error: { code: 'disk-read-only' },
        });
      });
    },
  );
});
