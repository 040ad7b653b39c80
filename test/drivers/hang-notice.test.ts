import { expect, test } from 'vitest';
import { HANG_LIMIT_MS } from '../../drivers/claim/hang-watch.ts';
import { momentOf } from '../../drivers/contract/env.ts';
import type { DriverEvent } from '../../drivers/contract/event.ts';
import { CODE_LOOK_MS, CODE_WAIT_MS, tellHangsBetweenCodes } from '../../drivers/hang-notice.ts';
import { createManualEnv } from './manual-env.ts';
import { startHost } from './start-host.ts';

const rig = () => {
  const env = createManualEnv();
  const told: DriverEvent['type'][] = [];
  let reading = false;
  const sink = tellHangsBetweenCodes(
    env,
    () => reading,
    ({ type }) => told.push(type),
  );
  return {
    env,
    told,
    hang: () => sink({ type: 'hang', deviceId: 'a', at: momentOf(env), call: 'open' }),
    other: () => sink({ type: 'repetition', deviceId: 'a' }),
    read: (now: boolean) => {
      reading = now;
    },
  };
};

test('a hang is told at once where nobody is in the middle of a code', () => {
  const { hang, told, env } = rig();
  hang();
  expect([told, env.pendingTimers()]).toEqual([['hang'], 0]);
});

test('a hang waits for the end of a code that is being read; everything else passes meanwhile', async () => {
  const { hang, other, read, told, env } = rig();
  read(true);
  hang();
  other();
  await env.advance(CODE_LOOK_MS);
  expect(told).toEqual(['repetition']);
  read(false);
  await env.advance(CODE_LOOK_MS);
  expect(told).toEqual(['repetition', 'hang']);
});

test('a scanner that never stops sending holds a hang up to the limit and no longer', async () => {
  const { hang, read, told, env } = rig();
  read(true);
  hang();
  await env.advance(CODE_WAIT_MS - 1);
  expect(told).toEqual([]);
  await env.advance(1);
  expect([told, env.pendingTimers()]).toEqual([['hang'], 0]);
});

test('the host keeps a hang of one device back while another is in the middle of a code', async () => {
  const { env, events, client } = await startHost();
  await client.call('configure', {
    devices: ['hung', 'busy'].map((id) => ({ id, driver: 'sim-scanner', owner: 'agent' })),
  });
  for (const deviceId of ['hung', 'busy']) await client.call('start', { deviceId });
  await env.advance(100);
  void client.call('play', {
    deviceId: 'hung',
    scenario: [{ afterMs: 0, fault: 'stall', forMs: 3_600_000 }],
  });
  await env.settle();
  // Letting go of it hangs.
  void client.call('pause', { deviceId: 'hung' });
  const halfCode = [{ afterMs: HANG_LIMIT_MS - 10, text: 'HALF', end: false }];
  void client.call('play', { deviceId: 'busy', scenario: halfCode });
  const told = () =>
    events.flatMap((event) =>
      event.type === 'hang' || event.type === 'error' ? [[event.type, event.deviceId]] : [],
    );
  await env.advance(HANG_LIMIT_MS + 1);
  expect(told()).toEqual([]);
  await env.advance(CODE_WAIT_MS);
  expect(told()).toEqual([
    ['error', 'busy'],
    ['hang', 'hung'],
  ]);
});
