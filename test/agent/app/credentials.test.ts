import { describe, expect, test } from 'vitest';
import { HEARTBEAT_MS, HOUSEKEEPING_MS } from '../../../agent/app/heartbeat.ts';
import {
  WALLET_GUESS_WINDOW_MS,
  WALLET_GUESSES_CARD_MAX,
  WALLET_GUESSES_TILL_MAX,
} from '../../../agent/app/wallet-guesses.ts';
import { type MemberId, toInstant } from '../../../agent/contract/index.ts';
import { toBase64url } from '../../../agent/domain/credential/bytes.ts';
import { stepOf } from '../../../agent/domain/credential/record.ts';
import {
  CREDENTIAL_NOTICES,
  credentialRefusalText,
} from '../../../agent/domain/credential/sentences.ts';
import type { Store } from '../../../agent/store/store.ts';
import type { HeadquartersPort, MemberLookupPort } from '../../../sync/client/ports.ts';
import {
  issuerBody,
  passKeyOf,
  passSigner,
  type TestPhone,
  testPhone,
  walletCode,
} from '../../support/credentials.ts';
import { TEST_NOW_MS } from '../../support/store.ts';
import {
  ANNA,
  BO,
  basket,
  commitOf,
  failed,
  headquartersPort,
  hold,
  MANAGER,
  member,
  openTill,
  PIN,
  POS,
  RICE,
  type Rig,
  type RigOptions,
  TEA,
  value,
} from './rig.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const issuer = passSigner();
const WALLET_SECRET = toBase64url(new Uint8Array(20).fill(5));

/** A till without headquarters that carries Anna and Bo with a pass each, and knows the issuer. */
function openPassTill(options: RigOptions = {}) {
  const rig = openTill(options);
  const anna = testPhone(ANNA, { issuer, nowMs: TEST_NOW_MS });
  const bo = testPhone(BO, { issuer, alg: 'p256', nowMs: TEST_NOW_MS });
  rig.store.members.upsert([
    member(ANNA, {
      passKeys: [passKeyOf(anna.signer, TEST_NOW_MS)],
      walletSecret: WALLET_SECRET,
    }),
    member(BO, { passKeys: [passKeyOf(bo.signer, TEST_NOW_MS)], tier: 'silver' }),
  ]);
  feedIssuer(rig);
  return { rig, anna, bo };
}

function feedIssuer(rig: Rig): void {
  const body = JSON.stringify(issuerBody(issuer, TEST_NOW_MS));
  rig.store.sync.apply([['pass-issuer', issuer.issuerId, 5, body]]);
}

const identify = async (rig: Rig, text: string, more: object = {}) =>
  value(await rig.till.identify(POS, { text, ...more }));

/** The same member's pass at two tills that cannot know of each other. */
function apart() {
  const { rig, anna } = openPassTill();
  const other = openTill();
  other.store.members.upsert([member(ANNA, { passKeys: [passKeyOf(anna.signer, TEST_NOW_MS)] })]);
  return { rig, other, anna };
}

async function sellTo(rig: Rig, basketId: string, text: string): Promise<unknown> {
  const { identificationId } = await identify(rig, text);
  const reply = value(await rig.till.evaluate(POS, basket(basketId, [TEA], { identificationId })));
  await hold(rig, reply);
  value(await rig.till.commit(POS, commitOf(reply)));
  const uploads = rig.store.sync.nextUpload(100, 1_000_000);
  return uploads.flatMap((item) => (item.kind === 'entry' ? [item.facts.credential] : [])).at(-1);
}

