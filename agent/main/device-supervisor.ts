import { momentOf } from '../../drivers/contract/env.ts';
import type { DriverEvent, HangEvent } from '../../drivers/contract/event.ts';
import type { DeviceSummary } from '../../drivers/contract/host-message.ts';
import { connectDriverHost, type DriverHostClient } from '../../drivers/host-client.ts';
import type { DevicePort, Log } from '../app/deps.ts';
import { createInTurn } from '../app/in-turn.ts';
import { type DeviceBinding, err, ok, type Result, type Text, text } from '../contract/index.ts';
import { createAnswerLimit } from './answer-limit.ts';
import { createDeviceCommands } from './device-commands.ts';
import { createDeviceCounts } from './device-counts.ts';
import { definitionsOf } from './device-definitions.ts';
import { type Loss, lossEvent } from './device-loss.ts';
import { endedInTime } from './ended-in-time.ts';
import { createHangLimit } from './hang-limit.ts';
import type { Host, HostedProcess } from './host.ts';
import { type KnownDevice, knownDevice, takeDriverEvent, toDeviceView } from './known-device.ts';
import { createRepeatGuard, repeatWindowMs } from './repeat-guard.ts';

/** First and longest wait before a driver process that ended is started again, in milliseconds. */
export const RESTART_FIRST_MS = 250;
export const RESTART_LONGEST_MS = 10_000;
/** A driver process that lived this long was healthy: the waiting starts over. */
const HEALTHY_MS = 60_000;
/** A timer that comes this much too late slept with the computer: its handles may be dead and not know it. */
export const SLEPT_MS = 30_000;

