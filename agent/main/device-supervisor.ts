import type { DriverEvent } from '../../drivers/contract/event.ts';
import type { DeviceSummary } from '../../drivers/contract/host-message.ts';
import { stateAdvice } from '../../drivers/contract/state-advice.ts';
import { connectDriverHost, type DriverHostClient } from '../../drivers/host-client.ts';
import type { DevicePort, Log } from '../app/deps.ts';
import {
  type DeviceView,
  deviceIdSchema,
  err,
  ok,
  type ScannerOwner,
  type Text,
  text,
  toInstant,
} from '../contract/index.ts';
import type { Host, HostedProcess } from './host.ts';

/** First and longest wait before a driver process that ended is started again, in milliseconds. */
export const RESTART_FIRST_MS = 250;
export const RESTART_LONGEST_MS = 10_000;
/** A driver process that lived this long was healthy: the waiting starts over. */
const HEALTHY_MS = 60_000;
/** A driver process that has not ended this long after it was asked is killed. */
export const SHUTDOWN_LIMIT_MS = 3_000;
/** Devices are asked for their statistics this often. */
const STATISTICS_EVERY_MS = 5_000;

interface Known {
  readonly summary: DeviceSummary;
  state: string;
  sinceMs: number;
  hint: Text;
  remedy: Text | undefined;
  statistics: Record<string, number>;
}

interface SupervisorDeps {
  readonly host: Host;
  /** Device definitions of the settings file, checked by the driver host. */
  readonly devices: readonly Record<string, unknown>[];
  readonly clock: { now(): number; monoMs(): number };
  readonly timers: { set(delayMs: number, run: () => void): unknown; clear(handle: unknown): void };
  readonly log: Log;
}

/** The devices of a till behind their own process, which is started again whenever it ends. */
export interface DeviceSupervisor extends DevicePort {
  /** Settles when the first configuration was taken or refused; the text says what was wrong. */
  readonly started: Promise<Text | null>;
  /** The driver process, for tests that kill it. */
  pid(): number | undefined;
  close(): Promise<void>;
}

/** Starts the driver process and keeps it running; a fault in it takes neither the agent nor a sale. */
export function superviseDevices({
  host,
  devices,
  clock,
  timers,
  log,
}: SupervisorDeps): DeviceSupervisor {
  const known = new Map<string, Known>();
  const receivers = new Set<(event: DriverEvent) => void>();
  let child: HostedProcess | undefined;
  let client: DriverHostClient | undefined;
  let closing = false;
  let waitMs = RESTART_FIRST_MS;
  let restartTimer: unknown;
  let statisticsTimer: unknown;
  let settleStarted: (problem: Text | null) => void = () => undefined;
  const started = new Promise<Text | null>((settle) => {
    settleStarted = settle;
  });

  const receive = (event: DriverEvent): void => {
    if (event.type === 'state') {
      const device = known.get(event.deviceId);
      if (device !== undefined) {
        device.state = event.to;
        device.sinceMs = clock.now();
        device.hint = event.hint;
        device.remedy = event.remedy.code === 'none' ? undefined : event.remedy.text;
      }
    }
    for (const each of receivers) each(event);
  };

  const startDevices = async (connected: DriverHostClient): Promise<void> => {
    await connected.up;
    const configured = await connected.call('configure', { devices });
    if (!configured.ok) {
      log('warn', 'the device settings were refused', { detail: configured.error.detail });
      const problems = configured.error.problems ?? [];
      return settleStarted(
        problems.length === 0
          ? text(configured.error.detail, configured.error.detail)
          : text(
              problems.map((problem) => `${problem.field} ${problem.text['zh-CN']}`).join('；'),
              problems.map((problem) => `${problem.field} ${problem.text.en}`).join('; '),
            ),
      );
    }
    for (const summary of configured.value) {
      const before = known.get(summary.id);
      known.set(summary.id, {
        summary,
        state: summary.state,
        sinceMs: clock.now(),
        hint: stateAdvice[summary.state].hint,
        remedy: undefined,
        statistics: before?.statistics ?? {},
      });
      await connected.call('start', { deviceId: summary.id });
    }
    settleStarted(null);
  };

  const spawn = (): void => {
    const bornMs = clock.monoMs();
    const process = host.spawn('drivers');
    const connected = connectDriverHost(process.port, receive);
    child = process;
    client = connected;
    void startDevices(connected);
    void process.exit.then((code) => {
      connected.lost();
      if (closing) return;
      for (const device of known.values()) {
        device.state = 'faulted';
        device.sinceMs = clock.now();
        device.hint = text(
          '设备程序意外停止，正在重新启动',
          'The device program stopped; it is being started again',
        );
      }
      if (clock.monoMs() - bornMs > HEALTHY_MS) waitMs = RESTART_FIRST_MS;
      log('warn', 'the driver process ended; starting it again', { code, waitMs });
      restartTimer = timers.set(waitMs, spawn);
      waitMs = Math.min(waitMs * 2, RESTART_LONGEST_MS);
    });
  };

  const collectStatistics = async (): Promise<void> => {
    for (const [deviceId, device] of known) {
      const answer = await client?.call('statistics', { deviceId });
      if (answer?.ok) device.statistics = flatNumbers(answer.value);
    }
    if (!closing) statisticsTimer = timers.set(STATISTICS_EVERY_MS, () => void collectStatistics());
  };

  spawn();
  void started.then(() => collectStatistics());

  return {
    list: () => [...known.entries()].map(([id, device]) => toView(id, device)),
    async simulate(deviceId, scan) {
      const device = known.get(deviceId);
      if (device === undefined) return err('device-unknown');
      if (!device.summary.simulated) return err('device-not-simulated');
      const answer = await client?.call('inject', { deviceId, text: scan });
      return answer?.ok ? ok(undefined) : err('device-unknown');
    },
    onEvent(listener) {
      receivers.add(listener);
      return () => void receivers.delete(listener);
    },
    started,
    pid: () => child?.pid,
    async close() {
      closing = true;
      timers.clear(restartTimer);
      timers.clear(statisticsTimer);
      const ended = child?.exit;
      void client?.call('shutdown');
      // A native call that hangs must not keep the till from closing.
      const limit = timers.set(SHUTDOWN_LIMIT_MS, () => child?.kill());
      await ended;
      timers.clear(limit);
    },
  };
}

function toView(deviceId: string, device: Known): DeviceView {
  return {
    deviceId: deviceIdSchema.parse(deviceId),
    driver: device.summary.kind,
    owner: device.summary.owner satisfies ScannerOwner,
    state: device.state,
    since: toInstant(device.sinceMs),
    simulated: device.summary.simulated,
    hint: device.hint,
    ...(device.remedy === undefined ? {} : { remedy: device.remedy }),
    statistics: device.statistics,
  };
}

/** Numbers of a nested record under dotted names, as screens and exports list them. */
function flatNumbers(value: object, prefix = ''): Record<string, number> {
  const flat: Record<string, number> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'number') flat[`${prefix}${name}`] = inner;
    else if (typeof inner === 'object' && inner !== null)
      Object.assign(flat, flatNumbers(inner, `${prefix}${name}.`));
  }
  return flat;
}
