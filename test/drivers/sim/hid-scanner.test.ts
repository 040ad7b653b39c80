import { describe, expect, test } from 'vitest';
import { type CodeDamage, codeDamages } from '../../../drivers/contract/device.ts';
import type { DriverEvent } from '../../../drivers/contract/event.ts';
import { createDrivers, parseDevices } from '../../../drivers/registry.ts';
import { plainLayout, sharedLayout } from '../../../drivers/scanner/hid-layout.ts';
import { readReport } from '../../../drivers/scanner/hid-report.ts';
import { reportsOf } from '../../../drivers/sim/hid-reports.ts';
import { createSimHidScanner, simHidDevice } from '../../../drivers/sim/hid-scanner.ts';
import { createSimHidSystem, KEPT_REPORTS } from '../../../drivers/sim/hid-system.ts';
import { createManualEnv } from '../manual-env.ts';

const CLAIM_MS = 60;
/** Longer than the cable is out in any damage, and the way back. */
const BACK_MS = 3_000;

const start = async (fields: Readonly<Record<string, unknown>> = {}) => {
  const env = createManualEnv(3);
  const events: DriverEvent[] = [];
  const parsed = parseDevices([{ id: 's1', owner: 'agent', driver: 'sim-hid-scanner', ...fields }]);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const [driver] = createDrivers(parsed.value, env, (event) => events.push(event));
  if (driver?.simulation === undefined) throw new Error('no simulated scanner');
  driver.start();
  await env.advance(CLAIM_MS);
  const texts = () => events.flatMap((event) => (event.type === 'scan' ? [event.text] : []));
  const drops = () => events.flatMap((event) => (event.type === 'error' ? [event.drop] : []));
  return { env, driver, simulation: driver.simulation, events, texts, drops };
};

