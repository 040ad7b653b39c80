import type { Migration } from './migration.ts';

/**
 * Which device has which role at this till, and what its devices did day by day. The till's own: both come over into an
 * adopted snapshot and out of a salvaged database.
 */
export const migration: Migration = {
  version: 33,
  name: 'devices',
  sql: `
    CREATE TABLE device_bindings (
      role TEXT PRIMARY KEY,
      driver TEXT NOT NULL,
      vid TEXT NOT NULL,
      pid TEXT,
      serial TEXT,
      -- The socket, where no serial number tells the device from its like.
      port_path TEXT,
      -- What people know it by.
      name TEXT,
      bound_ms INTEGER NOT NULL,
      -- NULL = somebody at a till that had no staff yet.
      bound_by TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE device_statistics (
      day TEXT NOT NULL,
      device_id TEXT NOT NULL,
      scans INTEGER NOT NULL,
      partial INTEGER NOT NULL,
      dropped INTEGER NOT NULL,
      duplicates INTEGER NOT NULL,
      unknown_symbology INTEGER NOT NULL,
      comm_errors INTEGER NOT NULL,
      unplugs INTEGER NOT NULL,
      reopens INTEGER NOT NULL,
      claim_failures INTEGER NOT NULL,
      ready_ms INTEGER NOT NULL,
      -- In every other state but absent and paused: the device is there and cannot be used.
      troubled_ms INTEGER NOT NULL,
      PRIMARY KEY (day, device_id)
    ) STRICT, WITHOUT ROWID;
  `,
};
