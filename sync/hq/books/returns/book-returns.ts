import type { HqSession } from '../../database/database.ts';
import type { TillCaller } from '../../deps.ts';
import type { BookedException } from '../exceptions.ts';
import type { ReadEntry } from '../intake/read-items.ts';

interface ReturnedLine {
  readonly entry: ReadEntry;
  readonly lineId: string;
  readonly units: number;
  readonly bought: number;
}

/**
 * Counts the units that uploaded returns took back and ends their claims. Units beyond those bought, and a return id that
 * another till booked too, become cases for a person: two tills took the same goods back while one of them was away.
 */
export async function bookReturns(
  tx: HqSession,
  till: TillCaller,
  entries: readonly ReadEntry[],
): Promise<BookedException[]> {
  const returns = entries.filter(({ read }) => read.returnId !== null);
  if (returns.length === 0) return [];
  const ids = returns.map(({ read }) => read.returnId);
  const twice = await tx.query<{ return_id: string; till_id: string }>(
    'SELECT return_id, till_id FROM ledger WHERE return_id = ANY($1)',
    [ids],
  );
  await tx.query('DELETE FROM return_claims WHERE return_id = ANY($1) AND till_id = $2', [
    ids,
    till.tillId,
  ]);
  const cases = returns.flatMap((entry) => {
    const other = twice.find((row) => row.return_id === entry.read.returnId);
    return other === undefined ? [] : [caseOf(till, entry, { bookedByTill: other.till_id })];
  });
  for (const line of linesOf(returns)) {
    const { saleId } = line.entry.read;
    const [row] = await tx.query<{ units: number }>(
      `INSERT INTO returned_units (sale_id, line_id, units) VALUES ($1, $2, $3)
       ON CONFLICT (sale_id, line_id) DO UPDATE SET units = returned_units.units + excluded.units
       RETURNING units`,
      [saleId, line.lineId, line.units],
    );
    const units = row?.units ?? 0;
    if (units > line.bought)
      cases.push(
        caseOf(till, line.entry, { lineId: line.lineId, returned: units, bought: line.bought }),
      );
  }
  return cases;
}

/** In the order of their key, so that two uploads never wait for each other in a circle. */
function linesOf(returns: readonly ReadEntry[]): ReturnedLine[] {
  const key = ({ entry, lineId }: ReturnedLine): string => `${entry.read.saleId}\n${lineId}`;
  return returns
    .flatMap((entry) => {
      const { undone, bought = {} } = entry.facts;
      return Object.entries(undone?.units ?? {}).flatMap(([lineId, units]) => {
        const all = bought[lineId];
        return all === undefined ? [] : [{ entry, lineId, units, bought: all }];
      });
    })
    .sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

function caseOf(
  { tillId, incarnation }: TillCaller,
  { read, facts }: ReadEntry,
  detail: Readonly<Record<string, unknown>>,
): BookedException {
  return {
    code: 'returned-twice',
    tillId,
    incarnation,
    seq: read.seq,
    memberId: facts.memberId,
    detail: { saleId: read.saleId, returnId: read.returnId, ...detail },
  };
}
