import { describe, expect, test } from 'vitest';
import { HANG_LIMIT_MS } from '../../../drivers/claim/hang-watch.ts';
import { WRITE_TIMEOUT_MS } from '../../../drivers/claim/held-transport.ts';
import type { HidBehaviour, HidCall } from '../../../drivers/sim/hid-system.ts';
import { createHidFixture, honeywell, NODE, reports } from './hid-fixture.ts';

const calls: readonly HidCall[] = [
  'list',
  'access',
  'descriptor',
  'mark',
  'open',
  'feature',
  'write',
  'close',
];
const faults: readonly (readonly [string, HidBehaviour | 'unanswered'])[] = [
  ['not answered until the fault ends', 'unanswered'],
  ['thrown', 'throw'],
  ['refused with a string', { says: 'could not do it' }],
  ['answered late', { afterMs: 30_000 }],
];
/** Time limits of every call of an attempt, one after another, and the longest back-off. */
const RECOVERY_MS = 40_000;

describe('a fault at every call ends in a named state and a recovery', () => {
  test.each(calls.flatMap((call) => faults.map(([name, fault]) => [call, name, fault] as const)))(
    '%s %s',
    async (call, _name, fault) => {
      let broken = true;
      const end = Promise.withResolvers<void>();
      const way: HidBehaviour = fault === 'unanswered' ? { until: end.promise } : fault;
      const { env, system, driver, texts, events } = createHidFixture({
        behave: (asked) => (broken && asked === call ? way : 'well'),
      });
      driver.start();
      await env.advance(10_000);
      expect(['ready', 'faulted']).toContain(driver.state());
      const health = driver.health('external');
      await env.advance(10_000);
      expect((await health).outcome).toMatch(/passed|failed/);
      system.unplug(NODE);
      await env.advance(5_000);
      system.plug(honeywell);
      await env.advance(10_000);
      expect(events.length).toBeGreaterThan(0);
      broken = false;
      end.resolve();
      system.unplug(NODE);
      system.plug(honeywell);
      await env.advance(RECOVERY_MS);
      expect(driver.state()).toBe('ready');
      for (const report of reports('6901234567892')) system.send(NODE, report);
      expect(texts()).toEqual(['6901234567892']);
      await driver.stop();
      await env.advance(RECOVERY_MS);
      expect(env.locks.held()).toBe(0);
      // A handle whose closing never came back is the system's; every other one was closed.
      if (call !== 'close') expect(system.openHandles()).toBe(0);
    },
  );

  test.each(['list', 'access', 'descriptor', 'mark', 'open'] as const)(
    '%s never answered leaves the device faulted and is told as a hang',
    async (call) => {
      const { env, driver, events } = createHidFixture({
        behave: (asked) => (asked === call ? 'hang' : 'well'),
      });
      driver.start();
      await env.advance(HANG_LIMIT_MS - 1);
      expect(events.filter(({ type }) => type === 'hang')).toEqual([]);
      await env.advance(2);
      expect(driver.state()).toBe('faulted');
      expect(events.filter(({ type }) => type === 'hang')).toMatchObject([
        { call: call === 'list' ? 'look' : 'open' },
      ]);
    },
  );

  test('a computer without the library that lists HID devices is faulted with what to install, and is ready once it is', async () => {
    const says =
      'Error: libusb-1.0.so.0: cannot open shared object file: No such file or directory';
    let missing = true;
    const { env, driver, lastState } = createHidFixture({
      behave: (call) => (missing && call === 'list' ? { says } : 'well'),
    });
    driver.start();
    await env.advance(1_000);
    expect(lastState()).toMatchObject({
      to: 'faulted',
      detail: says,
      remedy: { code: 'install-package', command: 'sudo apt-get install libusb-1.0-0' },
    });
    expect(lastState()?.hint['zh-CN']).toContain('libusb-1.0');
    missing = false;
    await env.advance(RECOVERY_MS);
    expect(driver.state()).toBe('ready');
  });

  test('a read that fails with the cable in is a fault with its words, and the scanner is back by itself', async () => {
    const { env, system, driver, startReady, lastState, texts } = createHidFixture();
    await startReady();
    system.fail(NODE, '数据传输错误');
    system.fail(NODE, '数据传输错误');
    await env.settle();
    expect(lastState()).toMatchObject({ to: 'faulted', detail: '数据传输错误' });
    await env.advance(1_000);
    expect(driver.state()).toBe('ready');
    for (const report of reports('6901234567892')) system.send(NODE, report);
    expect(texts()).toEqual(['6901234567892']);
    expect(driver.statistics()).toMatchObject({ commErrors: 1, unplugs: 0, reopens: 1 });
    expect(system.openHandles()).toBe(1);
  });

  test('an unplug that is told in the words of another language is known by the node that is gone', async () => {
    const { env, system, driver, startReady, lastState } = createHidFixture();
    await startReady();
    system.unplug(NODE, 'ReadFile: (0x0000048F) 设备没有连接。');
    await env.settle();
    expect(lastState()).toMatchObject({ to: 'absent', cause: 'vanished' });
    expect(driver.statistics()).toMatchObject({ unplugs: 1, commErrors: 0 });
  });

  test('a beep that is never taken fails the check within its time limit', async () => {
    const { env, driver, startReady } = createHidFixture({
      behave: (call) => (call === 'write' ? 'hang' : 'well'),
    });
    await startReady();
    const health = driver.health('external');
    await env.advance(WRITE_TIMEOUT_MS + 1);
    expect((await health).outcome).toBe('failed');
  });
});

describe('a thousand plug cycles', () => {
  test('leak no handle, no timer, no lock and no listener, and read no torn code', async () => {
    const { env, system, driver, startReady, texts } = createHidFixture();
    await startReady();
    const [timers, news] = [env.pendingTimers(), env.newsListeners()];
    for (let cycle = 0; cycle < 1_000; cycle += 1) {
      for (const report of reports(`CODE-${cycle}`)) system.send(NODE, report);
      system.send(NODE, reports('y'.repeat(60))[0] as Uint8Array);
      system.unplug(NODE);
      system.plug(honeywell);
      await env.advance(1_000);
    }
    expect(driver.state()).toBe('ready');
    expect(texts()).toEqual(Array.from({ length: 1_000 }, (_, cycle) => `CODE-${cycle}`));
    expect(system.openHandles()).toBe(1);
    expect(env.locks.held()).toBe(1);
    expect([env.pendingTimers(), env.newsListeners()]).toEqual([timers, news]);
    expect(driver.statistics()).toMatchObject({ unplugs: 1_000, reopens: 1_000, partial: 1_000 });
  });

  test('a stuck scanner that sends parts without an end is told once and keeps one timer', async () => {
    const { env, system, startReady, texts, errors } = createHidFixture();
    await startReady();
    const [part] = reports('y'.repeat(60)) as [Uint8Array];
    const timers = env.pendingTimers();
    for (let sent = 0; sent < 20_000; sent += 1) system.send(NODE, part);
    expect(env.pendingTimers()).toBeLessThanOrEqual(timers + 1);
    expect(texts()).toEqual([]);
    expect(errors().map(({ drop }) => drop)).toEqual(['over-long']);
  });
});
