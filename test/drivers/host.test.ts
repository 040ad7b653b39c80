import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import type { DriverEvent } from '../../drivers/contract/event.ts';
import type { HostRequest } from '../../drivers/contract/host-message.ts';
import { MAX_PENDING_COMMANDS } from '../../drivers/host.ts';
import { connectDriverHost, MAX_OPEN_CALLS } from '../../drivers/host-client.ts';
import { createPortPair, MAX_WAITING_MESSAGES } from './port-pair.ts';
import { startHost } from './start-host.ts';

const devices = [{ id: 'sim-1', driver: 'sim-scanner', owner: 'agent' }];

describe('the driver host', () => {
  test('takes a device list, starts a device, and sends its scans as events', async () => {
    const { env, events, client } = await startHost();
    expect(await client.call('configure', { devices })).toMatchObject({
      ok: true,
      value: [{ id: 'sim-1', state: 'absent', simulated: true }],
    });
    expect(await client.call('start', { deviceId: 'sim-1' })).toEqual({ ok: true, value: null });
    await env.advance(100);
    expect(await client.call('inject', { deviceId: 'sim-1', text: ']E06901234567892' })).toEqual({
      ok: true,
      value: null,
    });
    await env.settle();
    expect(events.at(-1)).toMatchObject({ type: 'scan', deviceId: 'sim-1', text: '6901234567892' });
    expect(await client.call('statistics', { deviceId: 'sim-1' })).toMatchObject({
      ok: true,
      value: { scans: 1 },
    });
    expect(await client.call('health', { deviceId: 'sim-1', level: 'internal' })).toMatchObject({
      ok: true,
      value: { outcome: 'passed' },
    });
    expect(await client.call('list')).toMatchObject({ ok: true, value: [{ state: 'ready' }] });
  });

  test('refuses a faulty list with its problems and keeps what runs', async () => {
    const { client } = await startHost();
    await client.call('configure', { devices });
    const refused = await client.call('configure', {
      devices: [{ id: 'x', driver: 'laser', owner: 'agent' }],
    });
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'E_ILLEGAL', problems: [{ field: 'devices[0].driver' }] },
    });
    expect(await client.call('list')).toMatchObject({ ok: true, value: [{ id: 'sim-1' }] });
  });

  test('names an unknown device, an unknown command and a field that is missing', async () => {
    const { client, agentEnd, env } = await startHost();
    expect(await client.call('start', { deviceId: 'nobody' })).toMatchObject({
      ok: false,
      error: { code: 'E_NOEXIST' },
    });
    const replies: unknown[] = [];
    agentEnd.onMessage((message) => replies.push(message));
    for (const request of [{ command: 'explode' }, { command: 'start' }]) {
      agentEnd.postMessage({
        type: 'request',
        requestId: 99,
        ...request,
      } as unknown as HostRequest);
    }
    agentEnd.postMessage('rubbish');
    await env.settle();
    expect(replies).toMatchObject([
      { requestId: 99, result: { ok: false, error: { code: 'E_ILLEGAL' } } },
      {
        requestId: 99,
        result: {
          ok: false,
          error: { code: 'E_ILLEGAL', problems: [{ field: 'command.deviceId' }] },
        },
      },
    ]);
    expect(env.lines).toMatchObject([{ level: 'warn' }]);
  });

  test('answers busy beyond its limit of commands, and the client beyond its own', async () => {
    expect(MAX_OPEN_CALLS).toBe(MAX_PENDING_COMMANDS);
    const { client, env, agentEnd } = await startHost();
    await client.call('configure', { devices });
    await client.call('start', { deviceId: 'sim-1' });
    await env.advance(100);
    const stall = client.call('play', {
      deviceId: 'sim-1',
      scenario: [{ afterMs: 0, fault: 'stall', forMs: 500 }],
    });
    const checks = Array.from({ length: MAX_OPEN_CALLS - 1 }, () =>
      client.call('health', { deviceId: 'sim-1', level: 'internal' }),
    );
    expect(await client.call('list')).toMatchObject({ ok: false, error: { code: 'E_BUSY' } });
    await env.advance(1_000);
    expect((await Promise.all([stall, ...checks])).filter((answer) => answer.ok)).toHaveLength(
      MAX_OPEN_CALLS,
    );

    const replies: unknown[] = [];
    agentEnd.onMessage((message) => replies.push(message));
    const post = (requestId: number, command: string, more: object = {}): void =>
      agentEnd.postMessage({ type: 'request', requestId, command, deviceId: 'sim-1', ...more });
    post(1_000, 'play', { scenario: [{ afterMs: 0, fault: 'stall', forMs: 500 }] });
    for (let id = 1; id <= MAX_PENDING_COMMANDS; id += 1)
      post(1_000 + id, 'health', { level: 'internal' });
    await env.settle();
    await env.settle();
    expect(replies).toMatchObject([
      { requestId: 1_000 + MAX_PENDING_COMMANDS, result: { ok: false, error: { code: 'E_BUSY' } } },
    ]);
    await env.advance(1_000);
    expect(replies.filter((reply) => (reply as { type: string }).type === 'reply')).toHaveLength(
      MAX_PENDING_COMMANDS + 1,
    );
  });

  test('shutdown stops every device, and a lost host answers every open call', async () => {
    const { client, env, events } = await startHost();
    await client.call('configure', { devices });
    await client.call('start', { deviceId: 'sim-1' });
    await env.advance(100);
    expect(await client.call('shutdown')).toEqual({ ok: true, value: null });
    expect(events.at(-1)).toMatchObject({ type: 'state', to: 'absent', cause: 'stopped' });
    const unanswered = client.call('list');
    client.lost();
    expect(await unanswered).toMatchObject({ ok: false, error: { code: 'E_CLOSED' } });
    expect(await client.call('list')).toMatchObject({ ok: false, error: { code: 'E_CLOSED' } });
  });
});

