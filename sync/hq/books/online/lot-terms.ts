import { assert } from '../../../../agent/contract/result.ts';
import { RULE_SET_SCHEMA } from '../../../../agent/contract/rules.ts';
import type { HqSession } from '../../database/database.ts';

/** What the rule set says of points earned: days until they can be spent, and days for which they are good from then on. */
export interface LotTerms {
  /** 0 = at once. */
  readonly pendingDays: number;
  /** undefined = for ever. */
  readonly validDays: number | undefined;
}

/** The terms of the rule set last published. */
export type ReadLotTerms = (session: HqSession) => Promise<LotTerms>;

const NO_TERMS: LotTerms = { pendingDays: 0, validDays: undefined };

/**
 * Reads the figures out of the signed rule set and remembers them by version: a published version never changes, and
 * reading the whole set for every purchase would cost more than the booking.
 */
export function createReadLotTerms(): ReadLotTerms {
  let known: { readonly version: number; readonly terms: LotTerms } | undefined;
  return async (session) => {
    const [latest] = await session.query<{ version: number }>(
      "SELECT version FROM documents WHERE kind = 'rule-set' ORDER BY version DESC LIMIT 1",
    );
    if (latest === undefined) return NO_TERMS;
    const { version } = latest;
    if (known?.version === version) return known.terms;
    const [row] = await session.query<{ signed: Uint8Array }>(
      "SELECT signed FROM documents WHERE kind = 'rule-set' AND version = $1",
      [version],
    );
    assert(row !== undefined, 'a published rule set is kept');
    known = { version, terms: termsOf(row.signed) };
    return known.terms;
  };
}

function termsOf(signed: Uint8Array): LotTerms {
  const document = JSON.parse(Buffer.from(signed).toString('utf8')) as {
    schema: string;
    payload: { points?: { lotValidDays?: number; pendingDays?: number } };
  };
  assert(document.schema === RULE_SET_SCHEMA, 'a published rule set is one');
  const { lotValidDays, pendingDays = 0 } = document.payload.points ?? {};
  return { pendingDays, validDays: lotValidDays };
}
