import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  MEMBER_MAX_PASS_KEYS,
  type Member,
  memberSchema,
  passCard,
} from '../../../agent/contract/index.ts';
import { createKeyFile } from '../../../agent/main/key-file.ts';
import { openStore } from '../../../agent/store/open-store.ts';
import {
  CREDENTIAL_COUNTERS_PRUNE_MAX,
  CREDENTIAL_USES_MAX,
} from '../../../agent/store/repositories/credential-uses.ts';
import { adoptSnapshot } from '../../../agent/store/snapshot/adopt-snapshot.ts';
import { isPlainMember } from '../../../agent/store/snapshot/is-plain-member.ts';
import { openSnapshotBuild } from '../../../agent/store/snapshot/snapshot-build.ts';
import { passKeyOf, passSigner } from '../../support/credentials.ts';
import {
  closeTill,
  damagedCopy,
  makeSoldFolder,
  openLikeTill,
  PAGE,
  ruinPage,
  treesOf,
} from '../../support/damaged.ts';
import { memberRow } from '../../support/fed-rows.ts';
import { testMember } from '../../support/ledger.ts';
import { must } from '../../support/must.ts';
import { feedBuild, startOf, testSnapshot } from '../../support/snapshots.ts';
import { openTestStore, TEST_NOW_MS, type TestStore } from '../../support/store.ts';
import { fedTill, scrub } from './checks/fed-till.ts';

const USE = { keyId: '00112233445566aa', step: 58_000_000, counter: 7 };
const HOW = { identificationId: 'i-1', atMs: 1_000, untilMs: 91_000 };

function countUses(till: TestStore): unknown {
  return till.withSql((db) => db.prepare('SELECT count(*) FROM credential_uses').pluck().get());
}

/** A member of the test chain with a pass, or with as many keys as a member may have. */
function withPass(n: number, keys = 1): Member {
  const passKeys = Array.from({ length: keys }, () => passKeyOf(passSigner(), TEST_NOW_MS));
  return testMember(n, { passKeys });
}

