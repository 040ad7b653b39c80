import { assert } from '../../../../agent/contract/result.ts';
import { RULE_SET_SCHEMA } from '../../../../agent/contract/rules.ts';
import type { HqSession } from '../../database/database.ts';

/** For how many days points earned online are good, by the rule set last published; undefined = for ever. */
export type LotValidDays = (session: HqSession) => Promise<number | undefined>;

/**
 * Reads the figure out of the signed rule set and remembers it by version: a published version never changes, and
 * reading the whole set for every purchase would cost more than the booking.
 */
export function createLotValidDays(): LotValidDays {
  let known: { readonly version: number; readonly days: number | undefined } | undefined;
  return async (session) => {
    const [latest] = await session.query<{ version: number }>(
      "SELECT version FROM documents WHERE kind = 'rule-set' ORDER BY version DESC LIMIT 1",
    );
    if (latest === undefined) return undefined;
    const { version } = latest;
    if (known?.version === version) return known.days;
    const [row] = await session.query<{ signed: Uint8Array }>(
      "SELECT signed FROM documents WHERE kind = 'rule-set' AND version = $1",
      [version],
    );
    assert(row !== undefined, 'a published rule set is kept');
    known = { version, days: daysOf(row.signed) };
    return known.days;
  };
}

function daysOf(signed: Uint8Array): number | undefined {
  const document = JSON.parse(Buffer.from(signed).toString('utf8')) as {
    schema: string;
    payload: { points?: { lotValidDays?: number } };
  };
  assert(document.schema === RULE_SET_SCHEMA, 'a published rule set is one');
  return document.payload.points?.lotValidDays;
}
