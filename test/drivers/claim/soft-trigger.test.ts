import { describe, expect, test } from 'vitest';
import { TRIGGER_TIMEOUT_MS } from '../../../drivers/claim/soft-trigger.ts';
import type { HealthEvent } from '../../../drivers/contract/event.ts';
import { INTERACTIVE_TIMEOUT_MS } from '../../../drivers/scanner/scanner-health.ts';
import { simTrigger } from '../../../drivers/sim/hid-reports.ts';
import type { HidBehaviour, SimHidDevice } from '../../../drivers/sim/hid-system.ts';
import { createHidFixture, honeywell, NODE, reports } from '../scanner/hid-fixture.ts';

const PULLED = [...simTrigger.pulled];
const RELEASED = [...simTrigger.released];

const waitsForTrigger: SimHidDevice = { ...honeywell, trigger: simTrigger };

/** A scanner that is ready, and what it was told; most read only while their trigger is pulled. */
const startTest = async (
  write: () => HidBehaviour = () => 'well',
  device: SimHidDevice = waitsForTrigger,
) => {
  const fixture = createHidFixture({
    devices: [device],
    usb: { vid: device.vid },
    behave: (call) => (call === 'write' ? write() : 'well'),
  });
  await fixture.startReady();
  const { driver, env, system, events } = fixture;
  const waiting = () =>
    events.filter(
      (event): event is HealthEvent =>
        event.type === 'health' && event.report.outcome === 'waiting',
    );
  return {
    ...fixture,
    waiting,
    written: () => system.sent().flatMap(({ call, report }) => (call === 'write' ? [report] : [])),
    begin: async () => {
      const report = driver.health('interactive');
      await env.settle();
      return { report, challenge: waiting().at(-1)?.report.challenge ?? '' };
    },
    hold: (code: string) => {
      for (const report of reports(code)) system.send(NODE, report);
    },
  };
};

describe('a test scan pulls the trigger of a scanner that surely obeys', () => {
  test('it reads without a hand, the screen is told to hold the code before it, and it is let go once it has read', async () => {
    const { begin, hold, written, waiting, texts } = await startTest();
    hold('6901234567892');
    expect(texts()).toEqual([]);
    const { report, challenge } = await begin();
    expect(written()).toEqual([PULLED]);
    expect(waiting().at(-1)?.report.text.en).toContain('reading now');
    expect(waiting().at(-1)?.report.text['zh-CN']).toContain('正在读码');
    hold(challenge);
    expect(await report).toMatchObject({ outcome: 'passed' });
    expect(written()).toEqual([PULLED, RELEASED]);
    hold('6901234567892');
    expect(texts()).toEqual([]);
  });

  test('it is let go when nobody held the code before it in time', async () => {
    const { begin, env, written } = await startTest();
    const { report } = await begin();
    await env.advance(INTERACTIVE_TIMEOUT_MS);
    expect(await report).toMatchObject({ outcome: 'failed' });
    expect(written()).toEqual([PULLED, RELEASED]);
  });

  test('another test that it is given up for takes over the trigger: it is let go before it is pulled again', async () => {
    const { begin, hold, written } = await startTest();
    const first = await begin();
    const second = await begin();
    expect((await first.report).outcome).toBe('failed');
    expect(written()).toEqual([PULLED, RELEASED, PULLED]);
    hold(second.challenge);
    expect((await second.report).outcome).toBe('passed');
    expect(written()).toEqual([PULLED, RELEASED, PULLED, RELEASED]);
  });

  test('one whose page was closed is let go by whatever check is asked next, also one that has not begun to wait', async () => {
    const { begin, driver, env, written, waiting } = await startTest();
    const { report } = await begin();
    expect((await driver.health('internal')).outcome).toBe('passed');
    expect((await report).outcome).toBe('failed');
    expect(written()).toEqual([PULLED, RELEASED]);
    const unseen = driver.health('interactive');
    await driver.health('internal');
    expect((await unseen).outcome).toBe('failed');
    await env.advance(INTERACTIVE_TIMEOUT_MS);
    expect(written()).toEqual([PULLED, RELEASED]);
    expect(waiting()).toHaveLength(1);
  });

  test.each(['stop', 'pause'] as const)(
    'a scanner that is taken away from its test by %s is let go before its handle is closed',
    async (way) => {
      const { begin, driver, env, system, written } = await startTest();
      await begin();
      await driver[way]();
      expect(written()).toEqual([PULLED, RELEASED]);
      expect(system.openHandles()).toBe(0);
      await env.advance(INTERACTIVE_TIMEOUT_MS);
      expect(written()).toEqual([PULLED, RELEASED]);
    },
  );

  test('one that is unplugged in its test comes back with its trigger alone', async () => {
    const { begin, driver, env, system, written } = await startTest();
    await begin();
    system.unplug(NODE);
    await env.advance(1_000);
    system.plug(waitsForTrigger);
    await env.advance(INTERACTIVE_TIMEOUT_MS);
    expect(driver.state()).toBe('ready');
    expect(written()).toEqual([PULLED]);
    expect(system.openHandles()).toBe(1);
  });

  test('nothing is said to a maker that is not known, and a hand is asked for as ever', async () => {
    const { begin, written, waiting } = await startTest(() => 'well', {
      ...waitsForTrigger,
      vid: '1234',
    });
    await begin();
    expect(written()).toEqual([]);
    expect(waiting().at(-1)?.report.text.en).toBe('Scan the check code on the screen.');
  });
});

describe('a scanner that does not take the word', () => {
  test.each(['throw', { says: 'refused' }] as const)(
    'is tested by hand where it refuses (%s), and hears no more of it',
    async (refusal) => {
      let words = 0;
      const { begin, hold, driver, waiting } = await startTest(() => {
        words += 1;
        return refusal;
      }, honeywell);
      const { report, challenge } = await begin();
      expect(waiting().at(-1)?.report).toMatchObject({
        text: { en: 'Scan the check code on the screen.' },
        checks: [{}, {}, { check: 'triggered', ok: true }],
      });
      hold(challenge);
      expect(await report).toMatchObject({ outcome: 'passed' });
      expect([driver.state(), words]).toEqual(['ready', 1]);
    },
  );

  test('keeps nobody waiting longer than the limit where it gives no answer, and is let go when it took it late', async () => {
    const end = Promise.withResolvers<void>();
    let hangs = true;
    const { begin, driver, env, waiting, written } = await startTest(() =>
      hangs ? { until: end.promise } : 'well',
    );
    void (await begin());
    expect(waiting()).toEqual([]);
    await env.advance(TRIGGER_TIMEOUT_MS - 1);
    expect(waiting()).toEqual([]);
    await env.advance(1);
    expect(waiting()).toHaveLength(1);
    await env.advance(INTERACTIVE_TIMEOUT_MS);
    expect(written()).toEqual([]);
    hangs = false;
    end.resolve();
    await env.settle();
    expect(written()).toEqual([PULLED, RELEASED]);
    expect(driver.state()).toBe('ready');
  });

  test('leaves no timer behind when it is stopped while it hangs', async () => {
    const { begin, driver, env } = await startTest(() => 'hang');
    void (await begin());
    const stopped = driver.stop();
    await env.advance(60_000);
    await stopped;
    expect(env.pendingTimers()).toBe(0);
  });
});
