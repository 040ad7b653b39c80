import { describe, expect, test } from 'vitest';
import { startHost } from './start-host.ts';

describe('a computer that sleeps', () => {
  const two = [
    { id: 'sim-1', driver: 'sim-scanner', owner: 'agent' },
    { id: 'sim-2', driver: 'sim-scanner', owner: 'agent' },
    { id: 'sim-3', driver: 'sim-scanner', owner: 'agent' },
  ];
  const startTwo = async () => {
    const started = await startHost();
    const { client, env } = started;
    await client.call('configure', { devices: two });
    // The third is never started: nobody wants it, asleep or awake.
    for (const deviceId of ['sim-1', 'sim-2']) await client.call('start', { deviceId });
    await env.advance(100);
    const states = async () => {
      const listed = await client.call('list');
      return listed.ok ? listed.value.map(({ state }) => state) : [];
    };
    return { ...started, states };
  };

  test('holds no device while it sleeps, and opens each again that was not paused by hand', async () => {
    const { client, env, states } = await startTwo();
    await client.call('pause', { deviceId: 'sim-2' });
    expect(await client.call('suspend')).toEqual({ ok: true, value: null });
    expect(await states()).toEqual(['paused', 'paused', 'absent']);
    expect(env.locks.held()).toBe(0);
    await client.call('wake');
    await env.advance(100);
    expect(await states()).toEqual(['ready', 'paused', 'absent']);
  });

  test('opens what it was not told to release afresh: a handle that slept may be dead and not know it', async () => {
    const { client, env, states, events } = await startTwo();
    const before = events.length;
    await client.call('wake');
    await env.advance(100);
    expect(await states()).toEqual(['ready', 'ready', 'absent']);
    const causes = events
      .slice(before)
      .flatMap((event) =>
        event.type === 'state' && event.deviceId === 'sim-1' ? [event.cause] : [],
      );
    expect(causes).toEqual(['paused', 'resumed', 'claimed']);
  });

  test('leaves a device alone that a person paused or stopped while it slept, and wakes once', async () => {
    const { client, env, states } = await startTwo();
    await client.call('suspend');
    await client.call('suspend');
    await client.call('pause', { deviceId: 'sim-1' });
    await client.call('stop', { deviceId: 'sim-2' });
    await client.call('wake');
    await env.advance(100);
    expect(await states()).toEqual(['paused', 'absent', 'absent']);
  });
});
