import type { HqMigration } from './migration.ts';

/**
 * Goods that come back, wherever they were sold. `return_claims`: tills that are at a return, one row until it is booked
 * or given up.
 */
export const migration: HqMigration = {
  version: 11,
  name: 'returns',
  sql: `
    CREATE TABLE return_claims (
      return_id text COLLATE "C" PRIMARY KEY,
      sale_id text COLLATE "C" NOT NULL,
      till_id text COLLATE "C" NOT NULL,
      incarnation text COLLATE "C" NOT NULL,
      created_at_ms bigint NOT NULL,
      expires_at_ms bigint NOT NULL
    );
    CREATE INDEX return_claims_of_sale ON return_claims (sale_id);
    CREATE INDEX return_claims_of_till ON return_claims (till_id);
    CREATE INDEX ledger_by_return ON ledger (return_id) WHERE return_id IS NOT NULL;
  `,
};
