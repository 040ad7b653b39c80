import { describe, expect, test } from 'vitest';
import { WATCHDOG_MS } from '../../../drivers/claim/claim.ts';
import { RETRY_MAX_MS } from '../../../drivers/claim/retry-pace.ts';
import type { DriverEvent } from '../../../drivers/contract/event.ts';
import { createSerialScanner } from '../../../drivers/scanner/serial.ts';
import type { SerialPortFacts } from '../../../drivers/serial/serial-port-facts.ts';
import type { SerialSettings } from '../../../drivers/serial/serial-transport.ts';
import { createManualEnv } from '../manual-env.ts';
import { createFakeSerialSystem } from './fake-serial-system.ts';
import { CLAIM_MS } from './fixture.ts';

const speech = { baudRate: 9_600, dataBits: 8, parity: 'none', stopBits: 1 } as const;
const scanner: SerialPortFacts = {
  path: '/dev/ttyACM0',
  vid: '05e0',
  pid: '1701',
  serial: 'S1',
  portPath: '1-1.2',
};

const createTill = (address: Pick<SerialSettings, 'path' | 'usb'>, platform?: string) => {
  const computer = createFakeSerialSystem(platform);
  const env = createManualEnv();
  const events: DriverEvent[] = [];
  const driver = createSerialScanner(
    { id: 'scanner-1', owner: 'agent', port: { ...speech, ...address } },
    env,
    (event) => events.push(event),
    computer.system,
  );
  return {
    computer,
    env,
    driver,
    events,
    texts: () => events.flatMap((event) => (event.type === 'scan' ? [event.text] : [])),
    start: async () => {
      driver.start();
      await env.advance(CLAIM_MS);
    },
    again: () => env.advance(RETRY_MAX_MS + CLAIM_MS),
  };
};

describe('a serial scanner bound by its USB ids', () => {
  test('node renamed on replug: it is found by its serial number under another name and in another socket', async () => {
    const { computer, driver, env, start, again, texts } = createTill({
      usb: { vid: '05E0', pid: '1701', serial: 'S1' },
    });
    computer.plug(scanner);
    await start();
    expect(driver.identity()).toEqual({ transport: 'serial', ...scanner });
    computer.latest().emit('data', Buffer.from('ONE\r'));
    computer.pull('/dev/ttyACM0');
    computer.plug({ ...scanner, path: '/dev/ttyACM7', portPath: '1-1.4' });
    await again();
    expect(driver.state()).toBe('ready');
    expect(driver.identity()).toMatchObject({ path: '/dev/ttyACM7', portPath: '1-1.4' });
    computer.latest().emit('data', Buffer.from('TWO\r'));
    expect(texts()).toEqual(['ONE', 'TWO']);
    expect(env.locks.held()).toBe(1);
  });

  test('another scanner in the place of the bound one is left alone', async () => {
    const { computer, driver, start, again } = createTill({
      usb: { vid: '05e0', pid: '1701', serial: 'S1' },
    });
    computer.plug({ ...scanner, serial: 'S2' });
    await start();
    await again();
    expect(driver.state()).toBe('absent');
    expect(computer.opened).toEqual([]);
  });

  test('two identical scanners: without a socket in the binding neither is taken, and the state says what to do', async () => {
    const { computer, driver, events, start, again } = createTill({
      usb: { vid: '05e0', pid: '1701', serial: 'S1' },
    });
    computer.plug(scanner);
    computer.plug({ ...scanner, path: '/dev/ttyACM1', portPath: '1-1.3' });
    await start();
    expect(driver.state()).toBe('ambiguous');
    expect(computer.opened).toEqual([]);
    expect(events.findLast((event) => event.type === 'state')).toMatchObject({
      cause: 'claim-ambiguous',
      detail: 'more than one device fits: /dev/ttyACM0, /dev/ttyACM1',
      remedy: { code: 'choose-device' },
    });
    computer.pull('/dev/ttyACM1');
    await again();
    expect(driver.state()).toBe('ready');
  });

  test('two identical scanners: each keeps its role by its socket, also when both were swapped in name', async () => {
    const till = createTill({ usb: { vid: '05e0', pid: '1701', portPath: '1-1.3' } });
    const { computer, driver, start, again } = till;
    computer.plug(scanner);
    computer.plug({ ...scanner, path: '/dev/ttyACM1', portPath: '1-1.3' });
    await start();
    expect(driver.identity().path).toBe('/dev/ttyACM1');
    computer.pull('/dev/ttyACM0');
    computer.pull('/dev/ttyACM1');
    computer.plug({ ...scanner, path: '/dev/ttyACM0', portPath: '1-1.3' });
    computer.plug({ ...scanner, path: '/dev/ttyACM1' });
    await again();
    expect(driver.identity().path).toBe('/dev/ttyACM0');
  });

  test('a scanner with two ports is one device, and its first port is read', async () => {
    const { computer, driver, start } = createTill({ usb: { vid: '05e0', pid: '1701' } });
    computer.plug({ ...scanner, path: '/dev/ttyACM10' });
    computer.plug({ ...scanner, path: '/dev/ttyACM9' });
    await start();
    expect(driver.identity().path).toBe('/dev/ttyACM9');
  });
});

