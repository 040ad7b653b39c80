import { expect, test } from 'vitest';
import { type Member, memberSchema } from '../../../../agent/contract/member.ts';
import { toBase64url } from '../../../../agent/domain/credential/bytes.ts';
import { basket, openTill, POS, RICE, value } from '../../../agent/app/rig.ts';
import { walletCode } from '../../../support/credentials.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { codeOf } from '../books/rig.ts';
import { cleanPassFolders, openPasses, type PassRig } from './pass-rig.ts';

const IT = { kind: 'admin', name: 'it' } as const;
cleanPassFolders();

const issue = (rig: PassRig, memberId: Member['memberId']) =>
  rig.passes.issueWalletCard(IT, { memberId, reason: 'asked for it' }, undefined);
const revoke = (rig: PassRig, memberId: Member['memberId']) =>
  rig.passes.revokeWalletCard(IT, { memberId, reason: 'phone lost' }, undefined);
const rowOf = async (rig: PassRig, memberId: string): Promise<Member> =>
  memberSchema.parse(await rig.body(memberId));

describeOnEngines('a wallet card', (hq) => {
  test('that headquarters issues is taken at a till by the row that it gets, up to the amount of the policy', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1, { cards: ['2900-0001'] });
    const given = must(await issue(rig, memberId));
    expect(given).toMatchObject({
      card: '2900-0001',
      valuePattern: 'TSW1:2900-0001-{totp_timestamp_seconds}-{totp_value_0}',
      digits: 8,
      periodSeconds: 30,
    });
    const till = openTill();
    till.store.members.upsert([await rowOf(rig, memberId)]);
    till.givePoints(memberId, 3_000);
    const secret = toBase64url(Buffer.from(given.secretHex, 'hex'));
    const shown = () => walletCode(given.card, secret, till.time.wallMs);
    const answer = value(await till.till.identify(POS, { text: shown() }));
    expect(answer).toMatchObject({ means: ['wallet'], decision: { level: 'recognised' } });
    const spend = async (points: number) => {
      const { identificationId } = answer;
      const more = { identificationId, pointsToSpend: points };
      const wanted = basket('b1', [{ ...RICE, qty: 10 }], more);
      return value(await till.till.evaluate(POS, wanted)).evaluation.points.spent;
    };
    expect([await spend(500), await spend(501)]).toEqual([500, 0]);

    must(await revoke(rig, memberId));
    till.store.members.upsert([await rowOf(rig, memberId)]);
    value(await till.till.releaseIdentification(POS, answer.identificationId));
    till.time.pass(30_000);
    const late = value(await till.till.identify(POS, { text: shown() }));
    expect(late.outcome).toBe('refused');
  });

  test('takes the place of the one before, and is revoked once', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1, { cards: ['2900-0001'] });
    const secrets = [must(await issue(rig, memberId)), must(await issue(rig, memberId))].map(
      ({ secretHex }) => toBase64url(Buffer.from(secretHex, 'hex')),
    );
    expect(secrets[0]).not.toBe(secrets[1]);
    expect((await rowOf(rig, memberId)).walletSecret).toBe(secrets[1]);
    expect(must(await revoke(rig, memberId))).toEqual({ removed: true });
    expect(must(await revoke(rig, memberId))).toEqual({ removed: false });
    expect((await rowOf(rig, memberId)).walletSecret).toBeUndefined();
  });

  test('needs a member who may be served and has a card number', async () => {
    const rig = await openPasses(hq);
    const noCard = await rig.carried(1, { cards: [] });
    const chinese = await rig.carried(2, { cards: ['卡号2900'] });
    const blocked = await rig.carried(3, { cards: ['2900-0003'], status: 'blocked' });
    const answers = [];
    for (const memberId of [noCard, chinese, blocked, 'nobody' as Member['memberId']])
      answers.push(codeOf(await issue(rig, memberId)));
    expect(answers).toEqual([
      'wallet-no-card',
      'wallet-no-card',
      'member-not-active',
      'member-unknown',
    ]);
  });
});
