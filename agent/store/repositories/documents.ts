import { assert } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { DocumentKind, DocumentsRepository, StoredDocument } from '../store.ts';

interface Row {
  readonly kind: string;
  readonly version: number;
  readonly body: string;
  readonly installed_at_ms: number;
}

const REGISTRATION = '(SELECT registrations FROM sync_state)';

/** Signed documents by kind and version; versions only go up, anew under each registration. */
export function createDocuments(connection: Connection): DocumentsRepository {
  const current = connection.statement<Row>(
    'SELECT * FROM documents WHERE kind = ? ORDER BY registration DESC, version DESC LIMIT 1',
  );
  const sinceRegistered = connection.statement<Row>(
    `SELECT * FROM documents WHERE kind = ? AND registration = ${REGISTRATION} ORDER BY version DESC LIMIT 1`,
  );
  const byVersion = connection.statement<Row>(
    'SELECT * FROM documents WHERE kind = ? AND version = ? ORDER BY registration DESC',
  );
  const isInstalled = connection.statement(
    `SELECT 1 FROM documents WHERE kind = ? AND version = ? AND body = ? AND registration = ${REGISTRATION}`,
  );
  const insert = connection.statement(`INSERT INTO documents VALUES (?, ?, ?, ?, ${REGISTRATION})`);

  return {
    current: (kind) => toDocument(current.get(kind)),
    sinceRegistered: (kind) => toDocument(sinceRegistered.get(kind)),
    byVersion: (kind, version) => toDocument(byVersion.get(kind, version)),
    allOfVersion: (kind, version) => byVersion.all(kind, version).map(read),
    install: (document) =>
      connection.together(() => {
        const { kind, version, body, installedAtMs } = document;
        if (isInstalled.get(kind, version, body) !== undefined) return;
        const newest = sinceRegistered.get(kind)?.version ?? 0;
        assert(version > newest, `${kind} ${version} is not above the installed ${newest}`);
        insert.run(kind, version, body, installedAtMs);
      }),
  };
}

function toDocument(row: Row | undefined): StoredDocument | undefined {
  return row && read(row);
}

function read(row: Row): StoredDocument {
  return {
    kind: row.kind as DocumentKind,
    version: row.version,
    body: row.body,
    installedAtMs: row.installed_at_ms,
  };
}
