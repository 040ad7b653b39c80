import { type Claim, createClaim } from '../claim/claim.ts';
import { holdTransport } from '../claim/held-transport.ts';
import type { ByteTransport } from '../contract/byte-link.ts';
import type { DeviceOwner, Driver, Simulation } from '../contract/device.ts';
import { type DriverEnv, epochOf, momentOf } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import { createStatistics } from '../contract/statistics.ts';
import { createDeviceLife } from '../device-life.ts';
import { limitErrors } from './error-limit.ts';
import type { CreateLine } from './line.ts';
import { createHealth } from './scanner-health.ts';

export type ScannerDefinition = { readonly id: string; readonly owner: DeviceOwner };

/** What makes one kind of scanner: the way to it, how codes are cut, and levers where it is simulated. */
export type ScannerParts = {
  readonly transport: ByteTransport;
  readonly createLine: CreateLine;
  readonly simulation?: Simulation;
};

/**
 * A bar code scanner on any transport. The life cycle is in `claim.ts`, the codes in the line,
 * the checks in `scanner-health.ts`; here they are wired to one another.
 */
export const createScannerDriver = (
  { id, owner }: ScannerDefinition,
  { transport, createLine, simulation }: ScannerParts,
  env: DriverEnv,
  sink: DriverSink,
): Driver => {
  const statistics = createStatistics(env.clock.monoMs(), epochOf(env));
  const life = createDeviceLife(id, env, statistics, sink);
  const health = createHealth(env, {
    state: life.state,
    // Called only once the driver is there to be asked.
    check: () => claim.check(),
    probe: () => claim.probe(),
    pullTrigger: () => claim.pullTrigger(),
    releaseTrigger: () => claim.releaseTrigger(),
    identity: transport.identity,
    report: (report) => sink({ type: 'health', deviceId: id, at: momentOf(env), report }),
  });
  const limit = limitErrors(env, sink);
  const line = createLine({
    deviceId: id,
    source: transport.source,
    env,
    statistics,
    emit: limit.emit,
    intercept: health.answer,
  });
  const claim: Claim = createClaim({
    deviceId: id,
    transport: holdTransport(transport, env, id, (call) =>
      sink({ type: 'hang', deviceId: id, at: momentOf(env), call }),
    ),
    env,
    life,
    line: {
      ...line,
      closed(unplugged) {
        line.closed(unplugged);
        limit.rest();
      },
    },
    statistics,
    sink,
  });

  return {
    id,
    kind: 'scanner',
    owner,
    identity: () => transport.identity(),
    state: life.state,
    start: claim.start,
    stop() {
      health.giveUp();
      return claim.stop();
    },
    pause: claim.pause,
    resume: claim.resume,
    health: health.check,
    statistics: () => statistics.snapshot(env.clock.monoMs()),
    isReading: () => line.bufferedBytes() > 0,
    send: claim.send,
    ...(simulation === undefined ? {} : { simulation }),
  };
};
