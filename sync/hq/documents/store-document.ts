import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import type { SignedDocument } from '../../protocol/signed-document.ts';
import type { HqSession } from '../database/database.ts';

export type DocumentKind = 'rule-set' | 'policy';

/** Version and payload of what is published last; `undefined` where nothing is. */
export async function currentDocument(
  session: HqSession,
  kind: DocumentKind,
): Promise<{ version: number; payload: unknown } | undefined> {
  const [row] = await session.query<{ version: number; signed: Uint8Array }>(
    'SELECT version, signed FROM documents WHERE kind = $1 ORDER BY version DESC LIMIT 1',
    [kind],
  );
  if (row === undefined) return undefined;
  const document = JSON.parse(Buffer.from(row.signed).toString('utf8')) as SignedDocument;
  return { version: Number(row.version), payload: document.payload };
}

/** Files a signed document; its row in the feed tells tills to fetch it. The bytes stored are the bytes sent. */
export async function storeDocument(
  tx: HqSession,
  kind: DocumentKind,
  version: number,
  document: SignedDocument,
  nowMs: number,
): Promise<void> {
  const signed = Buffer.from(JSON.stringify(document), 'utf8');
  const sha256 = createHash('sha256').update(signed).digest('hex');
  const body = canonicalJson({ kind, version, sizeBytes: signed.length, sha256 });
  await tx.query(
    `INSERT INTO documents (kind, version, signed, sha256, body, published_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [kind, version, signed, sha256, body, nowMs],
  );
}
