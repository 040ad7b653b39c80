import { describe, expect, it } from 'vitest';
import type { FaceEnrolments } from '../../../../agent/app/faces/ports.ts';
import {
  err,
  type FaceAgreement,
  type FaceSessionId,
  failure,
  type IdentificationId,
} from '../../../../agent/contract/index.ts';
import { ANNA, BO, CASHIER, failed, MANAGER, PIN, SCREEN, value } from '../rig.ts';
import {
  change,
  type FaceRig,
  openFaceTill,
  openPage,
  SETTING,
  seenAs,
  three,
} from './face-rig.ts';

/** Bo is not enrolled yet; a manager vouches that it is him. */
async function proven(rig: FaceRig): Promise<IdentificationId> {
  rig.faces.scopes.delete(BO);
  rig.faces.people.delete(BO);
  const identificationId = await rig.claim(BO);
  value(
    await rig.till.override(SCREEN, {
      identificationId,
      action: 'enrol-biometric',
      reason: 'I know him',
      managerId: MANAGER,
      pin: PIN,
    }),
  );
  return identificationId;
}

function agreement(sessionId: FaceSessionId, more: Partial<FaceAgreement> = {}): FaceAgreement {
  const { textVersion } = SETTING;
  return { sessionId, textVersion, language: 'zh-CN', scope: 'store', ...more };
}

async function enrolling(rig: FaceRig): Promise<FaceSessionId> {
  const identificationId = await proven(rig);
  return value(rig.start('enrol', { identificationId, by: 'customer' })).sessionId;
}

describe('a session that enrols', () => {
  it('needs more proof than a card; which is said', async () => {
    const rig = await openFaceTill();
    const identificationId = await rig.claim(BO);
    const started = value(
      await rig.till.faces.start({ purpose: 'enrol', by: 'customer', identificationId }),
    );
    expect(started).toMatchObject({
      outcome: 'proof-needed',
      decision: { action: 'enrol-biometric', outcome: 'need-more', needed: 'verified' },
    });
    expect(await rig.session()).toBeNull();
  });

  it('hands the words, the witness and at least three captures on, and tells the end', async () => {
    const rig = await openFaceTill();
    const sessionId = await enrolling(rig);
    value(await rig.till.faces.agree(agreement(sessionId, { scope: 'chain', language: 'en' })));
    const page = await openPage(rig, sessionId);
    expect(value(await page.send(...three(2).slice(1))).wanted).toBe(true);
    expect(value(await page.send(...three(2).slice(2))).wanted).toBe(false);
    const sentence = { en: 'The face is enrolled' };
    expect(await rig.session()).toMatchObject({ outcome: 'enrolled', sentence });
    const [made] = rig.faces.enrolled;
    expect(made).toMatchObject({
      memberId: BO,
      scope: 'chain',
      textVersion: SETTING.textVersion,
      language: 'en',
      witnessId: CASHIER,
      agreedAtMs: rig.time.wallMs,
    });
    expect(made?.captures.map((one) => [...one])).toEqual(
      Array.from({ length: 3 }, () => [...seenAs(2)]),
    );
  });

  it('overwrites what it handed on', async () => {
    const rig = await openFaceTill();
    const handed: Float32Array[] = [];
    enrolBy(rig, async ({ captures }) => {
      handed.push(...captures);
      return err(failure('face-captures'));
    });
    const sessionId = await enrolling(rig);
    value(await rig.till.faces.agree(agreement(sessionId)));
    await (await openPage(rig, sessionId)).send(...three(2));
    expect(handed).toHaveLength(3);
    for (const capture of handed) expect(capture.every((number) => number === 0)).toBe(true);
  });

  it('shows the member what they agree to, in both languages', async () => {
    const rig = await openFaceTill();
    const { textVersion, storeText, chainText } = SETTING;
    expect(value(await rig.till.faces.consent())).toEqual({ textVersion, storeText, chainText });
  });

  it('runs no camera without consent', async () => {
    const rig = await openFaceTill();
    const sessionId = await enrolling(rig);
    expect(await rig.session()).toMatchObject({ phase: 'consent' });
    expect(value(await rig.till.faces.wanted(undefined)).session).toBeNull();
    expect(failed(await rig.till.faces.open(sessionId)).code).toBe('face-session-unknown');
    const waits = rig.till.faces.wanted(null);
    value(await rig.till.faces.agree(agreement(sessionId)));
    const wanted = { sessionId, purpose: 'enrol', challenge: [] };
    expect(value(await waits).session).toMatchObject(wanted);
  });

  it('ends on a text that headquarters has replaced, before the consent or after it', async () => {
    const rig = await openFaceTill();
    const sessionId = await enrolling(rig);
    expect(
      failed(await rig.till.faces.agree(agreement(sessionId, { textVersion: 'face-0' }))),
    ).toMatchObject({ code: 'consent-outdated', data: { consentVersion: 'face-1' } });
    value(await rig.till.faces.agree(agreement(sessionId)));
    const page = await openPage(rig, sessionId);
    rig.set({ textVersion: 'face-2' });
    await page.send(...three(2));
    expect(await rig.session()).toMatchObject({ outcome: 'refused', reason: 'not-taken' });
    expect(rig.faces.enrolled).toEqual([]);
  });

  it('alone takes a consent', async () => {
    const rig = await openFaceTill();
    const { sessionId } = value(rig.start('identify'));
    for (const id of [sessionId, 'another-session' as FaceSessionId])
      expect(failed(await rig.till.faces.agree(agreement(id))).code).toBe('face-session-unknown');
  });

  it('makes no template of a member who is found to be a minor meanwhile', async () => {
    const rig = await openFaceTill();
    const sessionId = await enrolling(rig);
    value(await rig.till.faces.agree(agreement(sessionId)));
    change(rig, BO, { birthday: '2020-02-02' });
    await (await openPage(rig, sessionId)).send(...three(2));
    expect(await rig.session()).toMatchObject({ outcome: 'refused', reason: 'minor' });
    expect(rig.faces.enrolled).toEqual([]);
  });

  it('tells why a template was not made', async () => {
    const rig = await openFaceTill();
    enrolBy(rig, async () => err(failure('storage-full')));
    const sessionId = await enrolling(rig);
    value(await rig.till.faces.agree(agreement(sessionId)));
    await (await openPage(rig, sessionId)).send(...three(2));
    const session = await rig.session();
    expect(session).toMatchObject({ outcome: 'refused', reason: 'not-taken' });
    expect(session?.sentence.en).toContain('disk is full');
  });

  it('takes the template back where it was cancelled while that was made', async () => {
    const rig = await openFaceTill();
    const sessionId = await enrolling(rig);
    value(await rig.till.faces.agree(agreement(sessionId)));
    const page = await openPage(rig, sessionId);
    rig.faces.meanwhile = () => void rig.till.faces.cancel(sessionId);
    await page.send(...three(2));
    expect(await rig.session()).toMatchObject({ outcome: 'ended', reason: 'cancelled' });
    expect(rig.faces.withdrawals).toMatchObject([{ memberId: BO, staffId: CASHIER }]);
    expect(rig.faces.scopes.has(BO)).toBe(false);
  });
});

