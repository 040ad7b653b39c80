import type { HqDatabase, HqSession } from '../database/database.ts';

/** One transaction whose rows are not urgent: tills get them in their turn, behind what people wait for. */
export function inBulk<T>(db: HqDatabase, work: (tx: HqSession) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.query("SET LOCAL tillside.bulk = 'on'");
    return work(tx);
  });
}
