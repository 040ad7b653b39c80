import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MEMBER_MAX_PASS_KEYS, passIssuerSchema } from '../../../../agent/contract/credential.ts';
import { type Member, memberSchema } from '../../../../agent/contract/member.ts';
import { parseCertificate } from '../../../../agent/domain/credential/certificate.ts';
import { findHits } from '../../../../sync/hq/books/find-member.ts';
import { migrate } from '../../../../sync/hq/migrate.ts';
import { HQ_MIGRATIONS } from '../../../../sync/hq/migrations.ts';
import { TIER_UNSAID } from '../../../../sync/hq/pass/certify.ts';
import { forgetPasses, PASS_KEYS_ENDED_MAX } from '../../../../sync/hq/pass/forget-passes.ts';
import { ISSUERS_KEPT_MAX } from '../../../../sync/hq/pass/pass-issuers.ts';
import { HOME_ONLY } from '../../../../sync/hq/records/members-rule.ts';
import { writeMembers } from '../../../../sync/hq/records/write-members.ts';
import {
  PASS_CALLS_MAX,
  PASS_CODE_TTL_MS,
  PASS_CODES_MAX,
  PASS_CODES_OPEN_MAX,
  PASS_GUESS_WINDOW_MS,
  PASS_GUESSES_MAX,
  PASS_KEY_DAYS,
  PASS_REQUEST_WINDOW_MS,
  passRequestBytes,
} from '../../../../sync/protocol/pass.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { newTestPhone, type TestPhone } from '../../../support/test-phone.ts';
import { codeOf } from '../books/rig.ts';
import { cleanPassFolders, HQ_URL, openPasses, type PassRig } from './pass-rig.ts';

const DAY_MS = 24 * 60 * 60_000;
cleanPassFolders();

/** A certificate with the issuer's signature proved against what tills are given. */
async function certificateOf(rig: PassRig, text: string) {
  const certificate = parseCertificate(Buffer.from(text, 'base64url'));
  if (certificate === undefined) throw new Error('no certificate');
  const [row] = await rig.db.query<{ body: string }>(
    'SELECT body FROM pass_issuers WHERE issuer_id = $1',
    [certificate.issuerId],
  );
  const issuer = passIssuerSchema.parse(JSON.parse(row?.body ?? 'null'));
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: issuer.publicKey },
    format: 'jwk',
  });
  expect(verify(null, certificate.signed, key, certificate.signature)).toBe(true);
  return certificate;
}

