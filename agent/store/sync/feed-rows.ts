import type { z } from 'zod';
import type { RowPlace } from '../../../sync/client/ports.ts';
import { documentRowSchema, type FeedRow } from '../../../sync/protocol/feed.ts';
import {
  deniedKeySchema,
  faceTemplateSchema,
  passIssuerSchema,
  storeSchema,
} from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { FedTable } from './fed-table.ts';
import { readBody } from './read-body.ts';

/** Rows of the feed that are kept as they came: tables without one of their own, and rows that cannot be read. */
export interface FeedRows {
  /** A table whose rows live here alone; `onPut` is told of each that is kept. */
  table(name: string, onPut?: (key: string, body: string) => void): FedTable;
  /** The body of a row that can be read. */
  body(table: string, key: string): string | undefined;
  all(table: string): { readonly key: string; readonly body: string }[];
  /** Keys of a table's rows, those that could not be read included. */
  keys(table: string): string[];
  /** The version of a row that could not be read. */
  refusedVer(table: string, key: string): number | undefined;
  /** Rows that could not be read, after a place, at most `limit`, in order. */
  refused(after: RowPlace, limit: number): FeedRow[];
  /** Whether any row of any table could not be read. */
  anyRefused(): boolean;
  refuse(table: string, key: string, ver: number, body: string, why: string): void;
  remove(table: string, key: string): void;
}

/** Those of the tables kept here that this program reads. The others may hold whatever a later version knows. */
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  store: storeSchema,
  document: documentRowSchema,
  'pass-issuer': passIssuerSchema,
  'denied-key': deniedKeySchema,
  face: faceTemplateSchema,
};

export function createFeedRows(connection: Connection): FeedRows {
  const find = connection.statement<{ ver: number; why: string | null }>(
    'SELECT ver, why FROM feed_rows WHERE tbl = ? AND key = ?',
  );
  const body = connection.statement<{ body: string }>(
    'SELECT body FROM feed_rows WHERE tbl = ? AND key = ? AND why IS NULL',
  );
  const all = connection.statement<{ key: string; body: string }>(
    'SELECT key, body FROM feed_rows WHERE tbl = ? AND why IS NULL ORDER BY key',
  );
  const keys = connection.statement<{ key: string }>(
    'SELECT key FROM feed_rows WHERE tbl = ? ORDER BY key',
  );
  const put = connection.statement(`
    INSERT INTO feed_rows VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (tbl, key) DO UPDATE SET ver = excluded.ver, body = excluded.body, why = excluded.why`);
  const remove = connection.statement('DELETE FROM feed_rows WHERE tbl = ? AND key = ?');
  const anyRefused = connection.statement('SELECT 1 FROM feed_rows WHERE why IS NOT NULL LIMIT 1');
  const refused = connection.statement<{ tbl: string; key: string; ver: number; body: string }>(`
    SELECT tbl, key, ver, body FROM feed_rows
    WHERE why IS NOT NULL AND (tbl, key) > (?, ?) ORDER BY tbl, key LIMIT ?`);
  const between = connection.statement<{ key: string; ver: number }>(
    'SELECT key, ver FROM feed_rows WHERE tbl = ? AND key > ? AND key <= ? ORDER BY key',
  );
  const rest = connection.statement<{ key: string; ver: number }>(
    'SELECT key, ver FROM feed_rows WHERE tbl = ? AND key > ? ORDER BY key',
  );

  return {
    table: (name, onPut) => ({
      livesInFeedRows: true,
      find: (key) => find.get(name, key),
      put(key, ver, text) {
        const schema = SCHEMAS[name];
        const read = schema && readBody<unknown>(text, schema);
        if (read?.ok === false) return read.error;
        put.run(name, key, ver, text, null);
        onPut?.(key, text);
        return undefined;
      },
      remove: (key) => void remove.run(name, key),
      range: (after, to) =>
        to === undefined ? rest.all(name, after) : between.all(name, after, to),
    }),
    body: (table, key) => body.get(table, key)?.body,
    all: (table) => all.all(table),
    keys: (table) => keys.all(table).map(({ key }) => key),
    refusedVer(table, key) {
      const row = find.get(table, key);
      return row === undefined || row.why === null ? undefined : row.ver;
    },
    refused: ({ table, key }, limit) =>
      refused.all(table, key, limit).map((row): FeedRow => [row.tbl, row.key, row.ver, row.body]),
    anyRefused: () => anyRefused.get() !== undefined,
    refuse: (table, key, ver, text, why) => void put.run(table, key, ver, text, why),
    remove: (table, key) => void remove.run(table, key),
  };
}
