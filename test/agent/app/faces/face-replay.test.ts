import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createKeptRules, createReplay } from '../../../../agent/app/replay.ts';
import { evidenceSchema } from '../../../../agent/contract/index.ts';
import { decide } from '../../../../agent/domain/auth-policy/decide.ts';
import { defaultPolicy } from '../../../../agent/domain/auth-policy/default-policy.ts';
import { createLedgerCrypto } from '../../../../agent/store/ledger-crypto.ts';
import { ANNA, basket, commitOf, hold, POS, TEA, value } from '../rig.ts';
import { openFaceTill, openPage, PASSED, three } from './face-rig.ts';

test('a sale that rested on a face replays bit for bit, and so does its decision', async () => {
  const rig = await openFaceTill();
  rig.givePoints(ANNA, 100);
  const identificationId = await rig.claim(ANNA);
  const started = value(rig.start('verify', { identificationId }));
  await (await openPage(rig, started.sessionId)).send(PASSED, ...three(1));
  const request = basket('b-face', [TEA], { identificationId, pointsToSpend: 10 });
  const reply = value(await rig.till.evaluate(POS, request));
  const decision = reply.decisions.find(({ action }) => action === 'redeem-points');
  expect(decision).toMatchObject({ outcome: 'enough', level: 'recognised' });
  const face = decision?.evidence.find(({ means }) => means === 'face');
  expect(evidenceSchema.parse(face)).toEqual(face);
  expect(face).toMatchObject({ liveness: 'challenge', scoreMilliNats: 4_000, qualityBp: 9_000 });
  await hold(rig, reply);
  value(await rig.till.commit(POS, commitOf(reply)));

  const replay = createReplay({
    store: rig.store,
    crypto: createLedgerCrypto(randomBytes),
    rulesOf: createKeptRules(rig.store.documents),
  });
  const sale = [...rig.store.ledger.after(0, 10)].find(({ header }) => header.kind === 'sale');
  if (sale === undefined || decision === undefined) throw new Error('no sale');
  expect(replay(sale).state).toBe('equal');

  const again = decide({
    policy: defaultPolicy,
    action: decision.action,
    amountMinor: decision.amountMinor,
    storeTier: 'standard',
    evidence: JSON.parse(JSON.stringify(decision.evidence)),
    state: decision.state,
    nowMs: rig.time.wallMs,
    offered: ['card', 'phone', 'face'],
  });
  expect(JSON.stringify(again)).toBe(JSON.stringify(decision));
});
