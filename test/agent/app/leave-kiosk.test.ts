import { expect, test } from 'vitest';
import { PIN_TRIES } from '../../../agent/app/check-pin.ts';
import { CASHIER, failed, MANAGER, openTill, PIN, value } from './rig.ts';

test('a manager lets the window leave kiosk, and who did it is on the audit log', async () => {
  const rig = openTill();
  expect(value(await rig.till.leaveKiosk(MANAGER, PIN))).toEqual({ staffId: MANAGER });
  expect(rig.store.audit.recent(1)).toMatchObject([{ staffId: MANAGER, action: 'kiosk-left' }]);
});

test('a cashier, a wrong PIN and a stranger do not, and leave no such row', async () => {
  const rig = openTill();
  expect(failed(await rig.till.leaveKiosk(CASHIER, PIN)).code).toBe('role-required');
  expect(failed(await rig.till.leaveKiosk(MANAGER, '0000')).code).toBe('pin-wrong');
  expect(failed(await rig.till.leaveKiosk('nobody', PIN)).code).toBe('staff-unknown');
  expect(rig.store.audit.recent(10).filter(({ action }) => action === 'kiosk-left')).toEqual([]);
});

test('PINs that are guessed at the kiosk count like any other', async () => {
  const rig = openTill();
  for (let n = 0; n < PIN_TRIES; n += 1) await rig.till.leaveKiosk(MANAGER, '0000');
  expect(failed(await rig.till.leaveKiosk(MANAGER, PIN)).code).toBe('pin-locked');
});
