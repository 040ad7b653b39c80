import type { Migration } from './migration.ts';

/**
 * Distances of faces whose owner another proof confirmed: what a store calibrates by. A pair belongs to the template that
 * was compared and goes with it, however that ends. The till's own, as the templates are.
 */
export const migration: Migration = {
  version: 35,
  name: 'face-pairs',
  sql: `
    CREATE TABLE face_pairs (
      pair_no INTEGER PRIMARY KEY,
      template_id TEXT NOT NULL REFERENCES faces ON DELETE CASCADE,
      model_id TEXT NOT NULL,
      model_version TEXT NOT NULL,
      -- The hour, so that nobody finds the sale by it.
      hour_ms INTEGER NOT NULL,
      -- To the template of the member who was confirmed.
      own REAL NOT NULL,
      -- To the template of somebody else, drawn by lot and not kept; NULL = nobody else was enrolled.
      other REAL
    ) STRICT;
    CREATE INDEX face_pairs_by_template ON face_pairs (template_id);
  `,
};
