import { describe, expect, test } from 'vitest';
import { parseParameters } from '../../../drivers/finger/capability.ts';
import {
  createPacketReader,
  formatPacket,
  MAX_PACKET_BYTES,
  MAX_PAYLOAD_BYTES,
  type Packet,
  packetKinds,
} from '../../../drivers/finger/packet.ts';
import { createManualEnv } from '../manual-env.ts';

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.split(' '), (byte) => Number.parseInt(byte, 16));

/** A trace of a real module that a user published: ReadSysPara and a search without a hit. */
const ASK = hex('EF 01 FF FF FF FF 01 00 03 0F 00 13');
const PARAMETERS = hex(
  'EF 01 FF FF FF FF 07 00 13 00 00 04 00 00 00 C8 00 03 FF FF FF FF 00 02 00 06 04 ED',
);
const NOT_FOUND = hex('EF 01 FF FF FF FF 07 00 07 09 01 E3 00 00 00 FB');

const read = (...pieces: readonly Uint8Array[]): readonly Packet[] => {
  const reader = createPacketReader();
  return pieces.flatMap((piece) => [...reader.feed(piece)]);
};
const joined = (...pieces: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(pieces.flatMap((piece) => [...piece]));

describe('a frame of a fingerprint module', () => {
  test('is written as a real module was asked', () => {
    const asked = { address: 0xffff_ffff, kind: packetKinds.command, payload: Uint8Array.of(0x0f) };
    expect(formatPacket(asked)).toEqual(ASK);
  });

  test('is read as a real module answered', () => {
    const [said] = read(PARAMETERS);
    expect(said).toMatchObject({ address: 0xffff_ffff, kind: packetKinds.acknowledge });
    expect(parseParameters(said?.payload.subarray(1) ?? new Uint8Array())).toEqual({
      systemId: 0,
      capacity: 200,
      securityLevel: 3,
      address: 0xffff_ffff,
      packetBytes: 128,
      baudRate: 57_600,
    });
    expect([...(read(NOT_FOUND)[0]?.payload ?? [])]).toEqual([0x09, 0x01, 0xe3, 0x00, 0x00]);
  });

  test('comes out the same however the line cuts it', () => {
    const line = joined(PARAMETERS, NOT_FOUND, PARAMETERS);
    const whole = read(line);
    expect(whole).toHaveLength(3);
    for (let size = 1; size <= line.length; size += 1) {
      const pieces = Array.from({ length: Math.ceil(line.length / size) }, (_, at) =>
        line.subarray(at * size, (at + 1) * size),
      );
      expect(read(...pieces)).toEqual(whole);
    }
  });

  test('is found behind noise, half frames and headers that lead nowhere', () => {
    for (const noise of [
      '55',
      'EF',
      'EF EF',
      'EF 01',
      'EF 01 FF FF FF FF 07 00 13 00 00',
      '00 01 02',
    ])
      expect(read(hex(noise), PARAMETERS, PARAMETERS, PARAMETERS)).toHaveLength(3);
    expect(read(hex('55 EF'), NOT_FOUND)).toMatchObject([{ skipped: 2 }]);
  });

  test('with a wrong checksum is dropped, and the frame behind it is not', () => {
    const wrong = NOT_FOUND.slice();
    wrong[wrong.length - 1] = 0;
    const reader = createPacketReader();
    expect(reader.feed(joined(wrong, PARAMETERS))).toHaveLength(1);
    expect(reader.skippedBytes()).toBe(wrong.length);
  });

  test('hidden by a damaged length comes out once the line is silent', () => {
    // A header that promises 256 bytes, of which 28 come.
    const reader = createPacketReader();
    expect(reader.feed(joined(hex('EF 01 FF FF FF FF 07 01 02'), PARAMETERS))).toEqual([]);
    expect(reader.flush()).toHaveLength(1);
    expect(reader.bufferedBytes()).toBe(0);
  });

  test('of the largest size passes, and a length above it is no frame', () => {
    const payload = new Uint8Array(MAX_PAYLOAD_BYTES).fill(0xef);
    const largest = formatPacket({ address: 1, kind: packetKinds.data, payload });
    expect(largest).toHaveLength(MAX_PACKET_BYTES);
    expect(read(largest)).toEqual([{ skipped: 0, address: 1, kind: packetKinds.data, payload }]);
    expect(() =>
      formatPacket({ address: 1, kind: 2, payload: new Uint8Array(MAX_PAYLOAD_BYTES + 1) }),
    ).toThrow('broken invariant');
    const longer = joined(hex('EF 01 FF FF FF FF 02 01 03'), new Uint8Array(300));
    const reader = createPacketReader();
    expect(reader.feed(longer)).toEqual([]);
    expect(reader.bufferedBytes()).toBe(0);
  });

  test('one million random bytes in random chunks never crash or hang the codec, and hide no frame', () => {
    const { random } = createManualEnv(20_261_124);
    const reader = createPacketReader();
    let bytes = 0;
    let sent = 0;
    let found = 0;
    while (bytes < 1_000_000) {
      const chunk = Uint8Array.from({ length: 1 + Math.floor(random() * 600) }, () =>
        // Headers far more often than by chance, so that damaged lengths are met.
        random() < 0.1 ? (random() < 0.5 ? 0xef : 0x01) : Math.floor(random() * 256),
      );
      bytes += chunk.length;
      reader.feed(chunk);
      expect(reader.bufferedBytes()).toBeLessThan(MAX_PACKET_BYTES);
      if (random() < 0.1) {
        reader.flush();
        sent += 1;
        found += reader.feed(PARAMETERS).length;
      }
    }
    expect(sent).toBeGreaterThan(100);
    expect(found).toBe(sent);
  });
});
