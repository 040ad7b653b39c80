import type { ByteTransport } from '../contract/byte-link.ts';
import type { DeviceOwner, Driver, Simulation } from '../contract/device.ts';
import { type DriverEnv, momentOf } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import { createStatistics } from '../contract/statistics.ts';
import { createDeviceLife } from '../device-life.ts';
import { createClaim } from './claim.ts';
import { createScanLine, type ScanLineOptions } from './scan-line.ts';
import { createHealth } from './scanner-health.ts';

export type ScannerDefinition = {
  readonly id: string;
  readonly owner: DeviceOwner;
  readonly line?: ScanLineOptions;
};

/**
 * A bar code scanner on any byte transport. The life cycle is in `claim.ts`, the codes in
 * `scan-line.ts`, the checks in `scanner-health.ts`; here they are wired to one another.
 */
export const createScannerDriver = (
  definition: ScannerDefinition,
  transport: ByteTransport,
  env: DriverEnv,
  sink: DriverSink,
  simulation?: Simulation,
): Driver => {
  const { id, owner } = definition;
  const statistics = createStatistics(env.clock.monoMs());
  const life = createDeviceLife(id, env, statistics, sink);
  const health = createHealth(env, {
    state: life.state,
    exists: transport.exists,
    identity: transport.identity,
    report: (report) => sink({ type: 'health', deviceId: id, at: momentOf(env), report }),
  });
  const line = createScanLine(
    {
      deviceId: id,
      source: transport.source,
      env,
      statistics,
      emit: sink,
      intercept: health.answer,
    },
    definition.line,
  );
  const claim = createClaim({ deviceId: id, transport, env, life, line, statistics, sink });

  return {
    id,
    kind: 'scanner',
    owner,
    identity: () => transport.identity(),
    state: life.state,
    start: claim.start,
    stop: claim.stop,
    pause: claim.pause,
    resume: claim.resume,
    health: health.check,
    statistics: () => statistics.snapshot(env.clock.monoMs()),
    send: claim.send,
    ...(simulation === undefined ? {} : { simulation }),
  };
};
