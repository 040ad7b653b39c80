import { describe, expect, onTestFinished, test } from 'vitest';
import { type DeviceBinding, deviceBindingSchema } from '../../../agent/contract/index.ts';
import { STATISTICS_EVERY_MS } from '../../../agent/main/device-counts.ts';
import { definitionsOf } from '../../../agent/main/device-definitions.ts';
import { superviseDevices } from '../../../agent/main/device-supervisor.ts';
import type { Host } from '../../../agent/main/host.ts';
import type { StatisticsGain } from '../../../drivers/contract/statistics.ts';
import { runDriverHost } from '../../../drivers/host.ts';
import { MAX_DEVICES } from '../../../drivers/registry.ts';
import { createManualEnv } from '../../drivers/manual-env.ts';
import { createPortPair } from '../../drivers/port-pair.ts';

/** Longer than a driver host takes to come up and claim a simulated device. */
const CLAIM_MS = 200;
const SIM = { id: 'sim', driver: 'sim-scanner', owner: 'agent' };

const BINDING: DeviceBinding = deviceBindingSchema.parse({
  role: 'till-scanner',
  driver: 'serial-scanner',
  // No device of any machine has these ids.
  vid: 'fffe',
  pid: 'fffe',
  serial: 'NOT-THERE',
  boundAt: '2026-11-21T06:30:00.000Z',
});

function createRig(devices: readonly Record<string, unknown>[], bindings?: DeviceBinding[]) {
  const env = createManualEnv();
  const ends: (() => void)[] = [];
  /** Driver processes that run in this one: the real host behind a real message port. */
  const host: Host = {
    spawn() {
      const [driverEnd, agentEnd] = createPortPair();
      let end: (code: number | null) => void = () => undefined;
      const exit = new Promise<number | null>((resolve) => {
        end = resolve;
      });
      const drivers = runDriverHost(driverEnd, env);
      const kill = (): void => {
        agentEnd.close();
        void drivers.close();
        end(null);
      };
      ends.push(kill);
      return { port: agentEnd, exit, pid: ends.length, kill };
    },
  };
  const supervisor = superviseDevices({
    host,
    devices,
    ...(bindings === undefined ? {} : { bindings }),
    clock: env.clock,
    timers: { set: (delayMs, run) => env.timers.set(run, delayMs), clear: env.timers.clear },
    log: () => undefined,
  });
  onTestFinished(() => ends.at(-1)?.());
  return {
    env,
    supervisor,
    ids: () => supervisor.list().map(({ deviceId }) => String(deviceId)),
    view: (id: string) => supervisor.list().find(({ deviceId }) => deviceId === id),
    kill: () => ends.at(-1)?.(),
    ready: () => env.advance(CLAIM_MS),
  };
}

describe('the definitions that drivers get', () => {
  test('have a bound role before a settings entry of its id, whose reading goes over where the driver is the same', () => {
    const entry = {
      id: 'till-scanner',
      driver: 'serial-scanner',
      owner: 'pos',
      path: '/dev/ttyS0',
      baudRate: 115_200,
    };
    expect(definitionsOf([SIM, entry], [BINDING])).toEqual([
      {
        id: 'till-scanner',
        driver: 'serial-scanner',
        owner: 'agent',
        baudRate: 115_200,
        usb: { vid: 'fffe', pid: 'fffe', serial: 'NOT-THERE' },
      },
      SIM,
    ]);
    expect(definitionsOf([entry], [{ ...BINDING, driver: 'hid-scanner' }])[0]).not.toHaveProperty(
      'baudRate',
    );
    expect(definitionsOf([entry], [])).toEqual([entry]);
  });

  test('of a device without a serial number name its socket', () => {
    const { serial: _serial, ...bare } = BINDING;
    expect(definitionsOf([], [{ ...bare, portPath: '1-1.2' }])[0]?.['usb']).toEqual({
      vid: 'fffe',
      pid: 'fffe',
      portPath: '1-1.2',
    });
  });
});

