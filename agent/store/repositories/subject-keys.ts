import { assert } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { SubjectKey, SubjectKeysRepository } from '../store.ts';

/** AES-256. */
const SUBJECT_KEY_BYTES = 32;
const KEY_ID_BYTES = 16;

interface Row {
  readonly key_id: string;
  readonly key: Uint8Array;
}

/** Where keys come from: random bytes and the time of an erasure. */
export interface SubjectKeysSource {
  readonly random: (bytes: number) => Uint8Array;
  readonly nowMs: () => number;
}

/**
 * Keys of members for what the ledger seals. Erasing overwrites the key before its row goes (`secure_delete` then
 * clears the row too) and empties the write-ahead log, so that the key is nowhere in the files.
 */
export function createSubjectKeys(
  connection: Connection,
  source: SubjectKeysSource,
): SubjectKeysRepository {
  const bySubject = connection.statement<Row>(
    'SELECT key_id, key FROM subject_keys WHERE subject = ?',
  );
  const byId = connection.statement<Row>('SELECT key_id, key FROM subject_keys WHERE key_id = ?');
  const insert = connection.statement(
    'INSERT INTO subject_keys (key_id, subject, key) VALUES (?, ?, ?)',
  );
  const overwrite = connection.statement('UPDATE subject_keys SET key = ? WHERE key_id = ?');
  const remove = connection.statement('DELETE FROM subject_keys WHERE key_id = ?');
  const noteErased = connection.statement(
    'INSERT INTO erased_keys (key_id, erased_at_ms) VALUES (?, ?)',
  );

  return {
    forSubject: (subject) =>
      connection.together(() => {
        const known = bySubject.get(subject);
        if (known !== undefined) return toKey(known);
        const keyId = Buffer.from(source.random(KEY_ID_BYTES)).toString('hex');
        const key = new Uint8Array(source.random(SUBJECT_KEY_BYTES));
        assert(key.length === SUBJECT_KEY_BYTES, 'a subject key has 32 bytes');
        insert.run(keyId, subject, key);
        return { keyId, key };
      }),
    byId(keyId) {
      const row = byId.get(keyId);
      return row && toKey(row);
    },
    erase(subject) {
      connection.together(() => {
        const known = bySubject.get(subject);
        if (known === undefined) return;
        overwrite.run(new Uint8Array(SUBJECT_KEY_BYTES), known.key_id);
        remove.run(known.key_id);
        noteErased.run(known.key_id, source.nowMs());
        connection.scrubLog();
      });
    },
  };
}

function toKey(row: Row): SubjectKey {
  return { keyId: row.key_id, key: new Uint8Array(row.key) };
}
