import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createChance } from '../../../../agent/main/simulate/chance.ts';
import type { HqMachine } from '../../../../agent/main/simulate/hq-machine.ts';
import { createLine } from '../../../../agent/main/simulate/line.ts';
import { createTrace } from '../../../../agent/main/simulate/trace.ts';
import { createVirtualTime } from '../../../../agent/main/simulate/virtual-time.ts';
import { STREAM_PATH } from '../../../../sync/protocol/hq-api.ts';

const BEAT = '{"t":"beat"}\n';

/** A till that follows the feed of a headquarters over a line, and gives up where it hears nothing. */
async function following() {
  const time = createVirtualTime(0, (error) => {
    throw error;
  });
  const feed = new Readable({ read() {} });
  let isUp = true;
  const answer = {
    statusCode: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    stream: () => feed,
    raw: { res: { destroy() {} } },
  };
  const hq = {
    get isUp() {
      return isUp;
    },
    server: () => ({ inject: async () => answer }),
  } as unknown as HqMachine;
  const line = createLine({
    name: 't1',
    time,
    chance: createChance('line'),
    trace: createTrace(time.nowMs),
    hq: () => hq,
    onBytes: () => undefined,
    stalledMs: () => 0,
  });
  const heard: string[] = [];
  let body: Readable | undefined;
  let end: unknown;
  const request = { method: 'GET', headers: {}, signal: new AbortController().signal } as const;
  line.exchange({ ...request, url: `http://127.0.0.1:1${STREAM_PATH}` }).then(async ({ data }) => {
    body = data;
    try {
      for await (const chunk of data) heard.push(String(chunk));
      end = 'ended';
    } catch (error) {
      end = (error as Error).message;
    }
  });
  async function pass(ms: number): Promise<void> {
    const untilMs = time.nowMs() + ms;
    await time.settle();
    while (await time.step(untilMs)) {
      // One event after the other.
    }
    await time.settle();
  }
  await pass(100);
  return {
    feed,
    line,
    heard,
    pass,
    end: () => end,
    die() {
      isUp = false;
    },
    giveUp: () => body?.destroy(new Error('silent')),
  };
}

describe('the line of a simulated till', () => {
  test('brings nothing of a headquarters that lost power, and lets the till give up', async () => {
    const { feed, line, heard, pass, end, die, giveUp } = await following();
    feed.push(BEAT);
    await pass(100);
    die();
    line.hqGone(true);
    feed.push(BEAT);
    feed.push(null);
    await pass(100);
    expect(heard).toEqual([BEAT]);
    expect(end()).toBeUndefined();
    giveUp();
    await pass(100);
    expect(end()).toBe('silent');
  });

  test('brings a feed that trickles in its order', async () => {
    const { feed, line, heard, pass } = await following();
    line.trickle(true);
    feed.push('one\n');
    await pass(100);
    feed.push('two\n');
    await pass(100);
    expect(heard.join('')).toBe('o');
    await pass(3_000);
    expect(heard.join('')).toBe('one\ntwo\n');
  });

  test('breaks where the process of headquarters ended on a machine that runs', async () => {
    const { feed, line, heard, pass, end, die } = await following();
    die();
    line.hqGone(false);
    feed.push(null);
    await pass(100);
    expect(heard).toEqual([]);
    expect(end()).toBe('ECONNRESET');
  });
});