function enrolBy(rig: FaceRig, enrol: FaceEnrolments['enrol']): void {
  (rig.faces.enrolments as { enrol: FaceEnrolments['enrol'] }).enrol = enrol;
}

describe('withdrawing the consent', () => {
  it.each([
    ['customer', 'customer-screen'],
    ['cashier', 'staff'],
  ] as const)(
    'at the screen of the %s needs the member, and gives a receipt',
    async (by, channel) => {
      const rig = await openFaceTill();
      const nobody = 'nobody-there' as IdentificationId;
      expect(failed(await rig.till.faces.withdraw({ by, identificationId: nobody })).code).toBe(
        'face-member-needed',
      );
      const card = await rig.claim(ANNA);
      expect(value(await rig.till.faces.withdraw({ by, identificationId: card }))).toMatchObject({
        outcome: 'proof-needed',
        decision: { action: 'withdraw-consent' },
      });
      value(await rig.till.identify(SCREEN, { phoneDigits: '1234', identificationId: card }));
      const receipt = value(await rig.till.faces.withdraw({ by, identificationId: card }));
      expect(receipt).toMatchObject({ outcome: 'withdrawn', destroyed: 1 });
      expect(rig.faces.withdrawals).toMatchObject([{ memberId: ANNA, channel, staffId: CASHIER }]);
    },
  );

  it('works where faces are switched off', async () => {
    const rig = await openFaceTill();
    const identificationId = await rig.claim(ANNA);
    value(await rig.till.identify(SCREEN, { phoneDigits: '1234', identificationId }));
    rig.set({ offInStores: ['store-1'] as never });
    const done = await rig.till.faces.withdraw({ by: 'cashier', identificationId });
    expect(value(done).outcome).toBe('withdrawn');
  });
});