test('the host takes a damage with an injected code, and refuses one that it does not know', async () => {
  const { client, env, events } = await startHost();
  await client.call('configure', { devices });
  await client.call('start', { deviceId: 'sim-1' });
  await env.advance(100);
  await client.call('inject', { deviceId: 'sim-1', text: 'A', damage: 'garbage-prefix' });
  await env.settle();
  expect(events.at(-1)).toMatchObject({ type: 'error', drop: 'garbage' });
  expect(
    await client.call('inject', { deviceId: 'sim-1', text: 'A', damage: 'fire' as 'split' }),
  ).toMatchObject({ error: { code: 'E_ILLEGAL', problems: [{ field: 'command.damage' }] } });
});

test('a port pair keeps messages for an end that listens later, and gives up at its limit', async () => {
  const [one, other] = createPortPair();
  one.postMessage('early');
  await Promise.resolve();
  const received: unknown[] = [];
  other.onMessage((message) => received.push(message));
  await Promise.resolve();
  expect(received).toEqual(['early']);
  expect(MAX_WAITING_MESSAGES).toBe(1_000);
});

describe('the driver host in a process of its own', () => {
  const entry = fileURLToPath(new URL('../../drivers/host-main.ts', import.meta.url));

  const startChild = () => {
    const child = fork(entry, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    });
    const events: DriverEvent[] = [];
    const client = connectDriverHost(
      {
        postMessage: (message) => void child.send(message as object),
        onMessage: (receive) => void child.on('message', receive),
        close: () => child.disconnect(),
      },
      (event) => events.push(event),
    );
    return { child, client, events };
  };

  test('reads a simulated scan end to end and ends on shutdown', async () => {
    const { child, client, events } = startChild();
    const ended = once(child, 'exit');
    await client.up;
    await client.call('configure', { devices });
    await client.call('start', { deviceId: 'sim-1' });
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ type: 'state', to: 'ready' }), {
      timeout: 15_000,
    });
    await client.call('inject', { deviceId: 'sim-1', text: 'HELLO' });
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ type: 'scan', text: 'HELLO' }), {
      timeout: 15_000,
    });
    await client.call('shutdown');
    expect(await ended).toEqual([0, null]);
  });

  test('ends by itself when its parent goes', async () => {
    const { child, client } = startChild();
    const ended = once(child, 'exit');
    await client.up;
    await client.call('configure', { devices });
    await client.call('start', { deviceId: 'sim-1' });
    child.disconnect();
    expect(await ended).toEqual([0, null]);
  });

  test.skipIf(process.platform === 'win32')(
    'ends when its parent goes, though a native call of it never returns: its locks must be free for the next agent',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tillside-host-'));
      const pipe = join(folder, 'pipe');
      // Opening a named pipe waits for its writer, in a thread that the system's exit would wait for.
      execFileSync('mkfifo', [pipe]);
      const { child, client, events } = startChild();
      const ended = once(child, 'exit');
      await client.up;
      await client.call('configure', { devices: [{ ...devices[0], scenarioFile: pipe }] });
      await client.call('start', { deviceId: 'sim-1' });
      await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ type: 'state', to: 'ready' }), {
        timeout: 15_000,
      });
      child.disconnect();
      await ended;
      rmSync(folder, { recursive: true });
    },
  );
});
