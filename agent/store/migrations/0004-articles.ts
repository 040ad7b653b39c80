import type { Migration } from './migration.ts';

/** Articles; names stand in columns of their own for the search. GTINs are kept in their 14-digit form. */
export const migration: Migration = {
  version: 4,
  name: 'articles',
  sql: `
    CREATE TABLE articles (
      sku TEXT PRIMARY KEY,
      gtin14 TEXT,
      name_zh TEXT NOT NULL,
      name_en TEXT NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX articles_by_gtin ON articles (gtin14) WHERE gtin14 IS NOT NULL;
  `,
};