describe('a pass with headquarters stopped', () => {
  test('verifies, refuses two minutes later, and refuses when replayed', async () => {
    const { rig, anna } = openPassTill();
    const code = anna.show(TEST_NOW_MS);
    const answer = await identify(rig, code);
    expect(answer).toMatchObject({
      outcome: 'identified',
      codeClass: 'member',
      means: ['pass'],
      member: { memberId: ANNA },
      decision: { level: 'verified' },
      notices: [],
    });
    await rig.till.releaseIdentification(POS, answer.identificationId);
    expect(await identify(rig, code)).toMatchObject({
      outcome: 'refused',
      notices: [credentialRefusalText('replayed')],
    });
    const late = anna.show(TEST_NOW_MS);
    rig.time.pass(120_000);
    expect(await identify(rig, late)).toMatchObject({
      outcome: 'refused',
      notices: [credentialRefusalText('too-old')],
    });
    expect(await identify(rig, anna.show(rig.time.wallMs))).toMatchObject({
      outcome: 'identified',
    });
  });

  test('lets the member spend what a card does not, and the entry names the code that was shown', async () => {
    const { rig, anna } = openPassTill();
    rig.givePoints(ANNA, 3_000);
    const many = [{ ...RICE, qty: 10 }];
    const spend = { pointsToSpend: 1_000 };
    const byCard = value(
      await rig.till.evaluate(
        POS,
        basket('b1', many, {
          ...spend,
          identificationId: (await identify(rig, `CARD-${ANNA}`)).identificationId,
        }),
      ),
    );
    const refused = byCard.decisions.find(({ action }) => action === 'redeem-points');
    expect(refused).toMatchObject({ outcome: 'need-more' });
    expect(refused?.stepUp.map(({ means }) => means)).toContain('pass');
    const reply = value(
      await rig.till.evaluate(
        POS,
        basket('b2', many, {
          ...spend,
          identificationId: (await identify(rig, anna.show(TEST_NOW_MS, 77))).identificationId,
        }),
      ),
    );
    expect(reply.evaluation.points.spent).toBe(1_000);
    await hold(rig, reply);
    value(await rig.till.commit(POS, commitOf(reply)));
    const [item] = rig.store.sync.nextUpload(100, 1_000_000);
    expect(item?.kind === 'entry' ? item.facts.credential : undefined).toMatchObject({
      keyId: anna.signer.keyId,
      counter: 77,
    });
  });

  test('nobody is asked for a pass who has none', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 3_000);
    const { identificationId } = await identify(rig, `CARD-${ANNA}`);
    const reply = value(
      await rig.till.evaluate(
        POS,
        basket('b1', [{ ...RICE, qty: 10 }], { identificationId, pointsToSpend: 1_000 }),
      ),
    );
    const refused = reply.decisions.find(({ action }) => action === 'redeem-points');
    expect(refused?.stepUp.map(({ means }) => means)).toEqual([]);
  });

  test('follows the member into the account that theirs was merged into', async () => {
    const { rig, anna } = openPassTill();
    rig.store.members.upsert([
      member(ANNA, {
        passKeys: [passKeyOf(anna.signer, TEST_NOW_MS)],
        status: 'merged',
        mergedInto: BO,
      }),
    ]);
    expect(await identify(rig, anna.show(TEST_NOW_MS))).toMatchObject({
      outcome: 'identified',
      member: { memberId: BO },
    });
  });

  test("the key's id typed as a card finds nobody", async () => {
    const { rig, anna } = openPassTill();
    const typed = await identify(rig, `pass:${anna.signer.keyId}`);
    expect(typed).toMatchObject({ outcome: 'not-a-member-code' });
  });
});

