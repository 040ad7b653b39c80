import type { Connection } from '../sqlite/connection.ts';
import type { ScreenTokensRepository } from '../store.ts';

/** Tokens of the till's own windows, by hash, each until it expires. */
export function createScreens(connection: Connection): ScreenTokensRepository {
  const add = connection.statement('INSERT INTO screens VALUES (?, ?)');
  const valid = connection.statement(
    'SELECT 1 FROM screens WHERE token_hash = ? AND expires_at_ms > ?',
  );
  const prune = connection.statement('DELETE FROM screens WHERE expires_at_ms <= ?');

  return {
    add: (tokenHash, expiresAtMs) => void add.run(tokenHash, expiresAtMs),
    valid: (tokenHash, nowMs) => valid.get(tokenHash, nowMs) !== undefined,
    prune: (nowMs) => void prune.run(nowMs),
  };
}
