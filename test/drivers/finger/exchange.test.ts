import { describe, expect, test } from 'vitest';
import { ok } from '../../../drivers/contract/result.ts';
import { instructions } from '../../../drivers/finger/codes.ts';
import {
  createExchange,
  DATA_SILENCE_MS,
  MAX_TEMPLATE_BYTES,
  MAX_WAITING_COMMANDS,
  REPLY_TIMEOUT_MS,
} from '../../../drivers/finger/exchange.ts';
import { createPacketReader, formatPacket, packetKinds } from '../../../drivers/finger/packet.ts';
import { createManualEnv } from '../manual-env.ts';

const ADDRESS = 0xffff_ffff;
const PARAMETERS = [0, 0, 4, 0, 0, 0, 200, 0, 3, 255, 255, 255, 255, 0, 2, 0, 6];

/** An exchange whose far end is the test: `hear` sees each command, and answers by `say`. */
const openExchange = (hear: (instruction: number, count: number) => void) => {
  const env = createManualEnv(3);
  const reader = createPacketReader();
  const asked: number[] = [];
  const exchange = createExchange({
    env,
    async write(bytes) {
      for (const { kind, payload } of reader.feed(bytes))
        if (kind === packetKinds.command) {
          asked.push(payload[0] as number);
          hear(payload[0] as number, asked.length);
        }
      return ok(undefined);
    },
    address: () => ADDRESS,
    packetBytes: () => 128,
  });
  const frame = (kind: number, payload: readonly number[], address = ADDRESS): Uint8Array =>
    formatPacket({ address, kind, payload: Uint8Array.from(payload) });
  const say = (...payload: readonly number[]): void =>
    exchange.receive(frame(packetKinds.acknowledge, payload));
  return { env, exchange, asked, say, frame };
};

