import { expect, test } from 'vitest';
import { LOCK_MS, STATEMENT_MS } from '../../../../sync/hq/database/open-postgres.ts';
import { failureOf } from '../../../../sync/hq/server/describe-error.ts';
import { startNewTimeline } from '../../../../sync/hq/tills/new-timeline.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';

describeOnEngines(
  'a database server',
  (hq) => {
    test('ends statements that work or wait for a lock too long, and the caller comes again', async () => {
      const db = await hq.fresh();
      const setting = (name: string) =>
        db.query<{ ms: number }>('SELECT setting::bigint AS ms FROM pg_settings WHERE name = $1', [
          name,
        ]);
      expect(await setting('statement_timeout')).toEqual([{ ms: STATEMENT_MS }]);
      expect(await setting('lock_timeout')).toEqual([{ ms: LOCK_MS }]);
      const held = Promise.withResolvers<void>();
      const taken = Promise.withResolvers<void>();
      const holder = db.transaction(async (tx) => {
        await tx.query('SELECT pg_advisory_xact_lock(7)');
        taken.resolve();
        await held.promise;
      });
      await taken.promise;
      const waiter = db.transaction(async (tx) => {
        await tx.query("SELECT set_config('lock_timeout', '50', true)");
        await tx.query('SELECT pg_advisory_xact_lock(7)');
      });
      const error: unknown = await waiter.catch((cause: unknown) => cause);
      expect(failureOf(error)).toEqual({ code: 'busy' });
      held.resolve();
      await holder;
    });

    test('begins no new timeline while another process of headquarters works on it', async () => {
      const db = await hq.fresh();
      const other = await hq.another(db);
      const [before] = await db.query("SELECT value FROM hq_meta WHERE name = 'timeline'");
      await other.query('SELECT 1');
      expect(await startNewTimeline(db)).toBeNull();
      expect(await db.query("SELECT value FROM hq_meta WHERE name = 'timeline'")).toEqual([before]);
    });
  },
  ['postgresql'],
);
