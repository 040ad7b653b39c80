import { expect, test } from 'vitest';
import type { AgentToShell } from '../../../agent/contract/shell-message.ts';
import { createScreenPorts, SCREEN_PORTS_MAX } from '../../../agent/main/screen-ports.ts';
import { createShellHost, WAITING_MESSAGES_MAX } from '../../../agent/main/shell-host.ts';
import { FakeChannel, type FakePort } from '../../support/electron/fake-port.ts';

function open() {
  const posted: AgentToShell[] = [];
  const host = createShellHost((message) => void posted.push(message));
  return { posted, host };
}

const heardBy = (port: FakePort): unknown[] => {
  const heard: unknown[] = [];
  port.on('message', ({ data }) => heard.push(data));
  port.start();
  return heard;
};
const soon = () => new Promise((settle) => setTimeout(settle, 5));

test('a process is asked for, and what is said before its port has come is said then, in order', async () => {
  const { posted, host } = open();
  const drivers = host.spawn('drivers');
  drivers.port.postMessage(1);
  drivers.port.postMessage(2);
  const received: unknown[] = [];
  drivers.port.onMessage((message) => received.push(message));
  expect(posted).toEqual([{ type: 'spawn', role: 'drivers', processId: 0 }]);
  expect(drivers.pid).toBeUndefined();

  const { port1, port2 } = new FakeChannel();
  host.receive({ type: 'process-port', processId: 0, pid: 42 }, [port1]);
  const heard = heardBy(port2);
  drivers.port.postMessage(3);
  port2.postMessage('up');
  await soon();
  expect([heard, received, drivers.pid]).toEqual([[1, 2, 3], ['up'], 42]);
});

test('only so many messages wait for a process that does not come', () => {
  const { host } = open();
  const { port } = host.spawn('drivers');
  for (let n = 0; n < WAITING_MESSAGES_MAX; n += 1) port.postMessage(n);
  expect(() => port.postMessage('one more')).toThrow('broken invariant');
});

test('the end of a process is told once, to the one it belongs to', async () => {
  const { posted, host } = open();
  const [first, second] = [host.spawn('drivers'), host.spawn('drivers')];
  host.receive({ type: 'process-ended', processId: 0, exitCode: 9 }, []);
  host.receive({ type: 'process-ended', processId: 0, exitCode: 0 }, []);
  expect(await first.exit).toBe(9);
  expect(await Promise.race([second.exit, soon()])).toBeUndefined();
  second.kill();
  expect(posted.at(-1)).toEqual({ type: 'kill', processId: 1 });
});

test('a port that comes after its process was let go is closed', async () => {
  const { host } = open();
  const drivers = host.spawn('drivers');
  drivers.port.close();
  const { port1, port2 } = new FakeChannel();
  let closed = false;
  port2.on('close', () => {
    closed = true;
  });
  host.receive({ type: 'process-port', processId: 0 }, [port1]);
  await soon();
  expect(closed).toBe(true);
});

function openScreens(serves = true) {
  const served: unknown[] = [];
  const closed: number[] = [];
  const pages: string[] = [];
  const screens = createScreenPorts(
    (port, page) => {
      if (serves) served.push(port);
      pages.push(page);
      return serves;
    },
    (portId) => void closed.push(portId),
  );
  return { served, closed, pages, screens };
}

test('a screen is served until its end of the port is gone, and that is told once', async () => {
  const { served, closed, screens } = openScreens();
  const { port1, port2 } = new FakeChannel();
  screens.open(5, port1);
  port2.close();
  await soon();
  screens.close(5);
  expect([served.length, closed]).toEqual([1, [5]]);
});

test('a port is one of a screen, unless the shell says that the page at the camera is at its end', () => {
  const { pages, screens } = openScreens();
  screens.open(5, new FakeChannel().port1);
  screens.open(6, new FakeChannel().port1, 'capture');
  expect(pages).toEqual(['screen', 'capture']);
});

test('a port that is closed at this end is heard to close by whoever serves it', () => {
  const { served, closed, screens } = openScreens();
  screens.open(5, new FakeChannel().port1);
  let heard = 0;
  (served[0] as FakePort).on('close', () => {
    heard += 1;
  });
  screens.close(5);
  expect([heard, closed]).toEqual([1, [5]]);
});

test('so many screens are served and no more; a till that is not open serves none', () => {
  const { served, closed, screens } = openScreens();
  for (let n = 0; n <= SCREEN_PORTS_MAX; n += 1) screens.open(n, new FakeChannel().port1);
  expect([served.length, closed]).toEqual([SCREEN_PORTS_MAX, [SCREEN_PORTS_MAX]]);
  const early = openScreens(false);
  early.screens.open(0, new FakeChannel().port1);
  expect(early.closed).toEqual([0]);
});
