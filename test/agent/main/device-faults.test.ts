import { describe, expect, test } from 'vitest';
import { ANSWER_LIMIT_MS } from '../../../agent/main/answer-limit.ts';
import { STATISTICS_EVERY_MS } from '../../../agent/main/device-counts.ts';
import { RESTART_FIRST_MS } from '../../../agent/main/device-supervisor.ts';
import { SHUTDOWN_LIMIT_MS } from '../../../agent/main/ended-in-time.ts';
import { MAX_OPEN_CALLS } from '../../../drivers/host-client.ts';
import { CLAIM_MS, createRig } from './device-rig.ts';

describe('a reader held on a code', () => {
  test('for longer than the window before the driver process is killed is one scan', async () => {
    const { ready, kill, back, scan, scans, env } = createRig();
    await ready();
    for (let times = 0; times < 10; times += 1) {
      await scan('A');
      await env.advance(100);
    }
    expect(scans()).toHaveLength(1);
    await kill();
    await back();
    await scan('A');
    expect(scans()).toHaveLength(1);
  });

  test('while a role is bound is one scan', async () => {
    const { ready, supervisor, scan, scans, env, view } = createRig();
    await ready();
    await scan('A');
    await env.advance(50);
    const bound = supervisor.bind([]);
    await env.advance(CLAIM_MS);
    await bound;
    expect(view().state).toBe('ready');
    await scan('A');
    expect(scans()).toHaveLength(1);
  });
});

describe('a driver process that hangs', () => {
  test('and is due while the computer sleeps is ended after it wakes', async () => {
    const { ready, supervisor, env, lives, view } = createRig();
    await ready();
    void supervisor.suspend();
    await env.settle();
    for (const life of lives) life.deaf = true;
    await env.advance(STATISTICS_EVERY_MS + ANSWER_LIMIT_MS + 10);
    expect(lives).toHaveLength(1);
    void supervisor.wake();
    await env.advance(ANSWER_LIMIT_MS + RESTART_FIRST_MS + CLAIM_MS);
    expect([lives.length, view().state]).toEqual([2, 'ready']);
  });

  test('from its first start is ended, and the next one has the devices', async () => {
    const { env, lives, view } = createRig({}, { deaf: true });
    await env.advance(ANSWER_LIMIT_MS - 1);
    expect(lives).toHaveLength(1);
    await env.advance(1 + RESTART_FIRST_MS + CLAIM_MS);
    expect([lives.length, view().state]).toEqual([2, 'ready']);
  });

  test('and cannot even be killed does not keep the till from closing', async () => {
    const { ready, supervisor, env, lives } = createRig();
    await ready();
    for (const life of lives) Object.assign(life, { deaf: true, immortal: true });
    let closed = false;
    void supervisor.close().then(() => {
      closed = true;
    });
    await env.advance(2 * SHUTDOWN_LIMIT_MS - 1);
    expect(closed).toBe(false);
    await env.advance(1);
    await env.settle();
    expect(closed).toBe(true);
  });
});

test('a driver process that dies over its first settings is no problem of the settings', async () => {
  const { env, supervisor, view } = createRig({}, { dies: true });
  let said: unknown = 'pending';
  void supervisor.started.then((problem) => {
    said = problem;
  });
  await env.settle();
  expect(said).toBe('pending');
  await env.advance(RESTART_FIRST_MS + CLAIM_MS);
  expect([said, view().state]).toEqual([null, 'ready']);
});

describe('a role that is bound', () => {
  test('while the computer sleeps is not opened before it wakes', async () => {
    const { ready, supervisor, env, view } = createRig();
    await ready();
    await supervisor.suspend();
    const bound = supervisor.bind([]);
    await env.advance(2 * CLAIM_MS);
    await bound;
    expect(view().state).toBe('paused');
    await supervisor.wake();
    await env.advance(CLAIM_MS);
    expect(view().state).toBe('ready');
  });

  test('while another is being bound waits for it: each device list is taken whole', async () => {
    const { ready, supervisor, env, states } = createRig();
    await ready();
    const before = states().length;
    const both = Promise.all([supervisor.bind([]), supervisor.bind([])]);
    await env.advance(5_000);
    await both;
    // Let go and claimed, twice: no device list is replaced before its devices were started.
    const turn = ['absent', 'present', 'claiming'];
    expect(states().slice(before)).toEqual([...turn, ...turn, 'ready']);
  });

  test('while no command is taken is told to be out of reach, and what ran goes on', async () => {
    const { ready, supervisor, lives, scan, scans, env } = createRig();
    await ready();
    await scan('A');
    for (const life of lives) life.deaf = true;
    for (let open = 0; open < MAX_OPEN_CALLS; open += 1) void supervisor.discover();
    expect(await supervisor.bind([])).toEqual({ ok: false, error: 'devices-unreachable' });
    for (const life of lives) life.deaf = false;
    await env.settle();
    expect(scans()).toHaveLength(1);
  });
});

test('an interactive check is answered by its own report, not by another check of the device', async () => {
  const { ready, supervisor, env } = createRig();
  await ready();
  const asked = Promise.all([
    supervisor.check('sim', 'internal'),
    supervisor.check('sim', 'interactive'),
    supervisor.check('sim', 'internal'),
  ]);
  await env.settle();
  const levels = (await asked).map((check) => (check.ok ? check.value.level : check.error));
  expect(levels).toEqual(['internal', 'interactive', 'internal']);
});
