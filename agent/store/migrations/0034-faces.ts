import type { Migration } from './migration.ts';

/**
 * Sealed templates that this till may compare with, those enrolled here with the consent they rest on. Their keys lie
 * outside the data folder. Where a template and the feed differ the feed counts, so the rows are the till's own: they come
 * over into an adopted snapshot and out of a salvaged database.
 */
export const migration: Migration = {
  version: 34,
  name: 'faces',
  sql: `
    CREATE TABLE faces (
      template_id TEXT PRIMARY KEY,
      -- As enrolled; a merged account keeps its own.
      member_id TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      -- The template as it travels, sealed.
      body TEXT NOT NULL,
      -- The consent; NULL = enrolled at another till.
      consent TEXT,
      -- The last business day on which it was recognised here.
      seen_on TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX faces_by_member ON faces (member_id, at_ms);
    CREATE INDEX outbox_faces ON outbox (no) WHERE kind IN ('face-enrolment', 'face-withdrawal');
  `,
};
