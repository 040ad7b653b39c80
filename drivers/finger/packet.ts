/**
 * Frames of UART fingerprint modules of the ZFM family (ZFM-20/60, R30x, AS608, FPM10A, R503), as their manuals give them:
 * EF 01 | address u32 | kind u8 | length u16 = payload + 2 | payload | checksum u16, all big-endian; the checksum is the
 * sum of kind, both length bytes and payload, modulo 65,536.
 */
export type Packet = {
  readonly address: number;
  readonly kind: number;
  readonly payload: Uint8Array;
};

export const packetKinds = {
  command: 0x01,
  data: 0x02,
  acknowledge: 0x07,
  lastData: 0x08,
} as const;

/** Longest payload that any module of the family sends: the largest size of a data packet. */
export const MAX_PAYLOAD_BYTES = 256;
/** Bytes before the payload. */
const HEAD_BYTES = 9;
const CHECKSUM_BYTES = 2;
export const MAX_PACKET_BYTES = HEAD_BYTES + MAX_PAYLOAD_BYTES + CHECKSUM_BYTES;
const FIRST = 0xef;
const SECOND = 0x01;

const knownKinds: readonly number[] = Object.values(packetKinds);

/** Sum over bytes `from` to `to` of a frame, kind and length included. */
const sumOf = (bytes: Uint8Array, from: number, to: number): number => {
  let sum = 0;
  for (let index = from; index < to; index += 1) sum += bytes[index] as number;
  return sum & 0xffff;
};

/** One frame as it goes over the wire. @throws where the payload is longer than `MAX_PAYLOAD_BYTES` */
export const formatPacket = ({ address, kind, payload }: Packet): Uint8Array => {
  if (payload.length > MAX_PAYLOAD_BYTES)
    throw new Error(`broken invariant: a payload of ${payload.length} bytes`);
  const bytes = new Uint8Array(HEAD_BYTES + payload.length + CHECKSUM_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = FIRST;
  bytes[1] = SECOND;
  view.setUint32(2, address);
  bytes[6] = kind;
  view.setUint16(7, payload.length + CHECKSUM_BYTES);
  bytes.set(payload, HEAD_BYTES);
  const end = bytes.length - CHECKSUM_BYTES;
  view.setUint16(end, sumOf(bytes, 6, end));
  return bytes;
};

/** A frame that was read, and how many bytes before it belonged to none. */
export type ReadPacket = Packet & { readonly skipped: number };

export type PacketReader = {
  /** Takes bytes cut anywhere; gives the frames that are whole by then. */
  feed(bytes: Uint8Array): readonly ReadPacket[];
  /** The line is silent: what looks like the beginning of a frame will not go on. Frames behind it come out. */
  flush(): readonly ReadPacket[];
  /** Bytes that belonged to no frame, since the reader was made: noise, and frames that were damaged. */
  skippedBytes(): number;
  bufferedBytes(): number;
  /** Forgets what has begun. */
  reset(): void;
};

/** What the next bytes are: a frame of so many bytes, nothing, or too few to say. */
type Look = { readonly sizeBytes: number } | 'none' | 'short';

/**
 * Finds frames in whatever a line brings. After damage it looks for the next header from one byte further on, so that no
 * damaged length hides the frames behind it; it never holds more than one frame.
 */
export const createPacketReader = (): PacketReader => {
  const held = new Uint8Array(MAX_PACKET_BYTES);
  let start = 0;
  let end = 0;
  let skipped = 0;
  /** Of these, how many were told with a frame. */
  let told = 0;

  const look = (): Look => {
    const size = end - start;
    if (held[start] !== FIRST || (size > 1 && held[start + 1] !== SECOND)) return 'none';
    if (size < HEAD_BYTES) return 'short';
    if (!knownKinds.includes(held[start + 6] as number)) return 'none';
    const length = ((held[start + 7] as number) << 8) | (held[start + 8] as number);
    if (length < CHECKSUM_BYTES || length > MAX_PAYLOAD_BYTES + CHECKSUM_BYTES) return 'none';
    if (size < HEAD_BYTES + length) return 'short';
    const sumAt = start + HEAD_BYTES + length - CHECKSUM_BYTES;
    const said = ((held[sumAt] as number) << 8) | (held[sumAt + 1] as number);
    return said === sumOf(held, start + 6, sumAt) ? { sizeBytes: HEAD_BYTES + length } : 'none';
  };

  const skip = (): void => {
    start += 1;
    skipped += 1;
    while (start < end && held[start] !== FIRST) {
      start += 1;
      skipped += 1;
    }
  };

  const packetAt = (sizeBytes: number): ReadPacket => {
    const view = new DataView(held.buffer, start, sizeBytes);
    const before = skipped - told;
    told = skipped;
    return {
      skipped: before,
      address: view.getUint32(2),
      kind: view.getUint8(6),
      payload: held.slice(start + HEAD_BYTES, start + sizeBytes - CHECKSUM_BYTES),
    };
  };

  /** Takes out what is whole; with `isSilent` a frame that has only begun counts as noise. */
  const take = (into: ReadPacket[], isSilent: boolean): void => {
    while (start < end) {
      const seen = look();
      if (seen === 'none' || (seen === 'short' && isSilent)) skip();
      else if (seen === 'short') break;
      else {
        into.push(packetAt(seen.sizeBytes));
        start += seen.sizeBytes;
      }
    }
    held.copyWithin(0, start, end);
    end -= start;
    start = 0;
  };

  return {
    feed(bytes) {
      const packets: ReadPacket[] = [];
      for (let from = 0; from < bytes.length; ) {
        // What stays behind is shorter than a frame, so there is always room for another byte.
        const size = Math.min(bytes.length - from, held.length - end);
        held.set(bytes.subarray(from, from + size), end);
        end += size;
        from += size;
        take(packets, false);
      }
      return packets;
    },
    flush() {
      const packets: ReadPacket[] = [];
      take(packets, true);
      return packets;
    },
    skippedBytes: () => skipped,
    bufferedBytes: () => end,
    reset() {
      skipped += end;
      start = 0;
      end = 0;
    },
  };
};
