import { expect } from 'vitest';
import { RESTART_FIRST_MS, superviseDevices } from '../../../agent/main/device-supervisor.ts';
import type { Host } from '../../../agent/main/host.ts';
import { WATCHDOG_MS } from '../../../drivers/claim/claim.ts';
import { HANG_LIMIT_MS } from '../../../drivers/claim/hang-watch.ts';
import type { DriverEvent } from '../../../drivers/contract/event.ts';
import { runDriverHost } from '../../../drivers/host.ts';
import { createManualEnv } from '../../drivers/manual-env.ts';
import { createPortPair } from '../../drivers/port-pair.ts';

/** Longer than a driver host takes to come up and claim a simulated device. */
export const CLAIM_MS = 100;

interface FirstLife {
  /** Never answers. */
  readonly deaf?: boolean;
  /** Ends at its first command, before it answers. */
  readonly dies?: boolean;
}

/**
 * A supervisor over driver hosts in this process, on a manual clock.
 * @param device beside the simulated scanner's own settings
 * @param first what is wrong with the first driver process
 * @param others ids of simulated scanners beside it
 */
export const createRig = (
  device: Record<string, unknown> = {},
  first: FirstLife = {},
  others: readonly string[] = [],
) => {
  const env = createManualEnv();
  const lives: { kill(): void; hang(): void; deaf: boolean; immortal: boolean }[] = [];
  let stillborn = 0;
  let wallOffsetMs = 0;

  /** Driver processes that run in this one: the real host behind a real message port. */
  const host: Host = {
    spawn() {
      const [driverEnd, agentEnd] = createPortPair();
      let end: (code: number | null) => void = () => undefined;
      const exit = new Promise<number | null>((resolve) => {
        end = resolve;
      });
      const life = {
        deaf: lives.length === 0 && first.deaf === true,
        immortal: false,
        hang() {
          const scenario = [{ afterMs: 0, fault: 'stall', forMs: 3_600_000 }];
          toHost({ type: 'request', requestId: 0, command: 'play', deviceId: 'sim', scenario });
        },
        kill() {
          if (life.immortal) return;
          // What a dead process held is free: its port, its timers and its locks.
          agentEnd.close();
          void drivers.close();
          end(null);
        },
      };
      let toHost: (message: unknown) => void = () => undefined;
      const dies = lives.length === 0 && first.dies === true;
      const drivers = runDriverHost(
        {
          ...driverEnd,
          onMessage(receive) {
            toHost = receive;
            driverEnd.onMessage((message) => {
              if (dies) return life.kill();
              if (!life.deaf) receive(message);
            });
          },
        },
        env,
      );
      lives.push(life);
      if (stillborn > 0) {
        stillborn -= 1;
        life.kill();
      }
      return { port: agentEnd, exit, pid: lives.length, kill: life.kill };
    },
  };

  const events: DriverEvent[] = [];
  const log: string[] = [];
  const supervisor = superviseDevices({
    host,
    devices: [
      { id: 'sim', driver: 'sim-scanner', owner: 'agent', ...device },
      ...others.map((id) => ({ id, driver: 'sim-scanner', owner: 'agent' })),
    ],
    clock: { now: () => env.clock.now() + wallOffsetMs, monoMs: env.clock.monoMs },
    timers: { set: (delayMs, run) => env.timers.set(run, delayMs), clear: env.timers.clear },
    log: (_level, message) => void log.push(message),
  });
  supervisor.onEvent((event) => events.push(event));
  const view = (id = 'sim') => {
    const device = supervisor.list().find(({ deviceId }) => deviceId === id);
    if (device === undefined) throw new Error(`the till has no ${id}`);
    return device;
  };
  return {
    env,
    lives,
    log,
    supervisor,
    view,
    scans: () => events.flatMap((event) => (event.type === 'scan' ? [event] : [])),
    states: () => events.flatMap((event) => (event.type === 'state' ? [event.to] : [])),
    scan: async (text: string) => {
      expect((await supervisor.simulate('sim', text)).ok).toBe(true);
      await env.settle();
    },
    /** A call to the first device never returns, and that has been noticed. */
    hang: async () => {
      lives.at(-1)?.hang();
      await env.advance(WATCHDOG_MS + HANG_LIMIT_MS);
    },
    kill: async () => {
      lives.at(-1)?.kill();
      await env.settle();
    },
    failNext: (times: number) => {
      stillborn = times;
    },
    sleepUntold: (forMs: number) => {
      wallOffsetMs += forMs;
    },
    ready: async () => {
      await env.advance(CLAIM_MS);
      expect(view().state).toBe('ready');
    },
    back: async () => {
      await env.advance(RESTART_FIRST_MS + CLAIM_MS);
      expect(view().state).toBe('ready');
    },
  };
};
