import type { Connection } from '../sqlite/connection.ts';

/** Ids of reservations at headquarters that held sales rest on, and that entries spend which it has yet to receive. */
export function createOpenAllowances(
  connection: Connection,
): (receivedNo: number) => readonly string[] {
  const held = connection.statement<{ id: string }>(
    `SELECT value AS id FROM holds, json_each(holds.allowance_ids) WHERE state = 'HELD'`,
  );
  const waiting = connection.statement<{ id: string }>(`
    SELECT value AS id FROM outbox, json_each(outbox.body, '$.allowanceIds')
    WHERE no > ? AND kind = 'entry' AND body IS NOT NULL`);
  return (receivedNo) => [
    ...new Set([...held.all(), ...waiting.all(receivedNo)].map(({ id }) => id)),
  ];
}
