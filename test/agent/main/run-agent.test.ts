import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { AgentToShell, ShellToAgent } from '../../../agent/contract/shell-message.ts';
import { EXIT_REFUSED, runAgent } from '../../../agent/main/run-agent.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-run-agent-'));
afterAll(() => rmSync(root, { recursive: true }));

test('an agent that refuses to start ends only when the shell has heard why', async () => {
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
  tell({
    type: 'start',
    dataDir: join(root, 'data'),
    configFile,
    version: '0.0.0-test',
    logLevel: 'error',
    sealing: { kind: 'system-store', backend: 'test' },
  });
  await expect.poll(() => said.map(({ type }) => type)).toEqual(['refused']);
  await new Promise((settle) => setImmediate(settle));
  expect(exits).toEqual([]);
  tell({ type: 'stop' });
  await expect.poll(() => exits).toEqual([EXIT_REFUSED]);
});
