import { expect, test } from 'vitest';
import type { RegistrationPort } from '../../../agent/app/deps.ts';
import { err, ok, type Result, type SyncReason, text } from '../../../agent/contract/index.ts';
import { TEST_PLACE } from '../../support/store.ts';
import { CASHIER, failed, MANAGER, openTill, PIN, value } from './rig.ts';

const TICKET = { code: '7K3M-Q9XD-0TVA-5HWC' };
const USED: SyncReason = {
  code: 'code-wrong',
  text: text('注册码不对', 'The code is wrong'),
  remedy: text('换一张', 'Ask for another'),
};

/** A headquarters that answers alike each time. */
function port(answer: Result<typeof TEST_PLACE, SyncReason> = ok(TEST_PLACE)) {
  const asked: unknown[] = [];
  let restarts = 0;
  const registration: RegistrationPort = {
    async register(ticket) {
      asked.push(ticket);
      return answer;
    },
    restart() {
      restarts += 1;
    },
  };
  return { registration, asked, restarts: () => restarts };
}

test('a ticket makes the till one of a headquarters: it is noted by whom, and the till starts again', async () => {
  const { registration, asked, restarts } = port();
  const rig = openTill({ registration });
  value(await rig.till.signIn(MANAGER, PIN));
  const { tillId, store } = TEST_PLACE;
  expect(value(await rig.till.register(JSON.stringify(TICKET)))).toEqual({
    registered: true,
    tillId,
    storeId: store.storeId,
    storeName: store.name,
  });
  expect([asked, restarts()]).toEqual([[TICKET], 1]);
  expect(rig.store.audit.recent(1)).toMatchObject([
    { staffId: MANAGER, action: 'till-registered', detail: { tillId, storeId: store.storeId } },
  ]);
});

test('what headquarters has against it is told in words, and nothing starts again', async () => {
  const { registration, restarts } = port(err(USED));
  const rig = openTill({ registration });
  expect(value(await rig.till.register('{}'))).toEqual({ registered: false, reason: USED });
  expect(restarts()).toBe(0);
  expect(rig.store.audit.recent(5).map(({ action }) => action)).not.toContain('till-registered');
});

test('half a ticket is none, and headquarters is not asked', async () => {
  const { registration, asked } = port();
  const rig = openTill({ registration });
  expect(value(await rig.till.register('{"code":'))).toMatchObject({
    registered: false,
    reason: { code: 'ticket-invalid' },
  });
  expect(asked).toEqual([]);
});

test('a second press while headquarters is asked is refused, and a later one is not', async () => {
  const { registration } = port();
  const rig = openTill({ registration });
  const first = rig.till.register('{}');
  expect(failed(await rig.till.register('{}')).code).toBe('busy');
  value(await first);
  expect(value(await rig.till.register('{}')).registered).toBe(true);
});

test('a program that cannot start itself again says how else', async () => {
  expect(value(await openTill().till.register('{}'))).toMatchObject({
    registered: false,
    reason: { code: 'registration-elsewhere' },
  });
});

test('a keeper is a manager or IT, and anybody only while there is no staff', async () => {
  const rig = openTill();
  expect(failed(rig.till.screenMay('keeper')).code).toBe('staff-required');
  value(await rig.till.signIn(CASHIER, PIN));
  expect(failed(rig.till.screenMay('keeper')).code).toBe('role-required');
  rig.store.staff.upsert(
    { staffId: CASHIER as never, name: CASHIER, role: 'it', active: true },
    `plain:${PIN}`,
  );
  value(rig.till.screenMay('keeper'));
  value(await rig.till.signIn(MANAGER, PIN));
  value(rig.till.screenMay('keeper'));
  value(await rig.till.lock());
  expect(failed(rig.till.screenMay('keeper')).code).toBe('screen-locked');
  const fresh = openTill({ unstaffed: true });
  value(fresh.till.screenMay('keeper'));
  expect(failed(fresh.till.screenMay('manager')).code).toBe('staff-required');
});