describe('codes that were taken', () => {
  test('are known with what took them, and the highest counter of their key after them', () => {
    const { credentialUses } = openTestStore().store;
    expect(credentialUses.showing(USE)).toBeUndefined();
    credentialUses.take(USE, HOW);
    credentialUses.take({ ...USE, counter: 3 }, { ...HOW, identificationId: 'i-2' });
    credentialUses.take(USE, { ...HOW, identificationId: 'i-3' });
    expect(credentialUses.showing(USE)).toBe('i-1');
    expect(credentialUses.showing({ ...USE, counter: 8 })).toBeUndefined();
    expect(credentialUses.highest(USE.keyId)).toBe(7);
    expect(credentialUses.highest('ffffffffffffffff')).toBeUndefined();
  });

  test('are forgotten once they are too old, not a millisecond before; their counter stays', () => {
    const { credentialUses } = openTestStore().store;
    credentialUses.take(USE, HOW);
    credentialUses.prune(HOW.untilMs, 0);
    expect(credentialUses.showing(USE)).toBe('i-1');
    credentialUses.prune(HOW.untilMs + 1, 0);
    expect(credentialUses.showing(USE)).toBeUndefined();
    expect(credentialUses.highest(USE.keyId)).toBe(7);
  });

  test('keep their counter as long as a member here has the key, whatever the time', () => {
    const till = openTestStore();
    const { credentialUses, members } = till.store;
    const member = withPass(1);
    const keyId = member.passKeys?.[0]?.keyId ?? '';
    members.upsert([member]);
    credentialUses.take({ ...USE, keyId }, HOW);
    credentialUses.take(USE, HOW);
    credentialUses.prune(0, HOW.atMs);
    expect(credentialUses.highest(USE.keyId)).toBe(7);
    credentialUses.prune(0, HOW.atMs + 1);
    expect(credentialUses.highest(USE.keyId)).toBeUndefined();
    expect(credentialUses.highest(keyId)).toBe(7);
    members.upsert([testMember(1)]);
    credentialUses.prune(0, HOW.atMs + 1);
    expect(credentialUses.highest(keyId)).toBeUndefined();
  });

  test(`are ${CREDENTIAL_USES_MAX} at most: the oldest gives way, and its counter still refuses it`, () => {
    const till = openTestStore();
    till.withSql((db) =>
      db.exec(`
        INSERT INTO credential_uses WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${CREDENTIAL_USES_MAX - 1})
          SELECT printf('%016x', i), 1, i, 'i', 1000 + i FROM n;
        INSERT INTO credential_counters SELECT key_id, counter, 0 FROM credential_uses`),
    );
    const { credentialUses } = till.store;
    const oldest = { keyId: '0000000000000001', step: 1, counter: 1 };
    credentialUses.take(USE, HOW);
    expect([countUses(till), credentialUses.showing(oldest)]).toEqual([CREDENTIAL_USES_MAX, 'i']);
    credentialUses.take({ ...USE, counter: 8 }, HOW);
    expect(countUses(till)).toBe(CREDENTIAL_USES_MAX);
    expect(credentialUses.showing(oldest)).toBeUndefined();
    expect(credentialUses.highest(oldest.keyId)).toBe(1);
    // One housekeeping forgets so many counters and no more.
    credentialUses.prune(0, 1);
    const left = till.withSql((db) =>
      db.prepare('SELECT count(*) FROM credential_counters').pluck().get(),
    );
    expect(left).toBe(CREDENTIAL_USES_MAX - CREDENTIAL_COUNTERS_PRUNE_MAX);
  });

  test('are not forgotten by an adopted snapshot', () => {
    const till = openTestStore();
    till.store.credentialUses.take(USE, HOW);
    const key = till.keyStore.key ?? new Uint8Array();
    const source = testSnapshot(20);
    const { dataDir } = till;
    const building = openSnapshotBuild(
      { dataDir, key, nowMs: 1_000, storeId: 'store-1', fileId: randomBytes(8).toString('hex') },
      startOf(source),
    );
    feedBuild(building, source, 50);
    expect(building.finish().ok).toBe(true);
    building.close();
    till.store.close();
    expect(adoptSnapshot({ dataDir, key, nowMs: 2_000 })).toEqual({ ok: true });
    const { credentialUses } = till.reopen();
    expect([credentialUses.showing(USE), credentialUses.highest(USE.keyId)]).toEqual(['i-1', 7]);
  });

  test('come out of a salvaged database', () => {
    const folder = makeSoldFolder({
      sales: 3,
      prepare: (store) => store.credentialUses.take(USE, HOW),
    });
    const [page = 0] = treesOf(folder).get('members') ?? [];
    const copy = damagedCopy(folder, (path) => {
      expect(statSync(path).size).toBeGreaterThan(page * PAGE);
      ruinPage(path, page);
    });
    onTestFinished(() => {
      folder.remove();
      copy.remove();
    });
    const till = must(openLikeTill(copy.dataDir, folder.key));
    const { credentialUses } = till.store;
    expect([credentialUses.showing(USE), credentialUses.highest(USE.keyId)]).toEqual(['i-1', 7]);
    closeTill(till);
  });

  test('outlive a kill of the agent together with their identifications, each with the other or neither', async () => {
    const root = mkdtempSync(join(tmpdir(), 'tillside-pass-kill-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const [dataDir, keyPath] = [join(root, 'data'), join(root, 'till.key')];
    for (let kill = 1; kill <= 2; kill++) {
      const said = await identifyAndKill(dataDir, keyPath, kill * 5, kill * 2);
      const keyStore = createKeyFile({ path: keyPath, dataDir });
      const clock = { now: () => 0 };
      const store = must(openStore({ dataDir, keyStore, clock, random: randomBytes }));
      expect(said.length).toBeGreaterThan(kill * 5);
      const [keyId = ''] = said;
      const highest = store.credentialUses.highest(keyId) ?? 0;
      expect([said.length - 1, said.length]).toContain(highest);
      const told = store.events
        .after(0, 100_000)
        .flatMap(({ body }) => (body.kind === 'identification' ? [body.identification] : []))
        .filter(({ outcome, means }) => outcome === 'identified' && means.includes('pass'));
      expect(told).toHaveLength(highest);
      const ids = new Set(told.map(({ identificationId }) => identificationId));
      for (let counter = 1; counter <= highest; counter++)
        expect(ids).toContain(store.credentialUses.showing({ keyId, step: 0, counter }));
      store.close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }, 60_000);
});

/** Lets a child identify by one code after another and kills it; answers the key's id and the codes it said. */
async function identifyAndKill(
  dataDir: string,
  keyPath: string,
  codes: number,
  delayMs: number,
): Promise<string[]> {
  const child = spawn(
    process.execPath,
    ['test/support/identify-until-killed.ts', dataDir, keyPath],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise((settle) => child.once('exit', settle));
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
    if (said.split('\n').length > codes + 1) setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  await ended;
  return said.trimEnd().split('\n');
}

describe('the keys of passes', () => {
  test('find their member as a card does, until the row has them no more', () => {
    const { members, sync } = openTestStore().store;
    const member = withPass(1, MEMBER_MAX_PASS_KEYS);
    const [first = '', last = ''] = [member.passKeys?.[0]?.keyId, member.passKeys?.at(-1)?.keyId];
    sync.apply([['member', 'm-1', 5, JSON.stringify(member)]]);
    expect(members.byPassKey(first)?.memberId).toBe('m-1');
    expect(members.byPassKey(last)?.memberId).toBe('m-1');
    expect(members.byCard(passCard(first))).toBeUndefined();
    const fewer = { ...member, passKeys: member.passKeys?.slice(1) };
    sync.apply([['member', 'm-1', 6, JSON.stringify(fewer)]]);
    expect(members.byPassKey(first)).toBeUndefined();
    expect(members.byPassKey(last)?.memberId).toBe('m-1');
    sync.apply([['member', 'm-1', 7, null]]);
    expect(members.byPassKey(last)).toBeUndefined();
  });

  test('find their member in an adopted snapshot', () => {
    const till = openTestStore();
    const member = withPass(21);
    const source = testSnapshot(20, [['member', 'm-21', 50, JSON.stringify(member)]]);
    const key = till.keyStore.key ?? new Uint8Array();
    const { dataDir } = till;
    const building = openSnapshotBuild(
      { dataDir, key, nowMs: 1_000, storeId: 'store-1', fileId: randomBytes(8).toString('hex') },
      startOf(source),
    );
    feedBuild(building, source, 50);
    building.finish();
    building.close();
    till.store.close();
    adoptSnapshot({ dataDir, key, nowMs: 2_000 });
    const { members } = till.reopen();
    expect(members.byPassKey(member.passKeys?.[0]?.keyId ?? '')?.memberId).toBe('m-21');
  });

  test.each([
    ['is gone', `DELETE FROM member_cards WHERE card LIKE 'pass:%'`],
    [
      'leads to another',
      `UPDATE member_cards SET member_no = (SELECT no FROM members WHERE member_id = 'm-4') WHERE card LIKE 'pass:%'`,
    ],
    [
      'nobody has',
      `INSERT INTO member_cards SELECT 'pass:ffffffffffffffff', no FROM members LIMIT 1`,
    ],
  ])('a scrub puts right a key that %s', (_what, sql) => {
    const till = fedTill();
    const { passKeys = [] } = withPass(3);
    till.store.sync.apply([memberRow(3, 101, { passKeys })]);
    scrub(till);
    till.withSql((db) => db.exec(sql));
    expect(scrub(till).mended).toBe(1);
    const { members } = till.store;
    expect(members.byPassKey(passKeys[0]?.keyId ?? '')?.memberId).toBe('m-3');
    expect(members.byPassKey('ffffffffffffffff')).toBeUndefined();
    expect(scrub(till).mended).toBe(0);
  });

  test('a member with a pass is found plain in a snapshot, and with a key that is none by the schema alone', () => {
    const member = withPass(1, MEMBER_MAX_PASS_KEYS);
    expect(isPlainMember(member)).toBe(true);
    const [key] = member.passKeys ?? [];
    const wrong: readonly unknown[] = [
      { ...key, keyId: '00112233445566AA' },
      { ...key, alg: 'none' },
      { ...key, alg: 'p256' },
      { ...key, publicKey: `${key?.publicKey.slice(0, -1)}B` },
      { ...key, validFrom: 'yesterday' },
      null,
    ];
    for (const one of wrong) {
      const changed = { ...member, passKeys: [one] };
      expect([isPlainMember(changed), memberSchema.safeParse(changed).success]).toEqual([
        false,
        false,
      ]);
    }
    const sixth = { ...member, passKeys: [...(member.passKeys ?? []), key] };
    expect([isPlainMember(sixth), memberSchema.safeParse(sixth).success]).toEqual([false, false]);
    const p256 = testMember(2, { passKeys: [passKeyOf(passSigner('p256'), TEST_NOW_MS)] });
    expect([isPlainMember(p256), memberSchema.safeParse(p256).success]).toEqual([true, true]);
  });

  test('rows of issuers and of the deny list that cannot be read stand aside and never stop the feed', () => {
    const { sync } = openTestStore().store;
    const applied = sync.apply([
      ['pass-issuer', '00112233', 5, '{"publicKey":"x"}'],
      ['denied-key', USE.keyId, 6, '{"at":"2026-11-21T02:00:00.000Z"}'],
    ]);
    expect(applied.refused?.map(({ key }) => key)).toEqual(['00112233']);
    expect(sync.fed('pass-issuer', '00112233')).toBeUndefined();
    expect(sync.fed('denied-key', USE.keyId)).toBeDefined();
  });
});
