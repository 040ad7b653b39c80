import type { Migration } from './migration.ts';

/**
 * A sale is found by the number on its receipt, which stands in its record. Only sales are in the index, so a hold costs
 * nothing more; sales of other tills (seq 0) are in it, too, and left out by their number.
 */
export const migration: Migration = {
  version: 28,
  name: 'holds-by-reference',
  sql: `
    CREATE INDEX holds_by_reference ON holds (
      json_extract(body, '$.referenceId') COLLATE NOCASE,
      json_extract(body, '$.seq')
    ) WHERE state = 'COMMITTED';
  `,
};
