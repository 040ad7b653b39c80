import { beforeEach, describe, expect, test } from 'vitest';
import type { AgentProcess } from '../../../ui/shell/agent-process.ts';
import {
  AGENT_CRASH_WINDOW_MS,
  AGENT_CRASHES_MAX,
  AGENT_RESTART_FIRST_MS,
  AGENT_RESTART_LONGEST_MS,
  AGENT_START_LIMIT_MS,
  AGENT_STOP_LIMIT_MS,
  type AgentSupervisor,
  superviseAgent,
} from '../../../ui/shell/agent-supervisor.ts';

let nowMs: number;
interface Wait {
  readonly delayMs: number;
  readonly run: () => void;
  cleared: boolean;
}
let waits: Wait[];
/** The limits of the starts, one for each life. */
let limits: Wait[];
interface Life {
  readonly events: Parameters<Parameters<typeof superviseAgent>[0]['launch']>[0];
  readonly crash: (code?: number) => Promise<void>;
  stops: number;
  kills: number;
}
let lives: Life[];
let stopped: string[];
let gone: number;
let opened: number;
let supervisor: AgentSupervisor;

beforeEach(() => {
  [nowMs, waits, limits, lives, stopped, gone, opened] = [0, [], [], [], [], 0, 0];
  supervisor = superviseAgent({
    launch(events) {
      let end: (code: number) => void = () => undefined;
      const ended = new Promise<number>((settle) => {
        end = settle;
      });
      const life: Life = {
        events,
        stops: 0,
        kills: 0,
        async crash(code = 1) {
          end(code);
          await ended;
          await Promise.resolve();
        },
      };
      lives.push(life);
      return {
        ended,
        stop: () => {
          life.stops += 1;
        },
        kill: () => {
          life.kills += 1;
          end(15);
        },
        leaveKiosk: async () => undefined,
      } as unknown as AgentProcess;
    },
    broker: {
      agentOpened: () => undefined,
      agentGone: () => {
        gone += 1;
      },
    } as never,
    timers: {
      set(delayMs, run) {
        const wait = { delayMs, run, cleared: false };
        (delayMs === AGENT_START_LIMIT_MS ? limits : waits).push(wait);
        return wait;
      },
      clear: (wait) => {
        if (wait !== undefined) (wait as { cleared: boolean }).cleared = true;
      },
    },
    monoMs: () => nowMs,
    log: () => undefined,
    onOpen: () => {
      opened += 1;
    },
    onStopped: ({ code }) => void stopped.push(code),
  });
  supervisor.start();
});

/** The last agent crashes, and the wait for the next one passes. */
async function crashAndWait(): Promise<void> {
  await lives.at(-1)?.crash();
  waits.at(-1)?.run();
}

describe('an agent that crashes', () => {
  test('is started again after a wait that doubles', async () => {
    for (let nth = 1; nth < AGENT_CRASHES_MAX; nth += 1) await crashAndWait();
    expect(waits.map(({ delayMs }) => delayMs)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(waits[0]?.delayMs).toBe(AGENT_RESTART_FIRST_MS);
    expect(Math.max(...waits.map(({ delayMs }) => delayMs))).toBeLessThanOrEqual(
      AGENT_RESTART_LONGEST_MS,
    );
    expect([lives.length, gone, stopped]).toEqual([5, 4, []]);
  });

  test('for the fifth time within the window is given up', async () => {
    for (let nth = 1; nth < AGENT_CRASHES_MAX; nth += 1) await crashAndWait();
    nowMs = AGENT_CRASH_WINDOW_MS - 1;
    await lives.at(-1)?.crash();
    expect([stopped, lives.length, waits.length]).toEqual([['agent-crashed'], 5, 4]);
  });

  test('for the fifth time when the first lies outside the window goes on', async () => {
    for (let nth = 1; nth < AGENT_CRASHES_MAX; nth += 1) await crashAndWait();
    nowMs = AGENT_CRASH_WINDOW_MS;
    await lives.at(-1)?.crash();
    expect([stopped, waits.length]).toEqual([[], 5]);
  });

  test('and is retried by hand has its five lives again', async () => {
    for (let nth = 1; nth < AGENT_CRASHES_MAX; nth += 1) await crashAndWait();
    await lives.at(-1)?.crash();
    supervisor.retry();
    for (let nth = 1; nth < AGENT_CRASHES_MAX; nth += 1) await crashAndWait();
    expect(stopped).toHaveLength(1);
    await lives.at(-1)?.crash();
    expect(stopped).toHaveLength(2);
  });
});

test('a retry while the agent runs starts no second one', () => {
  supervisor.retry();
  expect(lives).toHaveLength(1);
});

test('an agent that is asked to end is not started again, and not killed where it ends', async () => {
  const closed = supervisor.close();
  await lives[0]?.crash(0);
  await closed;
  expect(lives.map(({ stops, kills }) => [stops, kills])).toEqual([[1, 0]]);
  expect(waits.map(({ delayMs, cleared }) => [delayMs, cleared])).toEqual([
    [AGENT_STOP_LIMIT_MS, true],
  ]);
});

describe('an agent that does not open the till', () => {
  test('is reported after the limit, and opens the screens yet where it was only slow', () => {
    limits[0]?.run();
    expect([stopped, lives[0]?.kills, supervisor.isOpen()]).toEqual([['agent-hangs'], 0, false]);
    lives[0]?.events.onOpen();
    expect([opened, supervisor.isOpen(), limits[0]?.cleared]).toEqual([1, true, true]);
  });

  test('is ended and started again by hand, and that is no crash', async () => {
    limits[0]?.run();
    supervisor.retry();
    await expect.poll(() => lives.length).toBe(2);
    expect([lives[0]?.kills, waits, stopped]).toEqual([1, [], ['agent-hangs']]);
    expect(limits.map(({ cleared }) => cleared)).toEqual([true, false]);
  });
});

test('an agent that asks for it is started again at once, and that is no crash', async () => {
  lives[0]?.events.onOpen();
  lives[0]?.events.onRestart();
  await lives[0]?.crash(0);
  expect([lives.length, waits, stopped, supervisor.isOpen()]).toEqual([2, [], [], false]);
});

test('a till that is not running lets nobody out of kiosk', async () => {
  await lives[0]?.crash();
  expect(await supervisor.leaveKiosk('m1', '2222')).toHaveProperty('en');
});
