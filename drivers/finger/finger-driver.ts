import { type Claim, createClaim } from '../claim/claim.ts';
import { holdTransport } from '../claim/held-transport.ts';
import type { DeviceOwner, Driver } from '../contract/device.ts';
import { type DriverEnv, epochOf, momentOf } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import type { FingerReader } from '../contract/finger.ts';
import { err } from '../contract/result.ts';
import { createStatistics } from '../contract/statistics.ts';
import { createDeviceLife } from '../device-life.ts';
import { createExchange } from './exchange.ts';
import { createFingerHealth } from './finger-health.ts';
import type { FingerTransport } from './finger-transport.ts';
import { createModule } from './module.ts';
import { createOperations, type Operations } from './operations.ts';

export type FingerDefinition = { readonly id: string; readonly owner: DeviceOwner };

/** Bytes in a data packet until the module has said how many; every model takes as many. */
const PACKET_BYTES = 128;

/**
 * A fingerprint module on any line. The life cycle is that of every device (`claim.ts`), commands go one after the other
 * (`exchange.ts`), acts are put together in `operations.ts`; here they are wired to one another.
 */
export const createFingerDriver = (
  { id, owner }: FingerDefinition,
  transport: FingerTransport,
  env: DriverEnv,
  sink: DriverSink,
  simulation?: Driver['fingerSimulation'],
): Driver => {
  const statistics = createStatistics(env.clock.monoMs(), epochOf(env));
  const life = createDeviceLife(id, env, statistics, sink);
  const exchange = createExchange({
    env,
    write: (bytes) => claim.send(bytes),
    address: () => transport.reached().address,
    packetBytes: () => operations.capability()?.packetBytes ?? PACKET_BYTES,
  });
  const operations: Operations = createOperations(createModule(exchange), env, id, sink);
  const claim: Claim = createClaim({
    deviceId: id,
    transport: holdTransport(transport, env, id, (call) =>
      sink({ type: 'hang', deviceId: id, at: momentOf(env), call }),
    ),
    env,
    life,
    line: {
      receive: exchange.receive,
      // What came before the claim answers nothing that was asked on this line.
      drain: () => {},
      claimed: () => {},
      closed(unplugged) {
        operations.forget();
        exchange.closed(unplugged ? 'unplugged' : 'let go');
      },
    },
    statistics,
    sink,
  });

  const finger: FingerReader = {
    async run(act) {
      if (life.state() !== 'ready')
        return err({ code: 'not-ready', detail: `the device is ${life.state()}` });
      const done = await operations.run(act);
      if (done.ok) return done;
      sink({
        type: 'error',
        deviceId: id,
        at: momentOf(env),
        code: 'E_EXTENDED',
        retryable: true,
        detail: `${act.act}: ${done.error.code}: ${done.error.detail}`,
      });
      // What answers no more, or answers nonsense again and again, is opened afresh: speed and all.
      if (done.error.code === 'silent' || done.error.code === 'garbled')
        claim.giveUp(done.error.detail);
      return done;
    },
    cancel: operations.cancel,
  };

  const health = createFingerHealth({
    state: life.state,
    check: () => claim.check(),
    identity: () => transport.identity(),
    reader: finger,
    report: (report) => sink({ type: 'health', deviceId: id, at: momentOf(env), report }),
  });

  return {
    id,
    kind: 'finger',
    owner,
    identity: () => transport.identity(),
    state: life.state,
    start: claim.start,
    stop() {
      operations.cancel();
      return claim.stop();
    },
    pause() {
      operations.cancel();
      return claim.pause();
    },
    resume: claim.resume,
    health,
    statistics: () => statistics.snapshot(env.clock.monoMs()),
    isReading: operations.isBusy,
    send: claim.send,
    finger,
    ...(simulation === undefined ? {} : { fingerSimulation: simulation }),
  };
};
