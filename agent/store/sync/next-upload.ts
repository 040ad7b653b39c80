import type { UploadItem } from '../../../sync/protocol/upload.ts';
import {
  assert,
  BASE_BUCKET,
  type EntryFacts,
  type EntryFactsWritten,
  toFreeText,
  toInstant,
} from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';

interface OutboxRow {
  readonly no: number;
  readonly kind: UploadItem['kind'];
  readonly seq: number;
  readonly at_ms: number;
  readonly body: string | null;
}

interface EntryRow {
  readonly header: string;
  readonly hash: string;
  readonly sealed: Uint8Array;
  readonly key: Uint8Array | null;
}

interface MovementRow {
  readonly lot_id: string;
  readonly delta: number;
  readonly member_id: string;
  readonly made_seq: number | null;
  readonly earned_at: string;
  readonly expires_on: string | null;
  readonly available_on: string | null;
  readonly channel: 'store' | 'online' | 'app';
  readonly bucket: string | null;
  readonly source: string;
}

interface AuditRow {
  readonly at_ms: number;
  readonly staff_id: string | null;
  readonly action: string;
  readonly detail: string;
}

export interface NextUpload {
  /** Items after `receivedNo`, at most `maxItems` and `maxBytes` of JSON; at least one where any waits. */
  items(receivedNo: number, maxItems: number, maxBytes: number): UploadItem[];
  /** An entry as it went up, whether or not it was received; undefined = it was pruned or its rows are gone. */
  entry(seq: number): UploadItem | undefined;
}

/** Puts the outbox's rows together with what lies in other tables, as they go up. */
export function createNextUpload(connection: Connection, incarnation: string): NextUpload {
  const outbox = connection.statement<OutboxRow>(
    'SELECT no, kind, seq, at_ms, body FROM outbox WHERE no > ? ORDER BY no LIMIT 1',
  );
  // Every entry has one row, so its number is never below its place in the ledger.
  const rowOfEntry = connection.statement<OutboxRow>(
    `SELECT no, kind, seq, at_ms, body FROM outbox WHERE no >= ? AND kind = 'entry' AND seq = ? ORDER BY no LIMIT 1`,
  );
  const entry = connection.statement<EntryRow>(`
    SELECT header, hash, sealed, k.key FROM ledger
    LEFT JOIN subject_keys k ON k.key_id = header ->> '$.keyId' WHERE seq = ?`);
  const movements = connection.statement<MovementRow>(`
    SELECT m.lot_id, m.delta, m.member_id, l.made_seq, l.earned_at, l.expires_on, l.available_on, l.channel,
      l.bucket, l.source
    FROM points_movements m LEFT JOIN points_lots l ON l.member_id = m.member_id AND l.lot_id = m.lot_id
    WHERE m.seq = ? ORDER BY m.n`);
  const audit = connection.statement<AuditRow>(
    'SELECT at_ms, staff_id, action, detail FROM audit WHERE no = ?',
  );

  function itemOf(row: OutboxRow): UploadItem {
    switch (row.kind) {
      case 'entry':
        return entryItem(row);
      case 'audit':
        return auditItem(row);
      case 'join':
        return { kind: 'join', no: row.no, join: bodyOf(row) } as UploadItem;
      case 'release':
        return { kind: 'release', no: row.no, ...(bodyOf(row) as { allowanceId: string }) };
      case 'face-enrolment':
        return { kind: row.kind, no: row.no, enrolment: bodyOf(row) } as UploadItem;
      case 'face-withdrawal':
        return { kind: row.kind, no: row.no, withdrawal: bodyOf(row) } as UploadItem;
      default:
        throw new Error(`broken invariant: outbox row ${row.no} of kind ${String(row.kind)}`);
    }
  }

  function entryItem({ no, seq, body }: OutboxRow): UploadItem {
    const found = entry.get(seq);
    assert(found !== undefined, `entry ${seq} of the outbox is in the ledger`);
    const moved = movements.all(seq);
    const written = body === null ? factsOfOldEntry(found.header, moved) : factsWritten(body);
    const { incarnation: by } = JSON.parse(found.header) as { incarnation: string };
    return {
      // What this database wrote before it was renewed is a fact of then, beside the ledger of now.
      ...(by === incarnation ? { kind: 'entry' } : { kind: 'former', incarnation: by }),
      no,
      header: found.header,
      hash: found.hash,
      sealed: Buffer.from(found.sealed).toString('base64'),
      key: found.key === null ? null : Buffer.from(found.key).toString('base64'),
      facts: { ...written, movements: movementsOf(moved, seq) },
    };
  }

  function auditItem({ no, seq }: OutboxRow): UploadItem {
    const found = audit.get(seq);
    assert(found !== undefined, `row ${seq} of the outbox is in the audit log`);
    return {
      kind: 'audit',
      no,
      at: toInstant(found.at_ms),
      staffId: found.staff_id,
      action: found.action,
      detail: JSON.parse(found.detail),
    } as UploadItem;
  }

  return {
    items(receivedNo, maxItems, maxBytes) {
      const items: UploadItem[] = [];
      let bytes = 0;
      for (let after = receivedNo; items.length < maxItems; ) {
        const row = outbox.get(after);
        if (row === undefined) break;
        const item = sendable(itemOf(row));
        bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
        if (items.length > 0 && bytes > maxBytes) break;
        items.push(item);
        after = row.no;
      }
      return items;
    },
    entry(seq) {
      const row = rowOfEntry.get(seq, seq);
      if (row === undefined || entry.get(seq) === undefined) return undefined;
      return sendable(itemOf(row));
    },
  };
}

