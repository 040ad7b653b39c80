import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';
import { passIssuerIdSchema } from '../../../agent/contract/credential.ts';
import { ok, type Result } from '../../../agent/contract/index.ts';
import { type KeysError, keysError } from '../keys/keys-error.ts';
import { openKeysFolder } from '../keys/keys-folder.ts';

/** Where the issuers lie in HQ's keys folder. */
const FILE = 'pass-issuers.json';
/** Days for which an issuer certifies before the next one takes over by itself. */
export const ISSUER_CERTIFIES_DAYS = 730;
/** Issuers that the file keeps: the two live ones and the last that were retired. */
export const ISSUERS_KEPT_MAX = 8;
const DAY_MS = 24 * 60 * 60_000;
/** Clocks of tills may be behind by so much, in milliseconds. */
export const CLOCK_SLACK_MS = 60 * 60_000;

const fileSchema = z.strictObject({
  issuers: z
    .array(
      z.strictObject({
        issuerId: passIssuerIdSchema,
        /** PKCS8 as PEM; null once retired: it never signs again. */
        privateKey: z.string().nullable(),
        publicKey: z.string(),
        state: z.enum(['current', 'next', 'retired']),
        validFromMs: z.int(),
        /** Until when its certificates may last. */
        validUntilMs: z.int(),
      }),
    )
    .min(2)
    .max(ISSUERS_KEPT_MAX),
});
type Stored = z.infer<typeof fileSchema>['issuers'][number];

/** A key of headquarters that certifies passes. */
export interface PassIssuer extends Omit<Stored, 'privateKey'> {
  /** Absent once retired. */
  readonly privateKey?: KeyObject;
}

/** The issuers of passes, in the keys folder that all processes of HQ share: each reading sees the last rotation. */
export interface PassIssuers {
  read(nowMs: number): Result<readonly PassIssuer[], KeysError>;
  /** Retires the current one; the next one becomes current, a fresh one next. One process at a time: see callers. */
  rotate(nowMs: number, retiredUntilMs: number): Result<readonly PassIssuer[], KeysError>;
}

/** Opens the issuers of a keys folder; two are made when they are first read. */
export function openPassIssuers(
  folder: string,
  random: (bytes: number) => Uint8Array,
): PassIssuers {
  function stored(nowMs: number): Result<{ issuers: Stored[] }, KeysError> {
    const opened = openKeysFolder(folder, random);
    if (!opened.ok) return opened;
    return opened.value.keep(
      FILE,
      () => encode([newIssuer('current', nowMs), newIssuer('next', nowMs)]),
      (bytes) => fileSchema.parse(JSON.parse(bytes.toString('utf8'))),
    );
  }

  function shown(issuers: readonly Stored[]): Result<readonly PassIssuer[], KeysError> {
    try {
      return ok(
        issuers.map(({ privateKey, ...issuer }) =>
          privateKey === null ? issuer : { ...issuer, privateKey: createPrivateKey(privateKey) },
        ),
      );
    } catch (cause) {
      return keysError('keys-unreadable', `${folder}/${FILE}`, cause);
    }
  }

  return {
    read(nowMs) {
      const found = stored(nowMs);
      return found.ok ? shown(found.value.issuers) : found;
    },
    rotate(nowMs, retiredUntilMs) {
      const found = stored(nowMs);
      if (!found.ok) return found;
      const turned = found.value.issuers.map((one): Stored => {
        if (one.state === 'next')
          return { ...one, state: 'current', validUntilMs: nowMs + ISSUER_CERTIFIES_DAYS * DAY_MS };
        if (one.state === 'current')
          return { ...one, state: 'retired', privateKey: null, validUntilMs: retiredUntilMs };
        return one;
      });
      // The newest first; those that verify nothing any more go.
      const kept = [newIssuer('next', nowMs), ...turned]
        .filter(({ state, validUntilMs }) => state !== 'retired' || validUntilMs > nowMs)
        .slice(0, ISSUERS_KEPT_MAX);
      const opened = openKeysFolder(folder, random);
      if (!opened.ok) return opened;
      const written = opened.value.replace(FILE, encode(kept));
      return written.ok ? shown(kept) : written;
    },
  };
}

function newIssuer(state: 'current' | 'next', nowMs: number): Stored {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const raw = Buffer.from(x, 'base64url');
  return {
    issuerId: createHash('sha256').update(raw).digest().subarray(0, 4).toString('hex'),
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: x,
    state,
    validFromMs: nowMs - CLOCK_SLACK_MS,
    validUntilMs: nowMs + ISSUER_CERTIFIES_DAYS * DAY_MS,
  };
}

function encode(issuers: readonly Stored[]): Uint8Array {
  return Buffer.from(`${JSON.stringify({ issuers }, null, 2)}\n`);
}