describeOnEngines('a pass', (hq) => {
  test.each(['ed25519', 'p256'] as const)(
    'of a phone with a key of %s is certified, and tills find its member by the key',
    async (alg) => {
      const rig = await openPasses(hq);
      const memberId = await rig.carried(1, {
        name: '王小明',
        tier: 'gold',
        entitlements: [{ kind: 'parking' }],
      });
      await rig.lot(memberId, 'lot-1', 250);
      const phone = newTestPhone(alg);
      const asked = await rig.code(memberId);
      expect(asked.url).toBe(`${HQ_URL}/pass/#${asked.code}`);
      const reply = must(await rig.passes.linkPass(rig.open, phone.link(asked.code), undefined));
      expect(reply).toMatchObject({
        memberId,
        maskedName: '王*明',
        keyId: phone.keyId,
        tier: 'gold',
        points: 250,
        benefits: [{ kind: 'parking' }],
        ended: 0,
        asOf: rig.now(),
      });
      const certificate = await certificateOf(rig, reply.certificate);
      expect(certificate).toMatchObject({ alg, memberId, tier: 'gold' });
      expect(Buffer.from(certificate.publicKey).toString('base64url')).toBe(phone.publicKey);
      const seconds = rig.clockMs / 1_000;
      expect(certificate.validFromSeconds).toBeLessThan(seconds);
      expect(certificate.validUntilSeconds - seconds).toBe(PASS_KEY_DAYS * 86_400);

      const member = memberSchema.parse(await rig.body(memberId));
      expect(member.passKeys).toMatchObject([
        { keyId: phone.keyId, alg, publicKey: phone.publicKey },
      ]);
      const card = { by: 'card', value: `pass:${phone.keyId}` } as const;
      expect(must(await findHits(rig.db, card))).toEqual([memberId]);
    },
  );

  test('is linked by a code once, within ten minutes, and the same phone may ask again', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const phone = newTestPhone();
    const { code } = await rig.code(memberId);
    const link = (who = phone) => rig.passes.linkPass(rig.open, who.link(code), undefined);
    const first = must(await link());
    expect(must(await link())).toEqual(first);
    expect(codeOf(await link(newTestPhone()))).toBe('pass-code-wrong');
    const late = await rig.code(memberId);
    rig.clockMs += PASS_CODE_TTL_MS;
    const other = newTestPhone();
    expect(codeOf(await rig.passes.linkPass(rig.open, other.link(late.code), undefined))).toBe(
      'pass-code-wrong',
    );
    expect((await rig.body(memberId)).passKeys).toHaveLength(1);
  });

  test('of a member takes three open codes at most: the oldest ends with a fourth', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const codes = [];
    for (let n = 0; n <= PASS_CODES_OPEN_MAX; n++) {
      codes.push((await rig.code(memberId)).code);
      rig.clockMs += 1_000;
    }
    const answers = [];
    for (const code of codes)
      answers.push(
        codeOf(await rig.passes.linkPass(rig.open, newTestPhone().link(code), undefined)),
      );
    expect(answers).toEqual(['pass-code-wrong', 'ok', 'ok', 'ok']);
  });

  test('is not to be had by guessing: wrong codes are refused for a while, a right one always works', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const guess = () =>
      rig.passes.linkPass(rig.open, newTestPhone().link('0000-0000-0000'), undefined);
    for (let n = 0; n < PASS_GUESSES_MAX; n++)
      expect(codeOf(await guess())).toBe('pass-code-wrong');
    const refused = await guess();
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: 'pass-guesses',
        detail: { retryAfterSeconds: PASS_GUESS_WINDOW_MS / 1_000 },
      },
    });
    const alarms = await rig.db.query<{ code: string }>('SELECT code FROM alarms');
    expect(alarms).toEqual([{ code: 'pass-codes-guessed' }]);
    await rig.linked(memberId, newTestPhone());
    rig.clockMs += PASS_GUESS_WINDOW_MS;
    expect(codeOf(await guess())).toBe('pass-code-wrong');
  });

  test('is given to members whom the store carries and who may be served, and to so many', async () => {
    const rig = await openPasses(hq);
    const till = rig.till('till-1').caller;
    const ask = async (memberId: string) =>
      codeOf(await rig.passes.issuePassCode(till, { memberId: memberId as never }, undefined));
    expect(await ask('nobody')).toBe('member-unknown');
    expect(await ask(await rig.member(1))).toBe('member-unknown');
    expect(await ask(await rig.carried(2, { status: 'blocked' }))).toBe('member-not-active');
    expect(await ask(await rig.carried(3, { validUntil: '2026-11-20' }))).toBe('member-not-active');
    const memberId = await rig.carried(4);
    for (let n = 0; n < PASS_CODES_MAX; n++) expect(await ask(memberId)).toBe('ok');
    expect(await ask(memberId)).toBe('pass-codes-many');
  });

  test('of another key than the one that signed is refused, and so is a key that is none', async () => {
    const rig = await openPasses(hq);
    const { code } = await rig.code(await rig.carried(1));
    const phone = newTestPhone('p256');
    const link = phone.link(code);
    const refused = async (changes: object) =>
      codeOf(await rig.passes.linkPass(rig.open, { ...link, ...changes }, undefined));
    expect(await refused({ publicKey: newTestPhone('p256').publicKey })).toBe('pass-proof-wrong');
    expect(await refused({ alg: 'ed25519' })).toBe('invalid-input');
    // 0x05 begins no compressed point.
    const noPoint = Buffer.from(phone.publicKey, 'base64url');
    noPoint[0] = 5;
    expect(await refused({ publicKey: noPoint.toString('base64url') })).toBe('invalid-input');
    expect(await refused({})).toBe('ok');
  });

  test('beyond five of one member ends the oldest, which every till is told to refuse', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const phones = Array.from({ length: MEMBER_MAX_PASS_KEYS + 1 }, () => newTestPhone());
    for (const [n, phone] of phones.entries()) {
      const { ended } = await rig.linked(memberId, phone);
      expect(ended).toBe(n < MEMBER_MAX_PASS_KEYS ? 0 : 1);
      rig.clockMs += 60_000;
    }
    const keys = (await rig.body(memberId)).passKeys?.map(({ keyId }) => keyId);
    expect(keys).toEqual(phones.slice(1).map(({ keyId }) => keyId));
    expect(await rig.fed('denied_keys')).toEqual([phones[0]?.keyId]);
    const [oldest] = phones;
    const asked = (oldest as TestPhone).asks('refresh', rig.now());
    const refresh = await rig.passes.refreshPass(rig.open, asked, undefined);
    expect(codeOf(refresh)).toBe('pass-unknown');
  });

  test('refreshes itself by a request that its key signs at about the time of headquarters', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1, { tier: 'standard' });
    const phone = newTestPhone();
    const linked = await rig.linked(memberId, phone);
    const ask = (at: string, changes: object = {}) =>
      rig.passes.refreshPass(rig.open, { ...phone.asks('refresh', at), ...changes }, undefined);
    expect(must(await ask(rig.now())).certificate).toBe(linked.certificate);
    const edge = new Date(rig.clockMs - PASS_REQUEST_WINDOW_MS).toISOString();
    expect(codeOf(await ask(edge))).toBe('ok');
    const early = new Date(rig.clockMs - PASS_REQUEST_WINDOW_MS - 1).toISOString();
    expect(await ask(early)).toMatchObject({
      error: { code: 'clock-differs', detail: { at: rig.now() } },
    });
    const removal = phone.asks('remove', rig.now());
    expect(codeOf(await ask(rig.now(), { proof: removal.proof }))).toBe('pass-proof-wrong');
    await rig.db.query('UPDATE members SET body = replace(body, $1, $2)', [
      '"tier":"standard"',
      '"tier":"黄金会员"',
    ]);
    const changed = must(await ask(rig.now()));
    expect(changed.tier).toBe('黄金会员');
    expect((await certificateOf(rig, changed.certificate)).tier).toBe(TIER_UNSAID);
    expect(changed.validUntil).toBe(linked.validUntil);
  });

  test('goes on with a next key that the former one signs; the answer may be lost', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const phone = newTestPhone();
    const next = newTestPhone('p256');
    await rig.linked(memberId, phone);
    rig.clockMs += 60 * DAY_MS;
    const thief = newTestPhone();
    const asked = phone.rotates(next, rig.now());
    const { keyId, at, alg, publicKey } = asked;
    const bytes = passRequestBytes({ purpose: 'rotate', keyId, at, alg, publicKey });
    const stolen = { ...asked, proof: thief.signed(bytes) };
    expect(codeOf(await rig.passes.rotatePass(rig.open, stolen, undefined))).toBe(
      'pass-proof-wrong',
    );
    const request = phone.rotates(next, rig.now());
    const rotated = must(await rig.passes.rotatePass(rig.open, request, undefined));
    expect(rotated.keyId).toBe(next.keyId);
    expect(must(await rig.passes.rotatePass(rig.open, request, undefined))).toEqual(rotated);
    expect((await rig.body(memberId)).passKeys).toMatchObject([{ keyId: next.keyId, alg: 'p256' }]);
    // Its phone has destroyed it: millions of renewals are no news for every till.
    expect(await rig.fed('denied_keys')).toEqual([]);
  });

  test('that its member removes, or that headquarters revokes, counts nowhere any more', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const [one, two] = [newTestPhone(), newTestPhone()];
    await rig.linked(memberId, one);
    await rig.linked(memberId, two);
    const remove = () => rig.passes.removePass(rig.open, one.asks('remove', rig.now()), undefined);
    expect(must(await remove())).toEqual({ removed: true });
    expect(must(await remove())).toEqual({ removed: false });
    const { passes } = must(
      await rig.passes.listPasses({ kind: 'admin', name: 'it' }, { memberId }, undefined),
    );
    expect(passes).toMatchObject([{ keyId: two.keyId }]);
    const revoked = await rig.passes.revokePass(
      { kind: 'admin', name: 'it' },
      { keyId: two.keyId, reason: 'phone lost' },
      undefined,
    );
    expect(must(revoked)).toEqual({ removed: true });
    expect((await rig.body(memberId)).passKeys).toBeUndefined();
    expect(must(await findHits(rig.db, { by: 'card', value: `pass:${two.keyId}` }))).toEqual([]);
    expect(await rig.fed('denied_keys')).toEqual([one.keyId, two.keyId].sort());
  });

  test('that was revoked does not come back by the code that linked it, nor as the next key of another', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const [stolen, other] = [newTestPhone(), newTestPhone()];
    const { code } = await rig.code(memberId);
    const link = () => rig.passes.linkPass(rig.open, stolen.link(code), undefined);
    must(await link());
    await rig.linked(memberId, other);
    must(
      await rig.passes.revokePass(
        { kind: 'admin', name: 'it' },
        { keyId: stolen.keyId, reason: 'phone lost' },
        undefined,
      ),
    );
    expect(codeOf(await link())).toBe('pass-code-wrong');
    const next = other.rotates(stolen, rig.now());
    expect(codeOf(await rig.passes.rotatePass(rig.open, next, undefined))).toBe('pass-unknown');
    expect((await rig.body(memberId)).passKeys).toMatchObject([{ keyId: other.keyId }]);
  });

  test('of a blocked member is refused at every till, and counts again when the member does', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const [kept, revoked] = [newTestPhone(), newTestPhone()];
    await rig.linked(memberId, kept);
    await rig.linked(memberId, revoked);
    const member = (await rig.body(memberId)) as Member;
    const become = (status: Member['status']) =>
      rig.db.transaction((tx) =>
        writeMembers(tx, {
          members: [{ ...member, status }],
          accounts: [],
          rule: HOME_ONLY,
          nowMs: rig.clockMs,
        }),
      );
    await become('blocked');
    expect(await rig.fed('denied_keys')).toEqual([kept.keyId, revoked.keyId].sort());
    must(
      await rig.passes.revokePass(
        { kind: 'admin', name: 'it' },
        { keyId: revoked.keyId, reason: 'phone lost' },
        undefined,
      ),
    );
    await become('active');
    expect(await rig.fed('denied_keys')).toEqual([revoked.keyId]);
  });

  test('of a member who was blocked before headquarters knew of this is refused from its next start on', async () => {
    const db = await hq.fresh({ migrated: false });
    must(
      await migrate(
        db,
        HQ_MIGRATIONS.filter(({ version }) => version < 17),
      ),
    );
    await db.script(`
      INSERT INTO members (member_id, body) VALUES
        ('m-1', '{"memberId":"m-1","status":"blocked"}'), ('m-2', '{"memberId":"m-2","status":"active"}');
      INSERT INTO pass_keys (key_id, member_id, alg, public_key, certificate, tier, linked_at_ms, valid_from_ms, valid_until_ms)
        SELECT 'k-' || member_id, member_id, 'p256', '', '', '', 0, 0, 9 FROM members;`);
    must(await migrate(db, HQ_MIGRATIONS));
    expect(await db.query('SELECT key_id, valid_until_ms FROM denied_keys')).toEqual([
      { key_id: 'k-m-1', valid_until_ms: 9 },
    ]);
  });

  test('ends with the erasure of its member, at tills that never carried them too', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const phone = newTestPhone();
    await rig.linked(memberId, phone);
    await rig.db.query('DELETE FROM members WHERE member_id = $1', [memberId]);
    expect(await rig.fed('denied_keys')).toEqual([phone.keyId]);
    expect(
      await rig.db.query('SELECT 1 FROM pass_keys UNION ALL SELECT 1 FROM pass_codes'),
    ).toEqual([]);
  });

  test('stays with its member where their records are imported again', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const phone = newTestPhone();
    await rig.linked(memberId, phone);
    const member = (await rig.body(memberId)) as Member;
    await rig.db.transaction((tx) =>
      writeMembers(tx, {
        members: [{ ...member, tier: 'gold' }],
        accounts: [],
        rule: HOME_ONLY,
        nowMs: rig.clockMs,
      }),
    );
    const card = { by: 'card', value: `pass:${phone.keyId}` } as const;
    expect(must(await findHits(rig.db, card))).toEqual([memberId]);
  });

  test('is forgotten when its certificate has ended, and so is the refusal of a key', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const [kept, gone] = [newTestPhone(), newTestPhone()];
    await rig.linked(memberId, kept);
    await rig.linked(memberId, gone);
    must(await rig.passes.removePass(rig.open, gone.asks('remove', rig.now()), undefined));
    rig.clockMs += (PASS_KEY_DAYS - 1) * DAY_MS;
    await forgetPasses(rig.deps);
    expect((await rig.body(memberId)).passKeys).toHaveLength(1);
    expect(await rig.fed('denied_keys')).toHaveLength(1);
    rig.clockMs += 2 * DAY_MS;
    await forgetPasses(rig.deps);
    expect((await rig.body(memberId)).passKeys).toBeUndefined();
    expect(await rig.fed('denied_keys')).toEqual([]);
  });

  test('is asked about by so many phones at a time, and the next one is told to come again', async () => {
    const rig = await openPasses(hq);
    const phone = newTestPhone();
    await rig.linked(await rig.carried(1), phone);
    const ask = () => rig.passes.refreshPass(rig.open, phone.asks('refresh', rig.now()), undefined);
    const answers = await Promise.all(Array.from({ length: PASS_CALLS_MAX + 1 }, ask));
    expect(answers.map(codeOf).filter((code) => code === 'busy')).toHaveLength(1);
    expect(answers.map(codeOf).filter((code) => code === 'ok')).toHaveLength(PASS_CALLS_MAX);
    expect(codeOf(await ask())).toBe('ok');
  });

  test('whose certificate has ended goes in rounds of so many, so that no round holds up the others', async () => {
    const rig = await openPasses(hq);
    await rig.db.query(
      `INSERT INTO members (member_id, body)
       SELECT 'x-' || n, '{"memberId":"x-' || n || '","name":"x","tier":"gold"}' FROM generate_series(1, $1) AS n`,
      [PASS_KEYS_ENDED_MAX + 1],
    );
    await rig.db.query(
      `INSERT INTO pass_keys (key_id, member_id, alg, public_key, certificate, tier, linked_at_ms, valid_from_ms, valid_until_ms)
       SELECT to_char(n, 'FM0000000000000000'), 'x-' || n, 'ed25519', '', '', 'gold', 0, 0, 0 FROM generate_series(1, $1) AS n`,
      [PASS_KEYS_ENDED_MAX + 1],
    );
    const left = () => rig.db.query('SELECT 1 FROM pass_keys');
    await forgetPasses(rig.deps);
    expect(await left()).toHaveLength(1);
    await forgetPasses(rig.deps);
    expect(await left()).toEqual([]);
    expect(await rig.fed('denied_keys')).toEqual([]);
  });
});