describe('bad input: screenshot replay on the same and on another till', () => {
  test('a screenshot is refused on the same till, for the next basket and after a restart', async () => {
    const { rig, anna } = openPassTill();
    const code = anna.show(TEST_NOW_MS);
    await identify(rig, code, { basketId: 'b1' });
    expect(await identify(rig, code, { basketId: 'b2' })).toMatchObject({ outcome: 'refused' });
    rig.restart();
    expect(await identify(rig, code, { basketId: 'b3' })).toMatchObject({
      outcome: 'refused',
      notices: [credentialRefusalText('replayed')],
    });
  });

  test('a screenshot that is older than a code shown since is refused, though it was never shown itself', async () => {
    const { rig, anna } = openPassTill();
    const screenshot = anna.show(TEST_NOW_MS, 4);
    await identify(rig, anna.show(TEST_NOW_MS, 5), { basketId: 'b1' });
    expect(await identify(rig, screenshot, { basketId: 'b2' })).toMatchObject({
      notices: [credentialRefusalText('counter-went-back')],
    });
  });

  test('a screenshot on another till that is apart is taken there too, and both entries name the same code', async () => {
    const { rig, other, anna } = apart();
    const code = anna.show(TEST_NOW_MS);
    const [here, there] = [await sellTo(rig, 'b1', code), await sellTo(other, 'b1', code)];
    expect(here).toMatchObject({ keyId: anna.signer.keyId });
    expect(there).toEqual(here);
  });

  test('read once more for the identification that it made, a code is the same showing and changes nothing', async () => {
    const { rig, anna } = openPassTill();
    const code = anna.show(TEST_NOW_MS);
    const first = await identify(rig, code);
    expect(await identify(rig, code)).toEqual(first);
    const bound = await identify(rig, code, { basketId: 'b1' });
    expect(bound).toMatchObject({
      identificationId: first.identificationId,
      outcome: 'identified',
      basketId: 'b1',
    });
    expect(await identify(rig, code)).toMatchObject({ identificationId: first.identificationId });
    rig.restart();
    const after = await identify(rig, code, { basketId: 'b1' });
    expect(after).toMatchObject({ identificationId: first.identificationId, notices: [] });
  });

  test('a refused code takes nobody away who was identified before', async () => {
    const { rig, anna, bo } = openPassTill();
    await identify(rig, bo.show(TEST_NOW_MS), { basketId: 'b0' });
    const used = bo.show(TEST_NOW_MS);
    await identify(rig, used, { basketId: 'b0' });
    const first = await identify(rig, anna.show(TEST_NOW_MS), { basketId: 'b1' });
    const again = await identify(rig, used, { basketId: 'b1' });
    expect(again).toMatchObject({
      identificationId: first.identificationId,
      outcome: 'identified',
      member: { memberId: ANNA },
      notices: [credentialRefusalText('replayed')],
    });
  });

  test('what was said of a refused code is gone once the next one is taken', async () => {
    const { rig, anna } = openPassTill();
    const used = anna.show(TEST_NOW_MS);
    await identify(rig, used, { basketId: 'b0' });
    await identify(rig, anna.show(TEST_NOW_MS), { basketId: 'b1' });
    expect((await identify(rig, used, { basketId: 'b1' })).notices).toHaveLength(1);
    expect(await identify(rig, anna.show(TEST_NOW_MS), { basketId: 'b1' })).toMatchObject({
      outcome: 'identified',
      notices: [],
    });
  });

  test('a code is taken with its identification or not at all: a disk that fails in between takes neither', async () => {
    let fails = false;
    const { rig, anna } = openPassTill({
      wrapStore: (store) => ({
        ...store,
        visits: {
          ...store.visits,
          seen(...args) {
            if (fails)
              throw Object.assign(new Error('full'), {
                name: 'StorageError',
                code: 'storage-full',
              });
            store.visits.seen(...args);
          },
        },
      }),
    });
    const code = anna.show(TEST_NOW_MS);
    fails = true;
    expect(failed(await rig.till.identify(POS, { text: code }))).toMatchObject({
      code: 'storage-full',
    });
    expect(rig.store.credentialUses.highest(anna.signer.keyId)).toBeUndefined();
    fails = false;
    expect(await identify(rig, code)).toMatchObject({ outcome: 'identified' });
    expect(rig.store.credentialUses.highest(anna.signer.keyId)).toBe(1);
  });
});

test('codes that are too old go with the housekeeping, and the counter of their key stays', async () => {
  const { rig, anna } = openPassTill();
  await identify(rig, anna.show(TEST_NOW_MS, 7));
  const use = { keyId: anna.signer.keyId, step: stepOf(TEST_NOW_MS), counter: 7 };
  expect(rig.store.credentialUses.showing(use)).toBeDefined();
  rig.time.pass(HOUSEKEEPING_MS + HEARTBEAT_MS);
  expect(rig.store.credentialUses.showing(use)).toBeUndefined();
  expect(rig.store.credentialUses.highest(use.keyId)).toBe(7);
});

