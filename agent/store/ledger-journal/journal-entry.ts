import { z } from 'zod';
import type { Connection } from '../sqlite/connection.ts';

const rowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
/** A row of a table as it lies there, by column. */
export type TableRow = z.infer<typeof rowSchema>;

const contentSchema = z.object({
  v: z.literal(1),
  /** The row of the ledger; its sealed body as base64. */
  ledger: z.object({
    seq: z.int().min(1),
    kind: z.string(),
    sale_id: z.string(),
    return_id: z.string().nullable(),
    header: z.string(),
    hash: z.string(),
    sealed: z.base64(),
  }),
  /** Absent where it was lost before. */
  outbox: z.object({ no: z.int(), at_ms: z.number(), body: z.string().nullable() }).nullable(),
  movements: z.array(rowSchema),
  /** Lots that the entry moved, as they stood when this was written; some of them it made. */
  lots: z.array(rowSchema),
});

const secretSchema = z.object({
  /** The key of the sealed body as base64; null once it was erased. */
  key: z.object({ key_id: z.string(), subject: z.string(), key: z.base64() }).nullable(),
  /** What is kept of the sale for returns. */
  hold: rowSchema.nullable(),
  uses: z.array(rowSchema),
  /** The answer, for a program that asks again. */
  reply: rowSchema.nullable(),
});

export type JournalContent = z.infer<typeof contentSchema>;
export type JournalSecret = z.infer<typeof secretSchema>;

/** An entry of the ledger with all that its transaction wrote beside it. */
export interface JournalEntry extends JournalContent {
  /** Null where it was erased or cannot be read. */
  readonly secret: JournalSecret | null;
}

/** Of the latest entries the answers are kept, which are looked for among as many. */
const REPLIES_LOOKED_AT = 64;

/** Reads what the journal keeps of an entry. @returns a reader; it answers nothing where the ledger has no such entry */
export function createEntryReader(
  connection: Connection,
): (
  seq: number,
) => { readonly content: JournalContent; readonly secret: JournalSecret } | undefined {
  const ledger = connection.statement<
    Omit<JournalContent['ledger'], 'sealed'> & { sealed: Uint8Array; key_id: string }
  >(`SELECT *, header ->> '$.keyId' AS key_id FROM ledger WHERE seq = ?`);
  const outbox = connection.statement<NonNullable<JournalContent['outbox']>>(
    `SELECT no, at_ms, body FROM outbox WHERE no >= ? AND kind = 'entry' AND seq = ? ORDER BY no LIMIT 1`,
  );
  const movements = connection.statement<TableRow>(
    'SELECT * FROM points_movements WHERE seq = ? ORDER BY n',
  );
  const lots = connection.statement<TableRow>(`
    SELECT p.* FROM points_lots p
    JOIN (SELECT DISTINCT member_id, lot_id FROM points_movements WHERE seq = ?) m
      ON m.member_id = p.member_id AND m.lot_id = p.lot_id`);
  const key = connection.statement<{ key_id: string; subject: string; key: Uint8Array }>(
    'SELECT key_id, subject, key FROM subject_keys WHERE key_id = ?',
  );
  const hold = connection.statement<TableRow>('SELECT * FROM holds WHERE evaluation_id = ?');
  const uses = connection.statement<TableRow>('SELECT * FROM rule_uses WHERE evaluation_id = ?');
  const reply = connection.statement<TableRow>(`
    SELECT * FROM replies WHERE ? > (SELECT max(seq) FROM ledger) - ${REPLIES_LOOKED_AT}
      AND no > (SELECT max(no) FROM replies) - ${REPLIES_LOOKED_AT} AND reply ->> '$.seq' = ?
    ORDER BY no DESC LIMIT 1`);
  /** Where the entry was queued that was read before. */
  let before = { seq: 0, no: 0 };

  /** Rows lie in the order of the entries, but for some that a salvage filled in; no number is below that of the entry. */
  function queuedOf(seq: number): JournalContent['outbox'] {
    const behind =
      before.seq === seq - 1 && before.no > seq ? outbox.get(before.no, seq) : undefined;
    const row = behind ?? outbox.get(seq, seq) ?? null;
    before = { seq, no: row?.no ?? 0 };
    return row;
  }

  return (seq) => {
    const row = ledger.get(seq);
    if (row === undefined) return undefined;
    const { key_id, sealed, ...kept } = row;
    const subject = key.get(key_id);
    return {
      content: {
        v: 1,
        ledger: { ...kept, sealed: Buffer.from(sealed).toString('base64') },
        outbox: queuedOf(seq),
        movements: movements.all(seq),
        lots: lots.all(seq),
      },
      secret: {
        key:
          subject === undefined
            ? null
            : { ...subject, key: Buffer.from(subject.key).toString('base64') },
        hold: hold.get(row.sale_id) ?? null,
        uses: uses.all(row.sale_id),
        reply: reply.get(seq, seq) ?? null,
      },
    };
  };
}

/** Reads a record's content; nothing where this program does not understand it. */
export function parseContent(bytes: Buffer): JournalContent | undefined {
  return contentSchema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
}

/** Reads a record's secret, likewise. */
export function parseSecret(bytes: Buffer): JournalSecret | undefined {
  return secretSchema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
}
