import { expect, it, onTestFinished } from 'vitest';
import type { StaffId } from '../../../../agent/contract/index.ts';
import { claimOf, startFaceTill } from '../../../support/face-till.ts';
import { must } from '../../../support/hq-database.ts';
import { MANAGER } from '../../../support/small-chain.ts';

const SCREEN = { kind: 'screen' } as const;
const { staffId: managerId, pin } = MANAGER;

it('shows a member what is kept of their face, after a proof, and nothing of numbers; a withdrawal answers with its receipt', async () => {
  const till = await startFaceTill({ browserScreens: false });
  onTestFinished(() => till.close());
  must(await till.headless.till.signIn(MANAGER.staffId as StaffId, MANAGER.pin));
  await till.enrol(0, 'chain');
  const { faces, override } = till.headless.till;
  const identificationId = await claimOf(till.headless, 0);
  // A card on the counter is no proof that it is them.
  expect(must(await faces.own({ identificationId }))).toMatchObject({ outcome: 'proof-needed' });
  const vouched = { action: 'withdraw-consent', reason: 'asked for', managerId, pin } as const;
  must(await override(SCREEN, { identificationId, ...vouched }));
  const shown = must(await faces.own({ identificationId }));
  expect(shown).toMatchObject({
    outcome: 'shown',
    retentionDays: 365,
    faces: [
      {
        ...{ scope: 'chain', storeId: 'store-1', isUsable: true, lastSeenOn: null },
        comparisons: 0,
        consent: { textVersion: 'f1', language: 'zh-CN' },
      },
    ],
  });
  expect(JSON.stringify(shown)).not.toMatch(/sealed|templateId|witness/);
  // Switched off, the member may look and withdraw all the same.
  till.set({ offInStores: ['store-1'] as never });
  expect(must(await faces.own({ identificationId }))).toMatchObject({ faces: [{}] });
  const done = must(await faces.withdraw({ identificationId, by: 'customer' }));
  if (done.outcome !== 'withdrawn') throw new Error('a manager vouched');
  expect(done.effect.en).toContain('destroyed the keys of 1 face template');
  expect(must(await faces.own({ identificationId }))).toMatchObject({
    outcome: 'shown',
    faces: [],
  });
}, 60_000);

it('is refused without a member', async () => {
  const till = await startFaceTill({ browserScreens: false });
  onTestFinished(() => till.close());
  must(await till.headless.till.signIn(MANAGER.staffId as StaffId, MANAGER.pin));
  const nobody = await till.headless.till.faces.own({ identificationId: 'nobody-1' as never });
  expect(nobody).toMatchObject({ ok: false, error: { code: 'face-member-needed' } });
}, 60_000);