describe('a credential of a revoked key', () => {
  test('is refused by the deny list of the feed', async () => {
    const { rig, anna } = openPassTill();
    const body = JSON.stringify({ at: toInstant(TEST_NOW_MS) });
    rig.store.sync.apply([['denied-key', anna.signer.keyId, 9, body]]);
    expect(await identify(rig, anna.show(TEST_NOW_MS))).toMatchObject({
      outcome: 'refused',
      notices: [credentialRefusalText('denied')],
    });
  });

  test('of a blocked member whom this till carries is told as the block that it is, as their card is', async () => {
    const { rig, anna } = openPassTill();
    const passKeys = [passKeyOf(anna.signer, TEST_NOW_MS)];
    rig.store.members.upsert([member(ANNA, { passKeys, status: 'blocked' })]);
    const body = JSON.stringify({ at: toInstant(TEST_NOW_MS) });
    rig.store.sync.apply([['denied-key', anna.signer.keyId, 9, body]]);
    const byCard = await identify(rig, `CARD-${ANNA}`);
    expect(byCard).toMatchObject({ outcome: 'blocked' });
    await rig.till.releaseIdentification(POS, byCard.identificationId);
    const byPass = await identify(rig, anna.show(TEST_NOW_MS));
    expect(byPass).toMatchObject({ outcome: 'blocked', sentence: byCard.sentence, notices: [] });
    await rig.till.releaseIdentification(POS, byPass.identificationId);
    // Its code is judged as any other, and a key that the row lacks is still refused by the list.
    const late = anna.show(TEST_NOW_MS);
    rig.time.pass(120_000);
    expect(await identify(rig, late)).toMatchObject({
      outcome: 'refused',
      notices: [credentialRefusalText('too-old')],
    });
    rig.store.members.upsert([member(ANNA, { passKeys: [], status: 'blocked' })]);
    expect(await identify(rig, anna.showCertified(rig.time.wallMs))).toMatchObject({
      outcome: 'refused',
    });
  });

  test('finds nobody once it is gone from the row', async () => {
    const { rig, anna } = openPassTill();
    rig.store.members.upsert([member(ANNA, { passKeys: [] })]);
    expect(await identify(rig, anna.show(TEST_NOW_MS))).toMatchObject({ outcome: 'unknown' });
  });
});

describe('a member whom this till never synced', () => {
  const stranger = (): TestPhone => testPhone('far', { issuer, tier: 'gold', nowMs: TEST_NOW_MS });

  test('is known by the certificate, gets the benefits of its tier, and is kept as a row of no version', async () => {
    const { rig } = openPassTill();
    const far = stranger();
    const answer = await identify(rig, far.showCertified(TEST_NOW_MS));
    expect(answer).toMatchObject({
      outcome: 'identified',
      member: { memberId: 'far', tier: 'gold' },
      decision: { level: 'verified' },
      notices: [CREDENTIAL_NOTICES.byCertificate],
    });
    const { identificationId } = answer;
    const reply = value(await rig.till.evaluate(POS, basket('b1', [TEA], { identificationId })));
    expect(reply.evaluation.payableMinor).toBe(900);
    // The form without a certificate is enough from then on.
    expect(await identify(rig, far.show(TEST_NOW_MS), { basketId: 'b2' })).toMatchObject({
      outcome: 'identified',
    });
    // What a full copy of headquarters does not have goes, and what finds the member with it.
    rig.store.sync.removeAbsent('member', new Set([ANNA, BO]), { after: '' });
    expect(rig.store.members.byId('far' as MemberId)).toBeUndefined();
    expect(rig.store.members.byPassKey(far.signer.keyId)).toBeUndefined();
  });

  test('is asked of headquarters beside the sale', async () => {
    const asked: unknown[] = [];
    const rig = openTill({ headquarters: online((query) => void asked.push(query)) });
    feedIssuer(rig);
    await identify(rig, stranger().showCertified(TEST_NOW_MS));
    expect(asked).toEqual([{ by: 'member', value: 'far' }]);
  });

  test('with a pass that has no certificate is found through headquarters by its key', async () => {
    const far = stranger();
    const asked: unknown[] = [];
    const rig = openTill({
      headquarters: online((query, store) => {
        asked.push(query);
        store.members.upsert([member('far', { passKeys: [passKeyOf(far.signer, TEST_NOW_MS)] })]);
      }),
    });
    const code = far.show(TEST_NOW_MS);
    const answer = await identify(rig, code);
    expect(asked).toEqual([{ by: 'card', value: `pass:${far.signer.keyId}` }]);
    expect(answer).toMatchObject({ outcome: 'identified', means: ['pass'] });
    await rig.till.releaseIdentification(POS, answer.identificationId);
    expect(await identify(rig, code)).toMatchObject({ outcome: 'refused' });
  });
});

