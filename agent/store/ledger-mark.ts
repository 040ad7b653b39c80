import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { hashSchema } from '../contract/index.ts';
import { createMeta } from './repositories/meta.ts';
import type { Connection } from './sqlite/connection.ts';

/** Ending of the mark beside a database. */
export const MARK_ENDING = '.mark';
/** Bytes of a mark; always the same, so that writing one needs no room. */
const MARK_BYTES = 256;
const MISSING = 'ledger.missing';
/** Times that entries went missing that are remembered. */
const MISSING_MAX = 16;

const markSchema = z.object({ seq: z.int().min(1), hash: hashSchema });
/** The last entry whose commit returned. */
export type LedgerMark = z.infer<typeof markSchema>;
/** As it lies on the disk: a mark with a flipped bit claims nothing, and no entry is told as missing that is there. */
const writtenSchema = markSchema
  .extend({ check: z.string() })
  .refine((written) => written.check === checkOf(written));

const missingSchema = z.object({ fromSeq: z.int(), toSeq: z.int(), atMs: z.number() });
/** Entries that were committed and that the database does not have: its log was cut, lost or is another one. */
export type MissingEntries = z.infer<typeof missingSchema>;

/** Over a mark: 16 hex digits of SHA-256. */
function checkOf({ seq, hash }: LedgerMark): string {
  return createHash('sha256').update(`${seq} ${hash}`).digest('hex').slice(0, 16);
}

/** Writes marks. */
export interface LedgerMarker {
  /** To be called after each commit; costs a read of one row, and a short write where an entry was booked. */
  committed(): void;
  close(): void;
}

/**
 * Notes the last entry in a file of its own after its commit has returned. A database whose log was cut or lost looks whole
 * to SQLite; the mark tells that something was there. It is not flushed: it has to survive a damaged log, and a power cut
 * can only leave an older one, which claims less.
 */
export function createLedgerMarker(connection: Connection): LedgerMarker {
  const head = connection.statement<LedgerMark>(
    'SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1',
  );
  let handle: number | undefined;
  let marked: number | undefined;
  return {
    committed() {
      try {
        const last = head.get();
        if (last === undefined || last.seq === marked) return;
        handle ??= openSync(
          connection.file + MARK_ENDING,
          existsSync(connection.file + MARK_ENDING) ? 'r+' : 'w',
          0o600,
        );
        writeSync(handle, JSON.stringify({ ...last, check: checkOf(last) }).padEnd(MARK_BYTES), 0);
        marked = last.seq;
      } catch (error) {
        // The entry is committed, whatever becomes of its mark; the next one writes it again.
        if (!(error instanceof Error && 'code' in error)) throw error;
      }
    },
    close() {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}

/** The mark beside a database; nothing where there is none that can be read. */
export function readMark(file: string): LedgerMark | undefined {
  const path = file + MARK_ENDING;
  try {
    if (!existsSync(path)) return undefined;
    const parsed = writtenSchema.safeParse(JSON.parse(readFileSync(path, 'utf8').trim()));
    return parsed.success ? { seq: parsed.data.seq, hash: parsed.data.hash } : undefined;
  } catch (error) {
    // Half a mark claims nothing, nor does one on a sector that the disk does not give.
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error))
      return undefined;
    throw error;
  }
}

/**
 * Entries that the mark knows and the database does not: after the last one that is there, or all from the marked one on
 * where another entry has its number.
 */
export function findMissing(
  connection: Connection,
  mark: LedgerMark | undefined,
  atMs: number,
): MissingEntries | undefined {
  if (mark === undefined) return undefined;
  const base = connection.statement<{ seq: number }>('SELECT seq FROM ledger_base').get();
  const last = connection
    .statement<{ seq: number | null }>('SELECT max(seq) AS seq FROM ledger')
    .get();
  const head = Math.max(base?.seq ?? 0, last?.seq ?? 0);
  if (mark.seq > head) return { fromSeq: head + 1, toSeq: mark.seq, atMs };
  const own = connection
    .statement<{ hash: string }>('SELECT hash FROM ledger WHERE seq = ?')
    .get(mark.seq);
  return own === undefined || own.hash === mark.hash
    ? undefined
    : { fromSeq: mark.seq, toSeq: mark.seq, atMs };
}

export function noteMissing(connection: Connection, missing: MissingEntries): void {
  const all = [...readMissing(connection), missing].slice(-MISSING_MAX);
  createMeta(connection).set(MISSING, JSON.stringify(all));
}

/** Every time that committed entries went missing, oldest first. */
export function readMissing(connection: Connection): MissingEntries[] {
  const text = createMeta(connection).get(MISSING);
  return text === undefined ? [] : z.array(missingSchema).parse(JSON.parse(text));
}
