import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { openKeys } from '../../../../sync/hq/keys/open-keys.ts';
import { makeOperatorToken } from '../../../../sync/hq/tills/operator-token.ts';
import type { RegistrationTicket } from '../../../../sync/protocol/registration.ts';
import { REGISTRATION_GUESSES_MAX } from '../../../../sync/protocol/registration.ts';
import {
  addStore,
  askHq,
  type HqProcess,
  newTestTill,
  openRequest,
  openSession,
  register,
  startHqProcess,
} from '../../../support/hq.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';

describeOnEngines(
  'two HQ processes on one PostgreSQL',
  (databases) => {
    let folder: string;
    let db: HqDatabase;
    let one: HqProcess;
    let two: HqProcess;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'tillside-two-hq-'));
      db = await databases.fresh({ migrated: false });
      const keys = join(folder, 'keys');
      const start = (name: string) =>
        startHqProcess(join(folder, name), ['--keys', keys, '--database', databases.urlOf(db)]);
      // At once, on an empty database and an empty keys folder.
      [one, two] = await Promise.all([start('one'), start('two')]);
      await addStore(db, 's1');
    }, 60_000);
    afterEach(async () => {
      await Promise.all([one, two].map((hq) => hq?.stop()));
      rmSync(folder, { recursive: true, force: true });
    }, 30_000);

    const operator = (): string => {
      const keys = must(
        openKeys({ folder: join(folder, 'keys'), random: (bytes) => randomBytes(bytes) }),
      );
      return makeOperatorToken({ keys, nowMs: () => Date.now() });
    };
    const ticketAt = async (hq: HqProcess): Promise<RegistrationTicket> =>
      (
        await askHq(hq, '/v1/admin/tickets', {
          token: operator(),
          body: { tillId: 'till-1', storeId: 's1' },
        })
      ).body;

    test('agree on keys and serve one till in turn', async () => {
      expect(one.ca).toBe(two.ca);
      const till = newTestTill(await ticketAt(one));
      expect((await register(two, till)).status).toBe(200);
      const session = await openSession(one, till);
      const { token } = session.body;
      const start = (await askHq(two, '/v1/snapshots', { token, body: {} })).body.start;
      expect(start.timeline).toBe(session.body.timeline);

      const waiting = askHq(two, '/v1/feed', { token, query: { ...start, waitMs: 15_000 } });
      await db.query("INSERT INTO settings VALUES ('join', '{}')");
      const { page } = (await waiting).body;
      const next = await askHq(one, '/v1/feed', { token, query: { ...page.to } });
      expect(next).toMatchObject({ status: 200, body: { page: { rows: [] } } });
      expect((await openSession(two, till)).status).toBe(200);
    }, 60_000);

    test('count guesses together', async () => {
      const till = newTestTill(await ticketAt(one));
      const wrong = newTestTill({ ...till.ticket, code: 'ZZZZ-ZZZZ-ZZZZ-ZZZZ' });
      for (let n = 0; n < REGISTRATION_GUESSES_MAX; n++)
        expect((await register(n % 2 === 0 ? one : two, wrong)).body.code).toBe('code-wrong');
      for (const hq of [one, two])
        expect((await register(hq, wrong)).body.code).toBe('too-many-guesses');
    }, 60_000);

    test('end the stream of a till that the other one revoked', async () => {
      const till = newTestTill(await ticketAt(one));
      await register(one, till);
      const { token } = (await openSession(one, till)).body;
      const start = (await askHq(one, '/v1/snapshots', { token, body: {} })).body.start;
      const stream = await openRequest(two, '/v1/stream', { token, query: { ...start } });
      await askHq(one, '/v1/admin/tills/till-1/revoke', {
        token: operator(),
        body: { tillId: 'till-1', reason: 'stolen' },
      });
      let last = '';
      for await (const line of createInterface({ input: stream })) last = line;
      expect(JSON.parse(last)).toEqual({ t: 'end', code: 'till-revoked' });
    }, 60_000);

    test('one killed: the other numbers what was committed and goes on', async () => {
      const till = newTestTill(await ticketAt(one));
      await register(one, till);
      const { token } = (await openSession(one, till)).body;
      const start = (await askHq(two, '/v1/snapshots', { token, body: {} })).body.start;
      await one.kill();
      await db.query("INSERT INTO settings VALUES ('join', '{}')");
      const { body } = await askHq(two, '/v1/feed', { token, query: { ...start, waitMs: 15_000 } });
      expect(body.page.rows.map(([, key]: [string, string]) => key)).toContain('join');
    }, 60_000);
  },
  ['postgresql'],
);