/** Rows written by earlier versions may hold text that headquarters cannot keep. What was hashed or sealed is never touched. */
function sendable(item: UploadItem): UploadItem {
  switch (item.kind) {
    case 'entry':
    case 'former':
      return { ...item, facts: freeTexts(item.facts) };
    case 'join': {
      const { name, ...join } = freeTexts(item.join);
      return { ...item, join: name === undefined || name === '' ? join : { ...join, name } };
    }
    default:
      return freeTexts(item);
  }
}

/** The same value with every text in it, names of fields too, as headquarters takes it. */
function freeTexts<Value>(value: Value): Value {
  if (typeof value === 'string') return toFreeText(value) as Value;
  if (Array.isArray(value)) return value.map(freeTexts) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, part]) => [toFreeText(name), freeTexts(part)]);
  return Object.fromEntries(fields) as Value;
}

function bodyOf({ no, body }: OutboxRow): unknown {
  assert(body !== null, `outbox row ${no} says what it is about`);
  return JSON.parse(body);
}

/**
 * The first movement of a lot that the entry made carries what the lot is; that of a lot of another category than `base`
 * always does, so that headquarters, which drops lots that are empty, never takes them for `base`.
 */
function movementsOf(rows: readonly MovementRow[], seq: number): EntryFacts['movements'] {
  const told = new Set<string>();
  return rows.map((row) => {
    const { lot_id: lotId, delta, made_seq, earned_at, channel, bucket, source } = row;
    const mustTell = made_seq === seq || bucket !== BASE_BUCKET;
    if (bucket === null || !mustTell || told.has(lotId)) return { lotId, delta };
    told.add(lotId);
    const days = {
      ...(row.expires_on === null ? {} : { expiresOn: row.expires_on }),
      ...(row.available_on === null ? {} : { availableOn: row.available_on }),
    };
    return { lotId, delta, lot: { earnedAt: earned_at, ...days, channel, bucket, source } };
  });
}

/** Facts as they were written. What earlier versions wrote beside them says nothing, and headquarters need not know it. */
function factsWritten(body: string): EntryFactsWritten {
  const { couponsReturned, ...written } = JSON.parse(body) as EntryFactsWritten & {
    readonly couponsReturned?: unknown;
  };
  return written;
}

/** Entries from before facts were written tell by their header what they can. */
function factsOfOldEntry(text: string, moved: readonly MovementRow[]): EntryFactsWritten {
  const header = JSON.parse(text) as { kind: string; payableMinor: number };
  const memberId = moved[0]?.member_id ?? null;
  return {
    memberId: memberId as EntryFactsWritten['memberId'],
    couponsUsed: [],
    allowanceIds: [],
    spendMinor: memberId === null ? 0 : header.payableMinor,
    orders: header.kind === 'sale' ? 1 : 0,
    ruleUses: [],
  };
}
