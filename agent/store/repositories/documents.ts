import { assert } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { DocumentKind, DocumentsRepository, StoredDocument } from '../store.ts';

interface Row {
  readonly kind: string;
  readonly version: number;
  readonly body: string;
  readonly installed_at_ms: number;
}

/** Signed documents by kind and version; versions only go up. */
export function createDocuments(connection: Connection): DocumentsRepository {
  const current = connection.statement<Row>(
    'SELECT * FROM documents WHERE kind = ? ORDER BY version DESC LIMIT 1',
  );
  const byVersion = connection.statement<Row>(
    'SELECT * FROM documents WHERE kind = ? AND version = ?',
  );
  const insert = connection.statement('INSERT INTO documents VALUES (?, ?, ?, ?)');

  return {
    current: (kind) => toDocument(current.get(kind)),
    byVersion: (kind, version) => toDocument(byVersion.get(kind, version)),
    install: (document) =>
      connection.together(() => {
        const { kind, version, body, installedAtMs } = document;
        const same = byVersion.get(kind, version);
        if (same?.body === body) return;
        const newest = current.get(kind)?.version ?? 0;
        assert(version > newest, `${kind} ${version} is not above the installed ${newest}`);
        insert.run(kind, version, body, installedAtMs);
      }),
  };
}

function toDocument(row: Row | undefined): StoredDocument | undefined {
  if (row === undefined) return undefined;
  return {
    kind: row.kind as DocumentKind,
    version: row.version,
    body: row.body,
    installedAtMs: row.installed_at_ms,
  };
}
