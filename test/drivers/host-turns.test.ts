import { expect, test } from 'vitest';
import { startHost } from './start-host.ts';

const only = (id: string) => [{ id, driver: 'sim-scanner', owner: 'agent' }];

test('two device lists at once: the second has the devices, and no driver of the first is left', async () => {
  const { env, events, client } = await startHost();
  await client.call('configure', { devices: only('a') });
  await client.call('start', { deviceId: 'a' });
  await env.advance(100);
  // Closing takes a moment.
  void client.call('play', {
    deviceId: 'a',
    scenario: [{ afterMs: 0, fault: 'stall', forMs: 500 }],
  });
  await env.settle();
  const both = Promise.all([
    client.call('configure', { devices: only('b') }),
    client.call('configure', { devices: only('c') }),
  ]);
  await env.advance(2_000);
  await both;
  expect(await client.call('list')).toMatchObject({ ok: true, value: [{ id: 'c' }] });
  await client.call('start', { deviceId: 'c' });
  await env.advance(100);
  expect(events.at(-1)).toMatchObject({ deviceId: 'c', to: 'ready' });
  await client.call('shutdown');
  expect(env.locks.held()).toBe(0);
});

test('what stops the host waits for a device list that is being taken, so that nothing is left of it', async () => {
  const { env, client } = await startHost();
  await client.call('configure', { devices: only('a') });
  await client.call('start', { deviceId: 'a' });
  await env.advance(100);
  const answered: string[] = [];
  void client.call('configure', { devices: only('b') }).then(() => answered.push('configure'));
  void client.call('suspend').then(() => answered.push('suspend'));
  void client.call('wake').then(() => answered.push('wake'));
  void client.call('shutdown').then(() => answered.push('shutdown'));
  await env.advance(2_000);
  expect(answered).toEqual(['configure', 'suspend', 'wake', 'shutdown']);
});