describe('commands to a module', () => {
  test('go one after the other, in the order in which they were asked', async () => {
    const rig = openExchange((instruction) => rig.say(0, instruction));
    const done = await Promise.all(
      [1, 2, 3].map((instruction) => rig.exchange.request({ instruction })),
    );
    expect(done.map((one) => one.ok && one.value.body[0])).toEqual([1, 2, 3]);
  });

  test('more than may wait are refused, and those that wait are answered', async () => {
    const rig = openExchange((instruction) => rig.say(0, instruction));
    const all = await Promise.all(
      Array.from({ length: MAX_WAITING_COMMANDS + 1 }, (_, instruction) =>
        rig.exchange.request({ instruction }),
      ),
    );
    expect(all.map((one) => one.ok || one.error.code)).toEqual([
      ...Array.from({ length: MAX_WAITING_COMMANDS }, () => true),
      'busy',
    ]);
    expect((await rig.exchange.request({ instruction: 1 })).ok).toBe(true);
  });

  test('a late answer is never taken for that of the next command', async () => {
    const rig = openExchange((instruction, count) => {
      if (instruction === instructions.readParameters) {
        // The module works in order: first what is late, then what was asked since.
        rig.say(0x09, 1, 0xe3, 0, 0);
        rig.say(...PARAMETERS);
      } else if (count > 1) rig.say(0, 0, 7, 0, 99);
    });
    const searched = rig.exchange.request({ instruction: instructions.search });
    await rig.env.advance(REPLY_TIMEOUT_MS + 1);
    const done = await searched;
    expect(done).toMatchObject({ ok: true, value: { code: 0, body: Uint8Array.of(0, 7, 0, 99) } });
    expect(rig.asked).toEqual([
      instructions.search,
      instructions.readParameters,
      instructions.search,
    ]);
  });

  test('an answer with a wrong checksum is asked for once more', async () => {
    const rig = openExchange((instruction, count) => {
      if (instruction === instructions.readParameters) return rig.say(...PARAMETERS);
      const bytes = rig.frame(packetKinds.acknowledge, [0, 42]);
      if (count === 1) bytes[bytes.length - 1] = 0xaa;
      rig.exchange.receive(bytes);
    });
    const done = rig.exchange.request({ instruction: instructions.match });
    await rig.env.advance(REPLY_TIMEOUT_MS + 1);
    expect(await done).toMatchObject({ ok: true, value: { body: Uint8Array.of(42) } });
  });

  test('damaged twice is told as garbled, none at all as silent', async () => {
    const garbled = openExchange((instruction) => {
      if (instruction === instructions.readParameters) return garbled.say(...PARAMETERS);
      garbled.exchange.receive(Uint8Array.of(0xef, 0x01, 0xff));
    });
    const one = garbled.exchange.request({ instruction: instructions.match });
    await garbled.env.advance(10 * REPLY_TIMEOUT_MS);
    expect(await one).toMatchObject({ ok: false, error: { code: 'garbled' } });
    const silent = openExchange(() => {});
    const other = silent.exchange.request({ instruction: instructions.match });
    await silent.env.advance(10 * REPLY_TIMEOUT_MS);
    expect(await other).toMatchObject({ ok: false, error: { code: 'silent' } });
  });

  test('a code that no manual gives is kept as it came', async () => {
    const rig = openExchange(() => rig.say(0x42, 1, 2));
    expect(await rig.exchange.request({ instruction: 1 })).toMatchObject({
      ok: true,
      value: { code: 0x42, body: Uint8Array.of(1, 2) },
    });
  });

  test('an answer of another module on the same wires is not heard', async () => {
    const rig = openExchange(() => {
      rig.exchange.receive(rig.frame(packetKinds.acknowledge, [0, 1], 0x1234));
      rig.say(0, 2);
    });
    expect(await rig.exchange.request({ instruction: 1 })).toMatchObject({
      value: { body: Uint8Array.of(2) },
    });
  });

  test('a transfer is read to its last packet, whatever its size', async () => {
    const rig = openExchange(() => {
      rig.say(0);
      rig.exchange.receive(rig.frame(packetKinds.data, [1, 2, 3]));
      rig.exchange.receive(rig.frame(packetKinds.lastData, [4]));
    });
    const done = await rig.exchange.request({ instruction: 8, givesData: true });
    expect(done).toMatchObject({ value: { data: Uint8Array.of(1, 2, 3, 4) } });
  });

  test('a transfer with a damaged packet, without an end, or without measure is garbled', async () => {
    const spoil: readonly ((rig: ReturnType<typeof openExchange>) => void)[] = [
      (rig) => {
        const bytes = rig.frame(packetKinds.data, [1, 2, 3]);
        bytes[9] = 7;
        rig.exchange.receive(bytes);
        rig.exchange.receive(rig.frame(packetKinds.lastData, [4]));
      },
      (rig) => rig.exchange.receive(rig.frame(packetKinds.data, [1, 2, 3])),
      (rig) => {
        for (let size = 0; size <= MAX_TEMPLATE_BYTES; size += 128)
          rig.exchange.receive(
            rig.frame(
              packetKinds.data,
              Array.from({ length: 128 }, () => 0),
            ),
          );
      },
    ];
    for (const act of spoil) {
      const rig = openExchange((instruction) => {
        if (instruction === instructions.readParameters) return rig.say(...PARAMETERS);
        rig.say(0);
        act(rig);
      });
      const done = rig.exchange.request({ instruction: 8, givesData: true });
      await rig.env.advance(10 * DATA_SILENCE_MS);
      expect(await done).toMatchObject({ ok: false, error: { code: 'garbled' } });
    }
  });

  test('a line that goes answers everything that waits, and the next one begins in step', async () => {
    const rig = openExchange((_, count) => void (count > 1 && rig.say(0)));
    const [one, two] = [1, 2].map((instruction) => rig.exchange.request({ instruction }));
    await rig.env.settle();
    rig.exchange.closed('unplugged');
    expect(await one).toMatchObject({ error: { code: 'closed' } });
    expect(await two).toMatchObject({ error: { code: 'closed' } });
    expect((await rig.exchange.request({ instruction: 3 })).ok).toBe(true);
    expect(rig.exchange.isBusy()).toBe(false);
    expect(rig.env.pendingTimers()).toBe(0);
  });
});
