import type { DriverEvent } from '../../drivers/contract/event.ts';
import type { DriverHostClient } from '../../drivers/host-client.ts';
import type { DevicePort } from '../app/deps.ts';
import { type DeviceCheck, err, ok } from '../contract/index.ts';
import { type KnownDevice, toCheck } from './known-device.ts';

/** What people ask of single devices. */
export type DeviceCommands = Pick<DevicePort, 'simulate' | 'plug' | 'discover' | 'check'> & {
  /** To be told of every driver event: an interactive check answers by the one that it waits. */
  heard(event: DriverEvent): void;
};

/** @param client the driver host of the moment; undefined before the first */
export function createDeviceCommands(
  client: () => DriverHostClient | undefined,
  known: ReadonlyMap<string, KnownDevice>,
  nowMs: () => number,
): DeviceCommands {
  /** Interactive checks that have not begun to wait yet. */
  const checking = new Set<{
    readonly deviceId: string;
    readonly begun: (check: DeviceCheck) => void;
  }>();

  function simulated(deviceId: string): 'device-unknown' | 'device-not-simulated' | null {
    const device = known.get(deviceId);
    if (device === undefined) return 'device-unknown';
    return device.summary.simulated ? null : 'device-not-simulated';
  }

  return {
    async simulate(deviceId, text) {
      const refusal = simulated(deviceId);
      if (refusal !== null) return err(refusal);
      const answer = await client()?.call('inject', { deviceId, text });
      return answer?.ok ? ok(undefined) : err('device-unknown');
    },
    async plug(deviceId, plugged) {
      const refusal = simulated(deviceId);
      if (refusal !== null) return err(refusal);
      const answer = await client()?.call(plugged ? 'plug' : 'unplug', { deviceId });
      return answer?.ok ? ok(undefined) : err('device-unknown');
    },
    async discover() {
      const found = await client()?.call('discover');
      return found?.ok ? ok(found.value) : err('devices-unreachable');
    },
    async check(deviceId, level) {
      if (!known.has(deviceId)) return err('device-unknown');
      const connected = client();
      if (connected === undefined) return err('devices-unreachable');
      return new Promise((settle) => {
        const mine = { deviceId, begun: (check: DeviceCheck) => settle(ok(check)) };
        if (level === 'interactive') checking.add(mine);
        void connected.call('health', { deviceId, level }).then((report) => {
          checking.delete(mine);
          settle(report.ok ? ok(toCheck(report.value, nowMs())) : err('devices-unreachable'));
        });
      });
    },
    heard(event) {
      // Other checks of the same device may run beside it, or end just before it; those say nothing about this one.
      if (event.type !== 'health' || event.report.level !== 'interactive') return;
      if (event.report.outcome !== 'waiting') return;
      for (const { deviceId, begun } of checking)
        if (deviceId === event.deviceId) begun(toCheck(event.report, nowMs()));
    },
  };
}
