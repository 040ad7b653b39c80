import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillChain, MEMBERS_OF_STORE } from './chain.ts';
import { createChance } from './chance.ts';
import { type HqEngine, openHqEngine } from './hq-engine.ts';
import { startHqMachine } from './hq-machine.ts';
import { makeTemplate } from './till-template.ts';
import { createTrace } from './trace.ts';
import { createVirtualTime } from './virtual-time.ts';

/** A disk in memory, where the system has one: nothing of a simulation has to outlive it. */
const RAM_DISK = '/dev/shm';
/** Seconds after which the first chain is in the feed. */
const SETTLED_S = 20;

/** What all seeds of a process share: the database engine with the chain as it begins, and the files to copy. */
export interface Stage {
  readonly engine: HqEngine;
  readonly root: string;
  close(): Promise<void>;
}

/** Prepares simulations of chains with so many stores of so many members. */
export async function openStage(
  stores: number,
  membersOfStore: number = MEMBERS_OF_STORE,
): Promise<Stage> {
  const root = mkdtempSync(join(existsSync(RAM_DISK) ? RAM_DISK : tmpdir(), 'tillside-sim-'));
  const engine = await openHqEngine();
  const chance = createChance('stage');
  makeTemplate(join(root, 'template'), chance);
  const time = createVirtualTime(Date.UTC(2026, 10, 20), (error) => {
    throw error;
  });
  const hq = await startHqMachine({
    name: 'hq',
    engine,
    time,
    chance,
    keysFolder: join(root, 'keys'),
    trace: createTrace(time.nowMs),
    skewMs: 0,
    onBatch: async () => {},
    onCommitted: () => {},
    onRolledBack: () => {},
    onKilled: () => {},
  });
  await fillChain(hq.deps(), stores, membersOfStore);
  for (let second = 1; second <= SETTLED_S; second += 1)
    while (await time.step(second * 1_000)) {
      // One event after the other.
    }
  hq.kill();
  await engine.keep('chain');
  return {
    engine,
    root,
    async close() {
      await engine.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