interface SupervisorDeps {
  readonly host: Host;
  /** Device definitions of the settings file, checked by the driver host. */
  readonly devices: readonly Record<string, unknown>[];
  /** Roles that were bound at the screen; they go before settings of the same id. */
  readonly bindings?: readonly DeviceBinding[];
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
  /** Releases every device before the computer sleeps; settles when none is held. */
  suspend(): Promise<void>;
  /** Opens every device afresh after it slept. */
  wake(): Promise<void>;
  /** Asks every device for its counts now and tells them; waits no longer than `COUNT_LIMIT_MS`. */
  countNow(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the driver process and keeps it running; a fault in it takes neither the agent nor a sale. */
export function superviseDevices({
  host,
  devices,
  bindings = [],
  clock,
  timers,
  log,
}: SupervisorDeps): DeviceSupervisor {
  const known = new Map<string, KnownDevice>();
  const receivers = new Set<(event: DriverEvent) => void>();
  let definitions = definitionsOf(devices, bindings);
  let child: HostedProcess | undefined;
  let client: DriverHostClient | undefined;
  let closing = false;
  let waitMs = RESTART_FIRST_MS;
  let restartTimer: unknown;
  let settleStarted: (problem: Text | null) => void = () => undefined;
  const started = new Promise<Text | null>((settle) => {
    settleStarted = settle;
  });

  let asleep = false;
  const inTime = createAnswerLimit({ timers, asleep: () => asleep, log });
  /** One device list after the other: each is taken whole before the next is told. */
  const inTurn = createInTurn();
  const commands = createDeviceCommands(() => client, known, clock.now);
  const hangs = createHangLimit(() => clock.monoMs());
  const guard = createRepeatGuard(
    () => clock.monoMs(),
    (deviceId) => repeatWindowMs(definitions.find((device) => device['id'] === deviceId)),
  );

  const receive = (event: DriverEvent): void => {
    if (event.type === 'repetition') return guard.repeated(event.deviceId);
    if (event.type === 'state' && event.to === 'ready') {
      guard.ready(event.deviceId);
      // What it is known by is complete once it was found.
      void refresh();
    }
    if (event.type === 'scan' && guard.repeats(event))
      return log('info', 'a scan was dropped: it repeats the one before the driver process ended', {
        deviceId: event.deviceId,
      });
    const device = known.get(event.deviceId);
    if (device !== undefined) takeDriverEvent(device, event, clock.now());
    commands.heard(event);
    for (const each of receivers) each(event);
  };

  /** Reads again what the devices are known by. */
  const refresh = async (): Promise<void> => {
    const listed = await client?.call('list');
    if (listed?.ok !== true) return;
    for (const summary of listed.value) {
      const device = known.get(summary.id);
      if (device !== undefined) device.summary = summary;
    }
  };

  /** The devices are out of reach until the driver process is back, and screens must say so. */
  const lose = (loss: Loss): void => {
    guard.broke(known.keys());
    for (const [deviceId, device] of known) {
      // Nobody waits for its scan any more.
      if (device.check?.outcome === 'waiting') device.check = undefined;
      receive(lossEvent(deviceId, device.state, momentOf({ clock }), loss));
    }
  };

  /**
   * Only the end of the process ends a call that hangs, and the devices come back with the next one. Answers whether it
   * was ended.
   */
  const endForHang = ({ deviceId, call }: HangEvent, process: HostedProcess): boolean => {
    log('error', 'a call to a device does not return', { deviceId, call });
    const state = known.get(deviceId)?.state;
    // An old handle that does not close is no reason to stop a device that works.
    if (state === undefined || state === 'ready') return false;
    if (hangs.mayRestart(deviceId)) {
      process.kill();
      return true;
    }
    receive(lossEvent(deviceId, state, momentOf({ clock }), 'hangs-always'));
    return false;
  };

  /** Takes a device list that the host has taken, and starts each of it. */
  const take = async (
    connected: DriverHostClient,
    process: HostedProcess | undefined,
    summaries: readonly DeviceSummary[],
  ): Promise<void> => {
    for (const deviceId of known.keys())
      if (!summaries.some(({ id }) => id === deviceId)) known.delete(deviceId);
    for (const summary of summaries) {
      known.set(summary.id, knownDevice(summary, known.get(summary.id), clock.now()));
      const start = connected.call('start', { deviceId: summary.id });
      await inTime('start', start, process);
    }
    // While the computer goes to sleep or sleeps, the devices wait for it to wake like all others.
    if (asleep) await connected.call('suspend');
  };

  const startDevices = async (
    connected: DriverHostClient,
    process: HostedProcess,
  ): Promise<void> => {
    const configure = connected.call('configure', { devices: definitions });
    const configured = await inTime('configure', configure, process);
    // A process that died over it is started again, and that is asked afresh.
    if (!configured.ok && configured.error.code !== 'E_ILLEGAL') return;
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
    await take(connected, process, configured.value);
    settleStarted(null);
  };

  const spawn = (): void => {
    const bornMs = clock.monoMs();
    const process = host.spawn('drivers');
    let loss: Loss = 'process-ended';
    const connected = connectDriverHost(process.port, (event) => {
      if (event.type !== 'hang') return receive(event);
      if (loss === 'process-ended' && endForHang(event, process)) loss = 'process-hung';
    });
    child = process;
    client = connected;
    const upOrEnded = Promise.race([connected.up, process.exit]);
    void inTime('up', upOrEnded, process).then(() =>
      inTurn(() => startDevices(connected, process)),
    );
    void process.exit.then((code) => {
      connected.lost();
      if (closing) return;
      lose(loss);
      if (clock.monoMs() - bornMs > HEALTHY_MS) waitMs = RESTART_FIRST_MS;
      log('warn', 'the driver process ended; starting it again', { code, waitMs });
      restartTimer = timers.set(waitMs, spawn);
      waitMs = Math.min(waitMs * 2, RESTART_LONGEST_MS);
    });
  };

  const counts = createDeviceCounts({
    known,
    clock,
    timers,
    // The question is also how a driver process that hangs is found.
    async ask(deviceId) {
      if (client === undefined) return undefined;
      const answer = await inTime('statistics', client.call('statistics', { deviceId }), child);
      return answer.ok ? answer.value : undefined;
    },
    onRound(lateMs) {
      // A till without a desktop shell is not told that it sleeps. A clock that was set looks the same, and does no harm.
      if (!asleep && lateMs >= SLEPT_MS) void client?.call('wake');
    },
  });

  const bind = async (
    next: readonly DeviceBinding[],
  ): Promise<Result<void, 'device-not-bindable' | 'devices-unreachable'>> => {
    const before = definitions;
    definitions = definitionsOf(devices, next);
    // The drivers are made anew: what these counted is asked while they are there.
    await counts.askAll();
    const connected = client;
    const asked = child;
    if (connected === undefined) return ok(undefined);
    const goesOn = guard.broke(known.keys());
    const configure = connected.call('configure', { devices: definitions });
    const configured = await inTime('configure', configure, asked);
    if (configured.ok) {
      await take(connected, asked, configured.value);
      await refresh();
      return ok(undefined);
    }
    const { code, detail } = configured.error;
    // A driver process that is being started again takes them up by itself; what is refused leaves those before running.
    if (code === 'E_CLOSED') return ok(undefined);
    goesOn();
    log('warn', 'a binding was refused', { code, detail });
    definitions = before;
    return err(code === 'E_ILLEGAL' ? 'device-not-bindable' : 'devices-unreachable');
  };

  spawn();
  void started.then(() => counts.begin());

  return {
    list: () => [...known.values()].map(toDeviceView),
    simulate: commands.simulate,
    plug: commands.plug,
    discover: commands.discover,
    check: commands.check,
    bind: (next) => inTurn(() => bind(next)),
    onEvent(listener) {
      receivers.add(listener);
      return () => void receivers.delete(listener);
    },
    onCounted: counts.onCounted,
    started,
    async suspend() {
      asleep = true;
      await client?.call('suspend');
    },
    async wake() {
      asleep = false;
      await client?.call('wake');
    },
    pid: () => child?.pid,
    countNow: counts.askAllInTime,
    async close() {
      closing = true;
      timers.clear(restartTimer);
      counts.stop();
      void client?.call('shutdown');
      if (child !== undefined) await endedInTime(child, { timers, log });
    },
  };
}
