import { z } from 'zod';
import type { EntryFacts } from '../../../../agent/contract/entry-facts.ts';
import { type Evaluation, evaluationSchema } from '../../../../agent/contract/evaluation.ts';
import type { ReturnId, TillId } from '../../../../agent/contract/ids.ts';
import type { EntryHeader } from '../../../../agent/contract/ledger.ts';
import { BASE_BUCKET } from '../../../../agent/contract/member.ts';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import type { Undone } from '../../../../agent/contract/undone.ts';
import type { SealedSale } from '../../../../agent/domain/benefits/replay-sale.ts';
import { SALE_MAX_RETURNS } from '../../../protocol/sale-lookup.ts';
import { openSealedSale } from '../../accuracy/open-sealed-sale.ts';
import type { HqSession } from '../../database/database.ts';

/** Why a sale that headquarters has cannot be told. */
export type UnreadableSale = 'unknown' | 'erased' | 'unreadable';

/** A sale of any till with all that its returns need. */
export interface ReadSale {
  readonly header: EntryHeader;
  readonly facts: EntryFacts;
  readonly sealed: SealedSale & { readonly referenceId?: string };
  readonly evaluation: Pick<Evaluation, 'lines' | 'gifts' | 'entitlements' | 'tierAfter'>;
}

/** A return that is in the books. */
export interface BookedReturn {
  readonly returnId: ReturnId;
  readonly tillId: TillId;
  readonly undone: Undone;
}

interface Row {
  readonly header: string;
  readonly facts: string;
  readonly sealed: Uint8Array;
  readonly key: Uint8Array | null;
}

const evaluationPart = evaluationSchema.pick({
  lines: true,
  gifts: true,
  entitlements: true,
  tierAfter: true,
});
/** What returns of older versions sealed: their facts do not tell what they undid. */
const olderReturnSchema = z.object({
  share: z.object({
    lines: z.array(
      z.object({
        lineId: z.string(),
        units: z.int().min(1),
        pointsToClawBack: z.int().min(0),
        pointsToGiveBack: z.int().min(0),
      }),
    ),
  }),
});

const ENTRIES = `
  SELECT l.header, l.facts, l.sealed, k.key FROM ledger l LEFT JOIN subject_keys k ON k.key_id = l.key_id
  WHERE l.sale_id = $1 AND l.kind = $2 ORDER BY l.received_at_ms, l.till_id, l.seq LIMIT $3`;

/** Opens the sale as its till sealed it. */
export async function readSale(
  session: HqSession,
  saleId: string,
): Promise<Result<ReadSale, UnreadableSale>> {
  const [row] = await session.query<Row>(ENTRIES, [saleId, 'sale', 1]);
  if (row === undefined) return err('unknown');
  const header = JSON.parse(row.header) as EntryHeader;
  const opened = open(header, row);
  if (!opened.ok) return err(opened.error.code === 'erased' ? 'erased' : 'unreadable');
  const evaluation = evaluationPart.safeParse(opened.value.evaluation);
  if (!evaluation.success) return err('unreadable');
  return ok({
    header,
    facts: JSON.parse(row.facts) as EntryFacts,
    sealed: opened.value,
    evaluation: evaluation.data as ReadSale['evaluation'],
  });
}

/** The returns of a sale in the order in which they came in. */
export interface ReadReturns {
  readonly returns: BookedReturn[];
  /** What each of them says for the books, in the same order. */
  readonly facts: readonly EntryFacts[];
  /** Tills of those that cannot be told: an older one that was erased, or beyond {@link SALE_MAX_RETURNS}. */
  readonly unreadable: readonly TillId[];
}

/** Every return of a sale that can be told. */
export async function readReturns(session: HqSession, saleId: string): Promise<ReadReturns> {
  const rows = await session.query<Row>(ENTRIES, [saleId, 'return', SALE_MAX_RETURNS + 1]);
  const returns: BookedReturn[] = [];
  const told: EntryFacts[] = [];
  const unreadable: TillId[] = [];
  for (const row of rows) {
    const header = JSON.parse(row.header) as EntryHeader;
    const facts = JSON.parse(row.facts) as EntryFacts;
    const undone = facts.undone ?? olderUndone(header, row);
    const { returnId, tillId } = header;
    if (undone === undefined || returnId === null || returns.length === SALE_MAX_RETURNS) {
      unreadable.push(tillId);
      continue;
    }
    returns.push({ returnId, tillId, undone });
    told.push(facts);
  }
  return { returns, facts: told, unreadable };
}

function open(header: EntryHeader, { sealed, key }: Pick<Row, 'sealed' | 'key'>) {
  return openSealedSale({ header, sealed }, key ?? undefined);
}

/**
 * What a return of an older version undid, from what it sealed: such versions left every benefit with the kept goods and
 * knew one category of points.
 */
export function olderUndone(
  header: EntryHeader,
  row: Pick<Row, 'sealed' | 'key'>,
): Undone | undefined {
  const opened = open(header, row);
  const body = opened.ok ? olderReturnSchema.safeParse(opened.value) : undefined;
  if (body?.success !== true) return undefined;
  const { lines } = body.data.share;
  const points = (key: 'pointsToClawBack' | 'pointsToGiveBack') => ({
    [BASE_BUCKET]: lines.reduce((sum, line) => sum + line[key], 0),
  });
  return {
    units: Object.fromEntries(lines.map(({ lineId, units }) => [lineId, units])),
    refundMinor: Math.abs(header.payableMinor),
    earned: points('pointsToClawBack'),
    spent: points('pointsToGiveBack'),
    gifts: [],
  };
}
