import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

/**
 * Records begin at multiples of so many bytes: a sector, and the step by which the next whole record is found behind a
 * damaged one.
 */
export const BLOCK_BYTES = 512;
/** With which an erasure overwrites a secret: what a disk shows that never got it, zeros or ones, must not look like one. */
export const ERASED_BYTE = 0xee;
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAGIC = Buffer.from('TLJ1', 'latin1');
/** Magic, lengths of content and secret, number of the entry, nonce. */
const LENGTHS_AT = 4;
const SEQ_AT = 12;
const NONCE_AT = 20;
const HEADER_BYTES = NONCE_AT + NONCE_BYTES;

/** Where a record lies; it opens nowhere else. */
export interface RecordPlace {
  readonly incarnation: string;
  readonly segment: number;
  /** Bytes from the segment's begin. */
  readonly offset: number;
}

/** A record that proves itself. */
export interface OpenedRecord {
  readonly seq: number;
  readonly content: Buffer;
  /** What an erasure destroys; `erased` once it did, `torn` where it never reached the disk. */
  readonly secret: Buffer | 'erased' | 'torn' | 'damaged';
  /** Where the secret lies, from the segment's begin, its tag included. */
  readonly secretAt: number;
  readonly secretBytes: number;
  /** To the begin of the next record. */
  readonly bytes: number;
}

/** A record to be written. */
export interface SealedRecord extends Pick<OpenedRecord, 'secretAt' | 'secretBytes'> {
  readonly bytes: Buffer;
}

/** Seals and opens records of the ledger's journal. */
export interface JournalCipher {
  seal(place: RecordPlace, seq: number, content: Buffer, secret: Buffer): SealedRecord;
  /** Nothing where no whole record of ours begins at `place`. */
  open(place: RecordPlace, segment: Buffer): OpenedRecord | undefined;
}

/**
 * AES-256-GCM under two keys derived from the database's (HKDF-SHA256): one for what is kept, one for what an erasure
 * destroys, so that the latter can be overwritten in its place. Header, incarnation and place are authenticated with both.
 * @param random cryptographically strong bytes; a nonce must never repeat under one key
 */
export function createJournalCipher(
  databaseKey: Uint8Array,
  random: (bytes: number) => Uint8Array,
): JournalCipher {
  const keyFor = (what: string): Uint8Array =>
    new Uint8Array(
      hkdfSync('sha256', databaseKey, '', `tillside ledger journal ${what} 1`, KEY_BYTES),
    );
  const [contentKey, secretKey] = [keyFor('content'), keyFor('secret')];

  return {
    seal(place, seq, content, secret) {
      const header = Buffer.alloc(HEADER_BYTES);
      header.set(MAGIC);
      header.writeUInt32BE(content.length, LENGTHS_AT);
      header.writeUInt32BE(secret.length, LENGTHS_AT + 4);
      header.writeBigUInt64BE(BigInt(seq), SEQ_AT);
      header.set(random(NONCE_BYTES), NONCE_AT);
      const box = sealed(secret, secretKey, header, place);
      const record = Buffer.concat([header, sealed(content, contentKey, header, place), box]);
      return {
        // What is beyond the parts is filled with zeros.
        bytes: Buffer.concat([record], padded(record.length)),
        secretAt: place.offset + record.length - box.length,
        secretBytes: box.length,
      };
    },
    open(place, segment) {
      const contentAt = place.offset + HEADER_BYTES;
      if (contentAt > segment.length) return undefined;
      const header = segment.subarray(place.offset, contentAt);
      if (!header.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
      const secretAt = contentAt + header.readUInt32BE(LENGTHS_AT) + TAG_BYTES;
      const secretBytes = header.readUInt32BE(LENGTHS_AT + 4) + TAG_BYTES;
      const bytes = padded(secretAt + secretBytes - place.offset);
      if (place.offset + bytes > segment.length) return undefined;
      const content = opened(segment.subarray(contentAt, secretAt), contentKey, header, place);
      if (content === undefined) return undefined;
      const box = segment.subarray(secretAt, secretAt + secretBytes);
      const secret = opened(box, secretKey, header, place) ?? stateOf(box);
      const seq = Number(header.readBigUInt64BE(SEQ_AT));
      return { seq, content, secret, secretAt, secretBytes, bytes };
    },
  };
}

/** Bytes of the record that begins at a place as its own begin says, whether or not they are there; nothing where none does. */
export function begunBytes(segment: Buffer, offset: number): number | undefined {
  const header = segment.subarray(offset, offset + HEADER_BYTES);
  if (header.length < HEADER_BYTES) return HEADER_BYTES;
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const [content, secret] = [header.readUInt32BE(LENGTHS_AT), header.readUInt32BE(LENGTHS_AT + 4)];
  return padded(HEADER_BYTES + content + TAG_BYTES + secret + TAG_BYTES);
}

function stateOf(box: Buffer): 'erased' | 'torn' | 'damaged' {
  if (box.every((byte) => byte === ERASED_BYTE)) return 'erased';
  return box.every((byte) => byte === 0) ? 'torn' : 'damaged';
}

function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function contextOf(header: Buffer, { incarnation, segment, offset }: RecordPlace): Buffer {
  return Buffer.concat([header, Buffer.from(`${incarnation}:${segment}:${offset}`, 'latin1')]);
}

function sealed(plain: Buffer, key: Uint8Array, header: Buffer, place: RecordPlace): Buffer {
  const cipher = createCipheriv(CIPHER, key, header.subarray(NONCE_AT));
  cipher.setAAD(contextOf(header, place));
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function opened(
  box: Buffer,
  key: Uint8Array,
  header: Buffer,
  place: RecordPlace,
): Buffer | undefined {
  const tagAt = box.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, header.subarray(NONCE_AT));
  decipher.setAAD(contextOf(header, place)).setAuthTag(box.subarray(tagAt));
  try {
    return Buffer.concat([decipher.update(box.subarray(0, tagAt)), decipher.final()]);
  } catch {
    // GCM says only that key, place or bytes do not fit, which is the answer.
    return undefined;
  }
}