describe('a clock that cannot be trusted', () => {
  test('lowers a pass with the reason shown, and what it proved does not rise when the clock is set right', async () => {
    const { rig, anna } = openPassTill();
    rig.time.wallMs -= DAY_MS;
    const answer = await identify(rig, anna.show(TEST_NOW_MS));
    expect(answer).toMatchObject({
      outcome: 'identified',
      means: ['pass'],
      notices: [CREDENTIAL_NOTICES.clockUntrusted],
      decision: { level: 'claimed' },
    });
    expect(answer.decision?.reasons.map(({ code }) => code)).toContain('capped-clock');
    rig.time.wallMs += DAY_MS;
    const { identificationId } = answer;
    expect(value(await rig.till.identification(identificationId))).toMatchObject({
      decision: { level: 'claimed', state: { clockTrusted: false } },
    });
    expect(await identify(rig, anna.show(TEST_NOW_MS), { identificationId })).toMatchObject({
      decision: { level: 'verified' },
    });
  });

  test('never widens the window: a code outside it names its member as a card does, and no more', async () => {
    const { rig, anna } = openPassTill();
    rig.time.wallMs -= DAY_MS;
    expect(await identify(rig, anna.show(TEST_NOW_MS + HOUR_MS))).toMatchObject({
      outcome: 'identified',
      means: ['card'],
      notices: [CREDENTIAL_NOTICES.freshnessUnknown],
      decision: { level: 'claimed' },
    });
    value(await rig.till.confirmTime(MANAGER, PIN));
    expect(await identify(rig, anna.show(TEST_NOW_MS + HOUR_MS), { basketId: 'b2' })).toMatchObject(
      {
        outcome: 'refused',
      },
    );
  });
});

describe('a deny list that is old', () => {
  test('lowers what a pass proves by the cap of old data, and a card of a fresh row not', async () => {
    const offline = (lastHeardMs: number | null) => (): HeadquartersPort => {
      const port = headquartersPort({ state: () => ({ state: 'offline', sinceMs: 0 }) });
      return { ...port, facts: () => ({ ...port.facts(), lastHeardMs }) };
    };
    for (const [lastHeardMs, level] of [
      [TEST_NOW_MS - 169 * HOUR_MS, 'recognised'],
      [null, 'recognised'],
      [TEST_NOW_MS - 167 * HOUR_MS, 'verified'],
    ] as const) {
      const { rig, anna } = openPassTill({ headquarters: offline(lastHeardMs) });
      const answer = await identify(rig, anna.show(TEST_NOW_MS));
      expect(answer.decision?.level).toBe(level);
    }
  });
});

