import { createCipheriv, createDecipheriv, hash, pbkdf2Sync } from 'node:crypto';
import { assert } from '../../contract/index.ts';

/** Bytes of a page, as `setUp` sets them. */
export const PAGE_BYTES = 4_096;
/** The file's first bytes: salt of the page code, in clear. */
export const SALT_BYTES = 16;
/** SHA-512 at the end of each page, and the block that it works on. */
const CODE_BYTES = 64;
const BLOCK_BYTES = 128;
/** AES nonce before the code. */
const NONCE_BYTES = 16;
/** Where the header says how many pages the file has. */
const FILE_PAGES_AT = 28;
/** Where it counts the changes of the schema. */
const SCHEMA_VERSION_AT = 40;
/** What tells the key of the page code from the key of the cipher (SQLCipher's `hmac_salt_mask`). */
const SALT_MASK = 0x3a;
/** Rounds between the two (SQLCipher's `fast_kdf_iter`). */
const CODE_KEY_ROUNDS = 2;

/** The authentication code that SQLCipher 4 keeps with each page, worked out beside SQLite. */
export interface PageCode {
  /**
   * Whether a page as it lies on the disk is ours and belongs where it lies. A page of nothing but zeros was never
   * written, and SQLite itself says where it misses one.
   * @param pageNo from 1
   */
  fits(page: Uint8Array, pageNo: number): boolean;
  /** Finds the one bit that was flipped and puts it right in place. @returns whether the page fits now */
  mendBit(page: Uint8Array, pageNo: number): boolean;
  /** How many pages the file has by its own account, as a page 1 that fits says it. */
  filePages(first: Uint8Array): number;
  /** How often the schema was changed, as a page 1 that fits says it. */
  schemaVersion(first: Uint8Array): number;
  /** Makes an older copy of page 1 that of a file of so many pages, so that SQLite looks at all of them. */
  firstPageFor(kept: Uint8Array, pages: number): Uint8Array;
}

/**
 * SQLCipher 4 with a raw key: HMAC-SHA512 over the encrypted page, its nonce and its number as 32 bits, little-endian;
 * the code's key is PBKDF2-HMAC-SHA512 of the key over the masked salt. Page 1 is covered from behind the salt on.
 * @param salt the file's first {@link SALT_BYTES}
 */
export function createPageCode(key: Uint8Array, salt: Uint8Array): PageCode {
  const masked = Uint8Array.from(salt.subarray(0, SALT_BYTES), (byte) => byte ^ SALT_MASK);
  const codeKey = pbkdf2Sync(key, masked, CODE_KEY_ROUNDS, 32, 'sha512');
  const end = PAGE_BYTES - CODE_BYTES;

  const [inner, outer] = [0x36, 0x5c].map((pad) => {
    const block = Buffer.alloc(BLOCK_BYTES, pad);
    for (const [i, byte] of codeKey.entries()) block[i] = byte ^ pad;
    return block;
  }) as [Buffer, Buffer];

  /** HMAC (RFC 2104) spelled out over one buffer, so that a search over its bits copies nothing. */
  function toMessage(page: Uint8Array, pageNo: number): Buffer {
    const number = Buffer.alloc(4);
    number.writeUInt32LE(pageNo);
    return Buffer.concat([inner, page.subarray(pageNo === 1 ? SALT_BYTES : 0, end), number]);
  }

  function codeOfMessage(message: Buffer): Buffer {
    return hash('sha512', Buffer.concat([outer, hash('sha512', message, 'buffer')]), 'buffer');
  }

  const codeOf = (page: Uint8Array, pageNo: number): Buffer =>
    codeOfMessage(toMessage(page, pageNo));

  /** Page 1 in clear, without its salt. */
  function openFirst(page: Buffer): Buffer {
    const nonce = page.subarray(end - NONCE_BYTES, end);
    const opened = createDecipheriv('aes-256-cbc', key, nonce).setAutoPadding(false);
    return Buffer.concat([
      opened.update(page.subarray(SALT_BYTES, end - NONCE_BYTES)),
      opened.final(),
    ]);
  }

  function fits(page: Uint8Array, pageNo: number): boolean {
    assert(page.length === PAGE_BYTES, 'a page is looked at whole');
    return codeOf(page, pageNo).equals(page.subarray(end)) || isEmpty(page);
  }

  return {
    fits,
    mendBit(page, pageNo) {
      if (fits(page, pageNo)) return true;
      const code = codeOf(page, pageNo);
      if (distance(code, page.subarray(end)) === 1) {
        page.set(code, end);
        return true;
      }
      const message = toMessage(page, pageNo);
      const body = message.subarray(BLOCK_BYTES, -4);
      const stored = Buffer.from(page.subarray(end));
      for (let bit = 0; bit < body.length * 8; bit++) {
        flip(body, bit);
        if (codeOfMessage(message).equals(stored)) {
          page.set(body, end - body.length);
          return true;
        }
        flip(body, bit);
      }
      return false;
    },
    filePages: (first) => openFirst(Buffer.from(first)).readUInt32BE(FILE_PAGES_AT - SALT_BYTES),
    schemaVersion: (first) =>
      openFirst(Buffer.from(first)).readUInt32BE(SCHEMA_VERSION_AT - SALT_BYTES),
    firstPageFor(kept, pages) {
      const page = Buffer.from(kept);
      const nonce = page.subarray(end - NONCE_BYTES, end);
      const body = page.subarray(SALT_BYTES, end - NONCE_BYTES);
      const plain = openFirst(page);
      plain.writeUInt32BE(pages, FILE_PAGES_AT - SALT_BYTES);
      const sealed = createCipheriv('aes-256-cbc', key, nonce).setAutoPadding(false);
      body.set(Buffer.concat([sealed.update(plain), sealed.final()]));
      page.set(codeOf(page, 1), end);
      return page;
    },
  };
}

/** Turns one bit round, counted from the first byte's lowest. */
export function flip(bytes: Uint8Array, bit: number): void {
  const at = bit >> 3;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
}

/**
 * The salt of a file: as it stands there, with one bit of it flipped, or as it was kept. Any of the first pages proves it,
 * since the first one may be the page that is damaged. Nothing where none of them is proved.
 * @param pages the file's first pages, from page 1 on
 * @param kept the salt of a copy of the first page
 */
export function findSalt(
  key: Uint8Array,
  pages: readonly Uint8Array[],
  kept?: Uint8Array,
): Uint8Array | undefined {
  const proves = (salt: Uint8Array): boolean => {
    const code = createPageCode(key, salt);
    return pages.some((page, i) => !isEmpty(page) && code.fits(page, i + 1));
  };
  const salt = pages[0]?.slice(0, SALT_BYTES) ?? new Uint8Array(SALT_BYTES);
  if (proves(salt)) return salt;
  if (kept !== undefined && proves(kept)) return kept;
  for (let bit = 0; bit < SALT_BYTES * 8; bit++) {
    flip(salt, bit);
    if (proves(salt)) return salt;
    flip(salt, bit);
  }
  return undefined;
}

function isEmpty(page: Uint8Array): boolean {
  return page.every((byte) => byte === 0);
}

function distance(one: Uint8Array, other: Uint8Array): number {
  let bits = 0;
  for (const [i, byte] of one.entries())
    for (let rest = byte ^ (other[i] ?? 0); rest > 0; rest &= rest - 1) bits += 1;
  return bits;
}