describe('a simulated HID scanner', () => {
  test('is the real driver on a simulated HID layer: its reports enter before they are joined', async () => {
    const { driver, simulation, events } = await start();
    expect(driver.state()).toBe('ready');
    expect(driver.identity()).toMatchObject({ transport: 'simulated', usagePage: 0x8c });
    simulation.inject(`]Q1${'a'.repeat(300)}`);
    simulation.inject('6901234567892');
    expect(events.filter(({ type }) => type === 'scan')).toMatchObject([
      { text: 'a'.repeat(300), aim: ']Q1', symbology: 'qr', source: 'simulated', sizeBytes: 303 },
      { text: '6901234567892' },
    ]);
  });

  test('can be a reader that gives nothing until its trigger is pulled, as a test scan does', async () => {
    const { env, driver, simulation, events, texts } = await start({ reader: 'triggered' });
    simulation.inject('6901234567892');
    const report = driver.health('interactive');
    await env.settle();
    const [challenge] = events.flatMap((event) =>
      event.type === 'health' ? [event.report.challenge ?? ''] : [],
    );
    simulation.inject('4006381333931');
    simulation.inject(challenge ?? '');
    expect((await report).outcome).toBe('passed');
    simulation.inject('6901234567892');
    expect(texts()).toEqual(['4006381333931']);
  });

  test('can be a reader that sends everything one byte later', async () => {
    const env = createManualEnv();
    const system = createSimHidSystem(env);
    const brackets: number[] = [];
    const texts: string[] = [];
    const { send } = system;
    system.send = (path, report) => {
      brackets.push(report.indexOf(0x5d));
      send(path, report);
    };
    const driver = createSimHidScanner(
      { id: 's1', owner: 'agent', reader: 'shifted' },
      env,
      (event) => event.type === 'scan' && texts.push(event.text),
      system,
    );
    driver.start();
    await env.advance(CLAIM_MS);
    driver.simulation?.inject(']E06901234567892');
    expect([brackets, texts]).toEqual([[3, 3], ['6901234567892']]);
  });

  const outcomes: Readonly<
    Record<CodeDamage, { readonly texts: readonly string[]; readonly drops: readonly string[] }>
  > = {
    'garbage-prefix': { texts: ['after'], drops: ['garbage'] },
    split: { texts: ['6901234567892', 'after'], drops: [] },
    duplicate: { texts: ['6901234567892', 'after'], drops: [] },
    'unplug-mid-code': { texts: ['after'], drops: ['unplugged'] },
  };
  test.each(codeDamages)('comes through %s without a wrong code', async (damage) => {
    const { env, simulation, texts, drops } = await start();
    simulation.inject(']E06901234567892', damage);
    await env.advance(BACK_MS);
    simulation.inject(']C1after');
    expect({ texts: texts(), drops: drops() }).toEqual(outcomes[damage]);
  });

  test('plays scenarios of the same steps as a serial one, with codes that never end and raw reports', async () => {
    const { env, driver, simulation, texts, drops } = await start();
    const whole = reportsOf(new TextEncoder().encode('RAW'), { aim: ']C1' })[0] as Uint8Array;
    const hex = Buffer.from(whole).toString('hex');
    const played = simulation.play([
      { afterMs: 0, text: ']E0never-ends', end: false },
      { afterMs: 2_000, fault: 'garbage' },
      { afterMs: 0, hex },
      { afterMs: 0, hex: hex.slice(0, 60) },
      { afterMs: 2_000, fault: 'stuck', forMs: 1_000 },
      { afterMs: 2_000, fault: 'stall', forMs: 1_000 },
      { afterMs: 0, fault: 'unplug', forMs: 500 },
      { afterMs: BACK_MS, text: ']E0last' },
    ]);
    await env.advance(30_000);
    expect(await played).toEqual({ ok: true, value: { steps: 8 } });
    expect(texts()).toEqual(['RAW', 'last']);
    expect(drops()).toEqual(['unterminated', 'garbage', 'garbage', 'over-long']);
    expect(driver.state()).toBe('ready');
  });

  test('keeps what it reads while nobody holds it, and none of that is delivered', async () => {
    const { env, driver, simulation, texts } = await start();
    await driver.pause();
    simulation.inject(']E0stale');
    driver.resume();
    await env.advance(CLAIM_MS);
    simulation.inject(']E0fresh');
    expect(texts()).toEqual(['fresh']);
    expect(driver.statistics().dropped).toBe(1);
  });

  test('of one till does not lock out that of another on the same computer', async () => {
    const first = await start();
    const [second] = createDrivers(
      [{ id: 's1', owner: 'agent', driver: 'sim-hid-scanner' }],
      first.env,
      () => {},
    );
    second?.start();
    await first.env.advance(CLAIM_MS);
    expect([first.driver.state(), second?.state()]).toEqual(['ready', 'ready']);
  });

  test('keeps the latest reports that were sent to it, and no more than its limit', async () => {
    const env = createManualEnv();
    const system = createSimHidSystem(env);
    const device = simHidDevice('s1');
    system.plug(device);
    const handle = await system.open(device.path, { onReport() {}, onError() {} });
    for (let sent = 0; sent <= KEPT_REPORTS; sent += 1)
      await handle.write(Uint8Array.of(4, sent % 256));
    expect(system.sent()).toHaveLength(KEPT_REPORTS);
    expect(system.sent()[0]?.report).toEqual([4, 1]);
  });

  test('lays out a report as its reader does', () => {
    const data = new TextEncoder().encode('6901234567892');
    for (const layout of [sharedLayout, plainLayout]) {
      const [report] = reportsOf(data, { aim: ']E0', layout }) as [Uint8Array];
      expect(readReport(layout, report)).toMatchObject({ kind: 'part', data, continued: false });
    }
  });
});

describe('a device list', () => {
  const problemsOf = (device: unknown): readonly string[] => {
    const parsed = parseDevices([device]);
    return parsed.ok ? [] : parsed.error.map(({ field, code }) => `${field} ${code}`);
  };

  test('names a HID scanner by its USB ids', () => {
    const usb = { vid: '0c2e', pid: '0b07', serial: 'SN0001', portPath: '1-1.2' };
    expect(problemsOf({ id: 's1', owner: 'agent', driver: 'hid-scanner', usb })).toEqual([]);
  });

  test('that leaves them out, misspells them, or gives what only a serial line has is told which field', () => {
    const device = { id: 's1', owner: 'agent', driver: 'hid-scanner' };
    expect(problemsOf(device)).toEqual(['devices[0].usb missing']);
    expect(problemsOf({ ...device, usb: { vid: 'c2e' } })).toEqual([
      'devices[0].usb.vid wrong-value',
    ]);
    expect(problemsOf({ ...device, usb: { vid: '0c2e' }, terminator: 'cr' })).toEqual([
      'devices[0].terminator unknown-field',
    ]);
    expect(problemsOf({ ...device, driver: 'sim-hid-scanner', reader: 'odd' })).toEqual([
      'devices[0].reader wrong-value',
    ]);
  });
});
