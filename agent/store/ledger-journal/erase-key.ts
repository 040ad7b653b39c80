import type { Connection } from '../sqlite/connection.ts';

const SUBJECT_KEY_BYTES = 32;

/**
 * Erases keys whose erasure was lost with the log, as it was done before: overwritten, then removed and noted. To be called
 * in a transaction whose caller empties the log.
 */
export function createKeyEraser(connection: Connection, nowMs: number): (keyId: string) => void {
  const overwrite = connection.statement('UPDATE subject_keys SET key = ? WHERE key_id = ?');
  const remove = connection.statement('DELETE FROM subject_keys WHERE key_id = ?');
  const note = connection.statement('INSERT OR IGNORE INTO erased_keys VALUES (?, ?)');
  return (keyId) => {
    overwrite.run(new Uint8Array(SUBJECT_KEY_BYTES), keyId);
    remove.run(keyId);
    note.run(keyId, nowMs);
  };
}
