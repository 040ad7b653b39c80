import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import type { AgentToShell, ShellToAgent } from '../../../agent/contract/shell-message.ts';
import { EXIT_REFUSED, LAST_WORDS_LIMIT_MS, runAgent } from '../../../agent/main/run-agent.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-run-agent-'));
afterAll(() => rmSync(root, { recursive: true }));

/** An agent under a shell that hears what it says; its settings file cannot be read. */
function agent() {
  const configFile = join(root, 'till.json');
  writeFileSync(configFile, '{ "port": "wrong" }');
  const said: AgentToShell[] = [];
  const exits: number[] = [];
  let hear: (event: { data: ShellToAgent; ports: [] }) => void = () => undefined;
  runAgent(
    {
      postMessage: (message: AgentToShell) => void said.push(message),
      on: (_type: string, listener: typeof hear) => {
        hear = listener;
      },
    } as never,
    (code) => void exits.push(code),
  );
  const tell = (data: ShellToAgent): void => hear({ data, ports: [] });
  return {
    said,
    exits,
    tell,
    start: () =>
      tell({
        type: 'start',
        dataDir: join(root, 'data'),
        configFile,
        version: '0.0.0-test',
        logLevel: 'error',
        sealing: { kind: 'system-store', backend: 'test' },
      }),
  };
}

const soon = () => new Promise((settle) => setImmediate(settle));

test('an agent that refuses to start ends only when the shell has heard why, and once', async () => {
  const { said, exits, tell, start } = agent();
  start();
  await expect.poll(() => said.map(({ type }) => type)).toEqual(['refused']);
  await soon();
  expect(exits).toEqual([]);
  tell({ type: 'stop' });
  tell({ type: 'stop' });
  await expect.poll(() => exits).toEqual([EXIT_REFUSED]);
  await soon();
  expect(exits).toHaveLength(1);
});

test('an agent whose last words nobody answers ends all the same', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { said, exits, start } = agent();
  start();
  while (said.length === 0) await soon();
  vi.advanceTimersByTime(LAST_WORDS_LIMIT_MS - 1);
  expect(exits).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(exits).toEqual([EXIT_REFUSED]);
});
