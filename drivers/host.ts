import { z } from 'zod';
import { checkConfig } from './check-config.ts';
import { describeProblems } from './contract/config-problem.ts';
import type { Driver } from './contract/device.ts';
import type { DriverEnv } from './contract/env.ts';
import type { DeviceSummary, HostMessage } from './contract/host-message.ts';
import type { MessagePortLike } from './contract/message-port.ts';
import { err, ok } from './contract/result.ts';
import { discoverDevices } from './discover.ts';
import { tellHangsBetweenCodes } from './hang-notice.ts';
import {
  type Answer,
  type Command,
  commandSchema,
  done,
  onDevice,
  refuse,
} from './host-commands.ts';
import { createDrivers, parseDevices } from './registry.ts';

/** Commands under way at one time; more are answered `E_BUSY`. */
export const MAX_PENDING_COMMANDS = 64;
/** How long a host whose agent has gone takes to let its devices go; then its process ends all the same. */
export const ORPHAN_LIMIT_MS = 3_000;

const requestSchema = z.looseObject({ type: z.literal('request'), requestId: z.int().min(0) });

const summaryOf = (driver: Driver): DeviceSummary => ({
  id: driver.id,
  kind: driver.kind,
  owner: driver.owner,
  state: driver.state(),
  identity: driver.identity(),
  simulated: driver.simulation !== undefined || driver.fingerSimulation !== undefined,
});

export type DriverHost = {
  /** Stops every device and closes the port. */
  close(): Promise<void>;
};

/**
 * Runs the drivers of a till behind a message port: commands in, events out. The same code
 * in a forked child, in an Electron utility process and inside the agent's own process.
 */
export const runDriverHost = (port: MessagePortLike, env: DriverEnv): DriverHost => {
  let drivers: readonly Driver[] = [];
  let pending = 0;
  /** Devices that this host released because the computer sleeps, and gives back after it. */
  const asleep = new Set<Driver>();

  /** What holds or releases all devices goes one after the other, so that each driver has one owner. */
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const finished = last.then(work);
    // Whoever asked is told of a failure; those behind only wait for the end.
    last = finished.catch(() => undefined);
    return finished;
  };

  const post = (message: HostMessage): void => port.postMessage(message);

  const tell = tellHangsBetweenCodes(
    env,
    () => drivers.some((driver) => driver.isReading()),
    (event) => post({ type: 'event', event }),
  );

  const stopAll = async (): Promise<void> => {
    const stopping = drivers;
    drivers = [];
    asleep.clear();
    await Promise.all(stopping.map((driver) => driver.stop()));
  };

  const configure = async (devices: unknown): Promise<Answer> => {
    const parsed = parseDevices(devices);
    if (!parsed.ok) {
      return err({
        code: 'E_ILLEGAL',
        detail: describeProblems(parsed.error),
        problems: parsed.error,
      });
    }
    await stopAll();
    drivers = createDrivers(parsed.value, env, tell);
    return ok(drivers.map(summaryOf));
  };

  const suspend = async (): Promise<void> => {
    const awake = drivers.filter((driver) => driver.state() !== 'paused');
    for (const driver of awake) asleep.add(driver);
    await Promise.all(awake.map((driver) => driver.pause()));
  };

  /**
   * A handle that slept may read nothing for ever and say nothing. So whatever was not released
   * before, because nobody said that the computer would sleep, is closed and opened all the same.
   */
  const wake = async (): Promise<void> => {
    await suspend();
    for (const driver of asleep) driver.resume();
    asleep.clear();
  };

  const obey = async (command: Command): Promise<Answer> => {
    switch (command.command) {
      case 'configure':
        return inTurn(() => configure(command.devices));
      case 'list':
        return ok(drivers.map(summaryOf));
      case 'discover':
        return ok(await discoverDevices(env));
      case 'suspend':
        return done(inTurn(suspend));
      case 'wake':
        return done(inTurn(wake));
      case 'shutdown':
        return done(inTurn(stopAll));
      default:
        return aimedAt(command);
    }
  };

  const aimedAt = async (command: Extract<Command, { deviceId: string }>): Promise<Answer> => {
    const driver = drivers.find((candidate) => candidate.id === command.deviceId);
    if (driver === undefined) return refuse('E_NOEXIST', `no device ${command.deviceId}`);
    // What a person paused or stopped while the computer slept stays so after it.
    if (command.command === 'pause' || command.command === 'stop') asleep.delete(driver);
    return onDevice(driver, command);
  };

  const answer = async (request: z.infer<typeof requestSchema>): Promise<Answer> => {
    if (pending >= MAX_PENDING_COMMANDS)
      return refuse('E_BUSY', `more than ${MAX_PENDING_COMMANDS} commands at a time`);
    const command = checkConfig(commandSchema, request, 'command');
    if (!command.ok) {
      return err({
        code: 'E_ILLEGAL',
        detail: describeProblems(command.error),
        problems: command.error,
      });
    }
    pending += 1;
    const result = await obey(command.value);
    pending -= 1;
    return result;
  };

  port.onMessage((message) => {
    const request = requestSchema.safeParse(message);
    if (!request.success) return env.log('warn', 'a message that is no request was dropped');
    const { requestId } = request.data;
    void answer(request.data).then((result) => {
      post({ type: 'reply', requestId, result });
      if (result.ok && request.data['command'] === 'shutdown') port.close();
    });
  });
  post({ type: 'up' });

  return {
    async close() {
      await inTurn(stopAll);
      port.close();
    },
  };
};
