import type { Connection } from '../sqlite/connection.ts';

/** Whether a member joined at this till, as far as the outbox still tells. */
export function createJoinedHere(connection: Connection): (memberId: string) => boolean {
  const joined = connection.statement(
    `SELECT 1 FROM outbox WHERE kind = 'join' AND body ->> '$.provisionalId' = ? LIMIT 1`,
  );
  return (memberId) => joined.get(memberId) !== undefined;
}