describe('a wallet card', () => {
  const shown = (rig: Rig): string => walletCode(`CARD-${ANNA}`, WALLET_SECRET, rig.time.wallMs);

  test('recognises, so that it spends up to the amount of the policy and no more', async () => {
    const { rig } = openPassTill();
    rig.givePoints(ANNA, 3_000);
    const { identificationId, ...answer } = await identify(rig, shown(rig));
    expect(answer).toMatchObject({ means: ['wallet'], decision: { level: 'recognised' } });
    const spend = async (points: number) =>
      value(
        await rig.till.evaluate(
          POS,
          basket('b1', [{ ...RICE, qty: 10 }], { identificationId, pointsToSpend: points }),
        ),
      ).evaluation.points.spent;
    expect(await spend(500)).toBe(500);
    expect(await spend(501)).toBe(0);
  });

  test('counts once, over a restart too', async () => {
    const { rig } = openPassTill();
    const code = shown(rig);
    await identify(rig, code, { basketId: 'b1' });
    rig.restart();
    expect(await identify(rig, code, { basketId: 'b2' })).toMatchObject({
      outcome: 'refused',
      notices: [credentialRefusalText('replayed')],
    });
    rig.time.pass(30_000);
    expect(await identify(rig, shown(rig), { basketId: 'b2' })).toMatchObject({
      outcome: 'identified',
    });
  });

  test('shown by a phone whose time is far ahead names its member, and does not lock the card out', async () => {
    const { rig } = openPassTill();
    rig.time.wallMs -= DAY_MS;
    const ahead = walletCode(`CARD-${ANNA}`, WALLET_SECRET, TEST_NOW_MS + 300 * DAY_MS);
    expect(await identify(rig, ahead)).toMatchObject({ outcome: 'identified', means: ['card'] });
    value(await rig.till.confirmTime(MANAGER, PIN));
    rig.restart();
    expect(await identify(rig, ahead, { basketId: 'b2' })).toMatchObject({ outcome: 'refused' });
    expect(await identify(rig, shown(rig), { basketId: 'b3' })).toMatchObject({
      outcome: 'identified',
      means: ['wallet'],
    });
  });

  /** A code of Anna's card whose digits are no code's, other ones each time. */
  const guess = (rig: Rig, n: number, card = `CARD-${ANNA}`): string => {
    const right = walletCode(card, WALLET_SECRET, rig.time.wallMs);
    const digits = (Number(right.slice(-8)) + 1 + n) % 10 ** 8;
    return `${right.slice(0, -8)}${String(digits).padStart(8, '0')}`;
  };

  test('whose digits were guessed at names its member as a card does for a while, and says why', async () => {
    const { rig } = openPassTill();
    for (let n = 0; n < WALLET_GUESSES_CARD_MAX; n++)
      expect(await identify(rig, guess(rig, n))).toMatchObject({ outcome: 'refused' });
    expect(await identify(rig, shown(rig), { basketId: 'b1' })).toMatchObject({
      outcome: 'identified',
      means: ['wallet'],
    });
    rig.time.pass(60_000);
    await identify(rig, guess(rig, WALLET_GUESSES_CARD_MAX));
    expect(await identify(rig, shown(rig), { basketId: 'b2' })).toMatchObject({
      outcome: 'identified',
      means: ['card'],
      notices: [CREDENTIAL_NOTICES.walletGuessed],
      decision: { level: 'claimed' },
    });
    rig.time.pass(WALLET_GUESS_WINDOW_MS);
    expect(await identify(rig, shown(rig), { basketId: 'b3' })).toMatchObject({
      means: ['wallet'],
      notices: [],
    });
  });

  test('counts for less while the digits of many cards are guessed at', async () => {
    const { rig } = openPassTill();
    rig.store.members.upsert([member(BO, { walletSecret: WALLET_SECRET })]);
    const others = Array.from({ length: 20 }, (_, n) => `member-guessed-${n}`);
    rig.store.members.upsert(
      others.map((id) => member(id as MemberId, { walletSecret: WALLET_SECRET })),
    );
    const tries = (many: number) => Array.from({ length: many }, (_, n) => n);
    for (const n of tries(WALLET_GUESSES_TILL_MAX))
      await identify(rig, guess(rig, n, `CARD-${others[n % others.length]}`));
    const ofBo = () => walletCode(`CARD-${BO}`, WALLET_SECRET, rig.time.wallMs);
    expect(await identify(rig, ofBo(), { basketId: 'b1' })).toMatchObject({ means: ['wallet'] });
    await identify(rig, guess(rig, 999, `CARD-${others[0]}`));
    rig.time.pass(60_000);
    expect(await identify(rig, ofBo(), { basketId: 'b2' })).toMatchObject({
      means: ['card'],
      notices: [CREDENTIAL_NOTICES.walletGuessed],
    });
  });

  test('with wrong digits is refused, and of an unknown card names nobody', async () => {
    const { rig } = openPassTill();
    const code = shown(rig);
    const wrong = `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;
    expect(await identify(rig, wrong)).toMatchObject({ outcome: 'refused' });
    expect(
      await identify(rig, walletCode('CARD-nobody', WALLET_SECRET, rig.time.wallMs)),
    ).toMatchObject({ outcome: 'unknown' });
  });
});

test('what a scanner reads as a pass identifies the member, as a card does', async () => {
  const { rig, anna } = openPassTill();
  value(await rig.till.wedgeScan(anna.show(TEST_NOW_MS)));
  expect(value(await rig.till.pendingIdentification())).toMatchObject({
    outcome: 'identified',
    means: ['pass'],
  });
});

/** A headquarters that is online and finds whom the test put there. */
function online(asked: (query: Parameters<MemberLookupPort['find']>[0], store: Store) => void) {
  return (store: Store): HeadquartersPort =>
    headquartersPort({
      state: () => ({ state: 'online', sinceMs: 0 }),
      lookup: {
        find(query) {
          asked(query, store);
          return Promise.resolve({ ok: true, value: ['far' as MemberId] });
        },
      },
    });
}
