import { createHmac, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { err, ok, type Result } from '../contract/index.ts';
import { writeDurably } from './durable-file.ts';
import { type OpenError, openError } from './open-error.ts';

/** The file that says which database is the live one. It is replaced whole; databases are never renamed. */
export const POINTER_FILE = 'live.json';
const POINTER_FORMAT = 1;
const KEY_CHECK_TEXT = 'tillside database key check 1';

const pointerSchema = z.strictObject({
  format: z.literal(POINTER_FORMAT),
  /** `creating` until the database has its schema and lies on the disk. */
  state: z.enum(['creating', 'live']),
  file: z.string().regex(/^till-[0-9a-f]{16}\.db$/),
  /** Tells a wrong key from a damaged file: HMAC-SHA256 of a fixed text under the key. */
  keyCheck: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
  /** The database that this one was adopted in the place of, until the first start that finds this one whole. */
  previous: z
    .string()
    .regex(/^till-[0-9a-f]{16}\.db$/)
    .optional(),
  /** The damaged database that this one was salvaged from, until the first start that finds this one whole. */
  damaged: z
    .strictObject({
      file: z.string().regex(/^till-[0-9a-f]{16}\.db$/),
      aside: z.string().regex(/^damaged-[0-9TZ-]+-till-[0-9a-f]{16}\.db$/),
    })
    .optional(),
});
export type Pointer = z.infer<typeof pointerSchema>;

/** Reads the pointer; `undefined` where there is none. Throws the system's errors other than absence. */
export function readPointer(dataDir: string): Result<Pointer | undefined, OpenError> {
  const path = join(dataDir, POINTER_FILE);
  if (!existsSync(path)) return ok(undefined);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError)
      return err(openError('pointer-damaged', `${path}: ${error.message}`, error));
    throw error;
  }
  const newer = z.object({ format: z.int().min(POINTER_FORMAT + 1) }).safeParse(content);
  if (newer.success) return err(openError('schema-newer', `${path}: format ${newer.data.format}`));
  const parsed = pointerSchema.safeParse(content);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  return err(openError('pointer-damaged', `${path}: ${issue?.path.join('.')}: ${issue?.message}`));
}

/** Replaces the pointer durably. Throws the system's errors. */
export function writePointer(dataDir: string, pointer: Omit<Pointer, 'format'>): void {
  const content = JSON.stringify({ format: POINTER_FORMAT, ...pointer }, undefined, 2);
  writeDurably(join(dataDir, POINTER_FILE), `${content}\n`, 0o600);
}

/** The value that proves a key without telling anything about it. */
export function keyCheckOf(key: Uint8Array): string {
  return createHmac('sha256', key).update(KEY_CHECK_TEXT).digest('hex');
}

/** Whether `key` is the one that the pointer was written with. */
export function keyFits(pointer: Pointer, key: Uint8Array): boolean {
  return timingSafeEqual(Buffer.from(keyCheckOf(key), 'hex'), Buffer.from(pointer.keyCheck, 'hex'));
}
