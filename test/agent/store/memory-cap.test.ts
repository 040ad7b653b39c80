import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createKeyFile } from '../../../agent/main/key-file.ts';
import { verifyLedger } from '../../../agent/main/verify-ledger.ts';
import { openStore } from '../../../agent/store/open-store.ts';
import { must } from '../../support/must.ts';

/** A busy machine takes many times as long as a quiet one. */
vi.setConfig({ testTimeout: 120_000 });

/** Of which a program that has done nothing yet needs the half. */
const HEAP_MB = 40;
/** Rows of 2 KB: half as much again as the heap. */
const ROWS = 30_000;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tillside-cap-'));
  roots.push(root);
});
const roots: string[] = [];
afterAll(() => {
  for (const one of roots) rmSync(one, { recursive: true, force: true });
});

/** Runs a till in a process with a small heap; answers how that ended, and the last sale that it told of. */
function runCapped(...args: readonly string[]) {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [
      `--max-old-space-size=${HEAP_MB}`,
      'test/support/run-capped.ts',
      ...[join(root, 'data'), join(root, 'till.key'), ...args],
    ],
    { encoding: 'utf8', timeout: 120_000 },
  );
  return { status, signal, stderr, told: Number(stdout.trimEnd().split('\n').at(-1)) };
}

function reopen() {
  const dataDir = join(root, 'data');
  const keyStore = createKeyFile({ path: join(root, 'till.key'), dataDir });
  return must(openStore({ dataDir, keyStore, clock: { now: () => 0 }, random: randomBytes }));
}

describe('memory cap', () => {
  test('a till takes, compares and scrubs more rows than fit into its memory, and sells', () => {
    const { status, stderr, told } = runCapped('feed', String(ROWS));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(told).toBe(4);
    const store = reopen();
    expect(store.ledger.head().seq).toBe(told);
    store.close();
  });

  test('a till that has no memory left ends, and keeps every sale that it told of', () => {
    const { status, signal, told } = runCapped('leak');
    expect(signal ?? status, 'it has not ended by itself').not.toBe(0);
    expect(told).toBeGreaterThan(2);
    const store = reopen();
    expect([told, told + 1]).toContain(store.ledger.head().seq);
    expect(verifyLedger(store)).toMatchObject({ ok: true });
    store.close();
  });
});
