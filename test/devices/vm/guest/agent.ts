import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DriverEvent, StateEvent } from '../../../../drivers/contract/event.ts';
import type { FoundDevice } from '../../../../drivers/contract/found-device.ts';
import type { DeviceSummary } from '../../../../drivers/contract/host-message.ts';
import type { DeviceStatistics } from '../../../../drivers/contract/statistics.ts';
import { connectDriverHost } from '../../../../drivers/host-client.ts';
import { until } from './until.ts';

/** The product's driver process, bundled beside this program by `../build-guest.ts`. */
const DRIVER_PROCESS = fileURLToPath(new URL('./drivers.js', import.meta.url));

/** The device side of one agent: the product's driver process, and what it has said. */
export interface GuestAgent {
  /** Whether its process lives; nothing starts it again. */
  isAlive(): boolean;
  /** Waits until the device is in the state. */
  reaches(deviceId: string, state: string): Promise<void>;
  /** Texts of the device's codes, oldest first. */
  texts(deviceId: string): string[];
  /** The last change of the device's state, with its remedy. */
  lastChange(deviceId: string): StateEvent | undefined;
  summary(deviceId: string): Promise<DeviceSummary>;
  statistics(deviceId: string): Promise<DeviceStatistics>;
  /** Begins a test scan; settles with the text of the code that it waits for. */
  beginTest(deviceId: string): Promise<string>;
  /** What is plugged in, bound or not. */
  discover(): Promise<readonly FoundDevice[]>;
  /** Before the computer sleeps, and after. */
  suspend(): Promise<void>;
  wake(): Promise<void>;
  /** Ends it as an agent does: everything released. */
  stop(): Promise<void>;
}

/** Whom an agent runs as; absent = root. Without groups beside `gid`. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Starts the driver process on these device definitions and starts every device. */
export async function startAgent(
  devices: readonly Record<string, unknown>[],
  account?: Account,
): Promise<GuestAgent> {
  const events: DriverEvent[] = [];
  const child = fork(DRIVER_PROCESS, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    ...(account === undefined
      ? {}
      : {
          uid: account.uid,
          gid: account.gid,
          env: { ...process.env, HOME: account.home, TMPDIR: account.home },
        }),
  });
  const ended = new Promise<void>((settle) => child.once('exit', () => settle()));
  const client = connectDriverHost(
    {
      postMessage: (message) => void (child.connected && child.send(message as never)),
      onMessage: (receive) => void child.on('message', receive),
      close: () => child.disconnect(),
    },
    (event) => void events.push(event),
  );
  void ended.then(() => client.lost());
  const isUp = await Promise.race([client.up.then(() => true), ended.then(() => false)]);
  if (!isUp) throw new Error('the driver process ended before it came up');
  const configured = await client.call('configure', { devices });
  if (!configured.ok) throw new Error(`the definitions were refused: ${configured.error.detail}`);
  for (const { id } of configured.value) await client.call('start', { deviceId: id });

  const changesOf = (deviceId: string): StateEvent[] =>
    events.flatMap((event) =>
      event.type === 'state' && event.deviceId === deviceId ? [event] : [],
    );
  const lastChange = (deviceId: string): StateEvent | undefined => changesOf(deviceId).at(-1);
  return {
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async reaches(deviceId, state) {
      await until(
        `${deviceId} ${state}`,
        () =>
          lastChange(deviceId)?.to === state ||
          (state === 'absent' && changesOf(deviceId).length === 0),
      ).catch((error: Error) => {
        const seen = changesOf(deviceId).map(
          ({ to, detail }) => `${to}${detail ? ` (${detail})` : ''}`,
        );
        throw new Error(`${error.message}; seen: ${seen.slice(-8).join(', ')}`);
      });
    },
    texts: (deviceId) =>
      events.flatMap((event) =>
        event.type === 'scan' && event.deviceId === deviceId ? [event.text] : [],
      ),
    lastChange,
    async summary(deviceId) {
      const listed = await client.call('list');
      const found = listed.ok ? listed.value.find(({ id }) => id === deviceId) : undefined;
      if (found === undefined) throw new Error(`no ${deviceId}`);
      return found;
    },
    async statistics(deviceId) {
      const answer = await client.call('statistics', { deviceId });
      if (!answer.ok) throw new Error(answer.error.detail);
      return answer.value;
    },
    async beginTest(deviceId) {
      void client.call('health', { deviceId, level: 'interactive' });
      return until('a test scan that waits', () =>
        events
          .flatMap((event) =>
            event.type === 'health' && event.deviceId === deviceId && event.report.challenge
              ? [event.report.challenge]
              : [],
          )
          .at(-1),
      );
    },
    async discover() {
      const answer = await client.call('discover');
      if (!answer.ok) throw new Error(answer.error.detail);
      const { found, unlisted } = answer.value;
      for (const { way, detail } of unlisted)
        throw new Error(`no list of ${way} devices: ${detail}`);
      return found;
    },
    async suspend() {
      await client.call('suspend');
    },
    async wake() {
      await client.call('wake');
    },
    async stop() {
      void client.call('shutdown');
      await ended;
    },
  };
}