describeOnEngines('the issuers of passes', (hq) => {
  const admin = { kind: 'admin', name: 'it' } as const;

  test('are two from the start, one of which certifies, and every till is given both', async () => {
    const rig = await openPasses(hq);
    const { issuers } = must(await rig.passes.listPassIssuers(admin, {}, undefined));
    expect(issuers.map(({ state }) => state)).toEqual(['current', 'next']);
    expect(await rig.fed('pass_issuers')).toEqual(issuers.map(({ issuerId }) => issuerId).sort());
    expect(must(await rig.passes.listPassIssuers(admin, {}, undefined)).issuers).toEqual(issuers);
  });

  test('roll over: the next one certifies, the former one stays until its longest certificate ends', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const before = await certificateOf(
      rig,
      (await rig.linked(memberId, newTestPhone())).certificate,
    );
    rig.clockMs += 10 * DAY_MS;
    const rotated = must(await rig.passes.rotatePassIssuer(admin, { reason: 'yearly' }, undefined));
    expect(rotated.issuers.map(({ state }) => state).sort()).toEqual([
      'current',
      'next',
      'retired',
    ]);
    const retired = rotated.issuers.find(({ state }) => state === 'retired');
    expect(retired?.issuerId).toBe(before.issuerId);
    expect(Date.parse(retired?.validUntil ?? '')).toBe(before.validUntilSeconds * 1_000);
    const after = await certificateOf(
      rig,
      (await rig.linked(memberId, newTestPhone())).certificate,
    );
    expect(after.issuerId).toBe(rotated.issuers.find(({ state }) => state === 'current')?.issuerId);
    expect(await rig.fed('pass_issuers')).toHaveLength(3);
    rig.clockMs += 90 * DAY_MS;
    await forgetPasses(rig.deps);
    expect(await rig.fed('pass_issuers')).not.toContain(before.issuerId);
  });

  test('turn by themselves before the current one may not certify a whole term any more', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const first = await certificateOf(
      rig,
      (await rig.linked(memberId, newTestPhone())).certificate,
    );
    rig.clockMs += 700 * DAY_MS;
    const later = await certificateOf(
      rig,
      (await rig.linked(memberId, newTestPhone())).certificate,
    );
    expect(later.issuerId).not.toBe(first.issuerId);
  });

  test('are kept in their file up to a number, the newest first, and retired ones sign never again', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    for (let n = 0; n < ISSUERS_KEPT_MAX; n++) {
      await rig.linked(memberId, newTestPhone());
      must(await rig.passes.rotatePassIssuer(admin, { reason: 'test' }, undefined));
      rig.clockMs += 60_000;
    }
    const file = readFileSync(join(rig.keysFolder, 'pass-issuers.json'), 'utf8');
    const { issuers } = JSON.parse(file) as {
      issuers: { state: string; privateKey: string | null }[];
    };
    expect(issuers).toHaveLength(ISSUERS_KEPT_MAX);
    expect(issuers.slice(0, 2).map(({ state }) => state)).toEqual(['next', 'current']);
    expect(issuers.slice(2).every(({ privateKey }) => privateKey === null)).toBe(true);
    // Tills keep all that still verify something.
    expect(await rig.fed('pass_issuers')).toHaveLength(ISSUERS_KEPT_MAX + 2);
  });
});