describe('a role that is bound while the till runs', () => {
  test('gets its driver at once and over a restart of the driver process; the others go on', async () => {
    const { supervisor, ids, view, ready, kill, env } = createRig([SIM]);
    await ready();
    expect(ids()).toEqual(['sim']);
    const bound = supervisor.bind([BINDING]);
    await ready();
    expect((await bound).ok).toBe(true);
    await ready();
    expect(ids().sort()).toEqual(['sim', 'till-scanner']);
    expect(view('sim')?.state).toBe('ready');
    kill();
    await env.advance(1_000);
    expect(ids().sort()).toEqual(['sim', 'till-scanner']);
    expect(view('sim')?.state).toBe('ready');
    const freed = supervisor.bind([]);
    await ready();
    expect((await freed).ok).toBe(true);
    expect(ids()).toEqual(['sim']);
  });

  test('is there from the start where it was bound before', async () => {
    const { ids, ready } = createRig([SIM], [BINDING]);
    await ready();
    expect(ids().sort()).toEqual(['sim', 'till-scanner']);
  });

  test('is refused where the settings leave no room, and what ran goes on, over a restart too', async () => {
    const many = Array.from({ length: MAX_DEVICES }, (_, n) => ({ ...SIM, id: `sim-${n}` }));
    const { supervisor, ids, view, ready, kill, env } = createRig(many);
    await ready();
    const bound = supervisor.bind([BINDING]);
    await ready();
    expect(await bound).toEqual({ ok: false, error: 'device-not-bindable' });
    expect(ids()).toHaveLength(MAX_DEVICES);
    expect(view('sim-0')?.state).toBe('ready');
    kill();
    await env.advance(1_000);
    expect(view('sim-0')?.state).toBe('ready');
  });

  test('costs no count: what the devices counted before is told, and once', async () => {
    const { supervisor, ready, env, view } = createRig([SIM]);
    const gains: StatisticsGain[] = [];
    supervisor.onCounted((_deviceId, gain) => gains.push(gain));
    await ready();
    const scanned = supervisor.simulate('sim', 'ONE');
    await ready();
    await scanned;
    const bound = supervisor.bind([]);
    await ready();
    await bound;
    await ready();
    const again = supervisor.simulate('sim', 'TWO');
    await ready();
    await again;
    await env.advance(STATISTICS_EVERY_MS);
    expect(gains.reduce((sum, { scans }) => sum + scans, 0)).toBe(2);
    expect(view('sim')?.statistics['scans']).toBe(2);
  });
});

describe('a simulated device', () => {
  test('whose cable is pulled is absent with the remedy, and comes back when it is plugged in', async () => {
    const { supervisor, view, ready } = createRig([SIM]);
    await ready();
    const pulled = supervisor.plug('sim', false);
    await ready();
    expect((await pulled).ok).toBe(true);
    expect(view('sim')).toMatchObject({
      state: 'absent',
      remedy: { en: expect.stringContaining('Plug the device in') },
    });
    const plugged = supervisor.plug('sim', true);
    await ready();
    expect((await plugged).ok).toBe(true);
    await ready();
    expect(view('sim')).toMatchObject({ state: 'ready' });
    expect(view('sim')).not.toHaveProperty('remedy');
    expect(await supervisor.plug('nobody', true)).toEqual({ ok: false, error: 'device-unknown' });
  });

  test('tells of its last scan when, what kind and how long, never what', async () => {
    const { supervisor, view, ready } = createRig([SIM]);
    await ready();
    const scanned = supervisor.simulate('sim', ']E04006381333931');
    await ready();
    await scanned;
    expect(view('sim')?.lastScan).toMatchObject({ symbology: 'ean-upc', characters: 13 });
    expect(JSON.stringify(supervisor.list())).not.toContain('4006381333931');
  });
});

describe('a test scan', () => {
  test('answers with its code at once, passes when this device reads it, and is no scan for anybody else', async () => {
    const { supervisor, view, ready } = createRig([SIM]);
    await ready();
    const heard: string[] = [];
    supervisor.onEvent((event) => void (event.type === 'scan' && heard.push(event.text)));
    const checking = supervisor.check('sim', 'interactive');
    await ready();
    const begun = await checking;
    if (!begun.ok) throw new Error(begun.error);
    expect(begun.value).toMatchObject({ outcome: 'waiting', level: 'interactive' });
    expect(view('sim')?.check?.outcome).toBe('waiting');
    const read = supervisor.simulate('sim', begun.value.challenge ?? '');
    await ready();
    await read;
    await ready();
    expect(view('sim')?.check).toMatchObject({ outcome: 'passed', level: 'interactive' });
    expect(heard).toEqual([]);
  });

  test('that nobody answers fails after half a minute', async () => {
    const { supervisor, view, ready, env } = createRig([SIM]);
    await ready();
    const checking = supervisor.check('sim', 'interactive');
    await ready();
    await checking;
    await env.advance(31_000);
    expect(view('sim')?.check).toMatchObject({ outcome: 'failed' });
  });

  test('waits no more when the driver process ends', async () => {
    const { supervisor, view, ready, kill, env } = createRig([SIM]);
    await ready();
    const checking = supervisor.check('sim', 'interactive');
    await ready();
    await checking;
    kill();
    await env.settle();
    expect(view('sim')?.check).toBeUndefined();
  });
});