describe('a serial scanner that may not be opened', () => {
  test('no permission: the state is denied, says who can help, and ends by itself once the right is given', async () => {
    const { computer, driver, events, start, again } = createTill({ path: '/dev/ttyACM0' });
    computer.plug(scanner);
    computer.allow('denied');
    await start();
    expect(driver.state()).toBe('denied');
    expect(events.findLast((event) => event.type === 'state')).toMatchObject({
      detail: '/dev/ttyACM0: denied',
      remedy: { code: 'grant-access', command: expect.stringContaining('tillside-scanners.rules') },
    });
    expect(computer.opened).toEqual([]);
    computer.allow('open');
    await again();
    expect(driver.state()).toBe('ready');
  });

  test('device busy in another process that is no agent: what the system says is told, and our lock is given back', async () => {
    const { computer, driver, env, start, again } = createTill({ path: '/dev/ttyACM0' });
    computer.plug(scanner);
    computer.refuse('Error Resource temporarily unavailable Cannot lock port');
    await start();
    expect(driver.state()).toBe('busy');
    expect(env.locks.held()).toBe(0);
    computer.refuse(undefined);
    await again();
    expect(driver.state()).toBe('ready');
  });
});

describe('an open port', () => {
  test('is a fresh object for each opening, and keeps what was refused out of the log after the first time', async () => {
    const { computer, env, start, again } = createTill({ path: '/dev/ttyACM0' });
    computer.plug(scanner);
    await start();
    computer.pull('/dev/ttyACM0');
    computer.plug(scanner);
    await again();
    expect(new Set(computer.opened).size).toBe(2);
    expect(env.lines.filter(({ message }) => message.includes('lines'))).toMatchObject([
      { level: 'warn', fields: { detail: 'Operation not supported' } },
    ]);
  });

  test('whose node is another device by now fails its check and is opened afresh', async () => {
    const { computer, driver, env, start, again } = createTill({ path: '/dev/ttyACM0' });
    computer.plug(scanner);
    await start();
    computer.plug({ ...scanner, serial: 'S2' });
    await env.advance(WATCHDOG_MS);
    expect(driver.state()).toBe('faulted');
    await again();
    expect(driver.identity()).toMatchObject({ serial: 'S2' });
    expect(computer.opened.map((port) => port.isOpen)).toEqual([false, true]);
  });

  test('that reports an error is lost once and never ends the process', async () => {
    const { computer, driver, start, again } = createTill({ path: '/dev/ttyACM0' });
    computer.plug(scanner);
    await start();
    const port = computer.latest();
    port.emit('error', new Error('framing'));
    port.unplug();
    expect(driver.state()).toBe('faulted');
    await again();
    expect(driver.statistics()).toMatchObject({ commErrors: 1, unplugs: 0, reopens: 1 });
  });

  test('over a thousand plug cycles no port object keeps its handle', async () => {
    const { computer, driver, env, start } = createTill({ usb: { vid: '05e0' } });
    computer.plug(scanner);
    await start();
    for (let cycle = 0; cycle < 1_000; cycle += 1) {
      computer.pull(`/dev/ttyACM${cycle % 2}`);
      computer.plug({ ...scanner, path: `/dev/ttyACM${(cycle + 1) % 2}` });
      await env.advance(1_000);
      expect(driver.state()).toBe('ready');
    }
    expect(computer.opened.filter((port) => port.isOpen)).toHaveLength(1);
    expect(env.locks.held()).toBe(1);
  });
});

describe('on Windows', () => {
  test.each(['COM3', 'com3', '\\\\.\\COM3'])(
    '%s is looked for among the listed ports',
    async (path) => {
      const { computer, driver, start, again } = createTill({ path }, 'win32');
      await start();
      expect(driver.state()).toBe('absent');
      computer.plug({ ...scanner, path });
      await again();
      expect(driver.state()).toBe('ready');
    },
  );

  test('access denied means that another program holds the port', async () => {
    const { computer, driver, start } = createTill({ path: 'COM3' }, 'win32');
    computer.plug({ path: 'COM3' });
    computer.refuse('Opening COM3: Access denied');
    await start();
    expect(driver.state()).toBe('busy');
  });
});
