import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, type MemberId, ok, type PassAlg } from '../../agent/contract/index.ts';
import {
  type CredentialJudgement,
  judgeCredential,
} from '../../agent/domain/credential/judge-credential.ts';
import {
  type CredentialRecord,
  parseCredential,
  recordMessage,
} from '../../agent/domain/credential/record.ts';
import { makePassKey, readPassSigner } from '../../agent/main/issue-credential.ts';
import { openStore } from '../../agent/store/open-store.ts';
import type { Store } from '../../agent/store/store.ts';
import {
  issuerBody,
  judgement,
  passKeyOf,
  type TestPhone,
  testPhone,
} from '../support/credentials.ts';
import { testMember } from '../support/ledger.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { compare } from './measure.ts';

const NOW_MS = Date.parse('2026-11-21T08:30:00.000Z');
const MEMBERS = 100_000;
const BATCH = 20_000;

/** A store in a temporary folder with one member of the phone among many; removed afterwards. */
async function withMembers(
  phone: TestPhone,
  measure: (store: Store) => Promise<BenchmarkResult>,
): Promise<BenchmarkResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-bench-'));
  const key = randomBytes(32);
  const keyStore = { load: () => ok(key), save: () => ok(undefined) };
  const opened = openStore({ dataDir, keyStore, clock: { now: () => 0 }, random: randomBytes });
  assert(opened.ok, 'the store opens');
  const store = opened.value;
  try {
    for (let from = 0; from < MEMBERS; from += BATCH)
      store.transaction(() =>
        store.members.upsert(Array.from({ length: BATCH }, (_, i) => testMember(from + i))),
      );
    const passKeys = [passKeyOf(phone.signer, NOW_MS)];
    store.members.upsert([testMember(MEMBERS, { memberId: phone.memberId, passKeys })]);
    return await measure(store);
  } finally {
    store.close();
    rmSync(dataDir, { recursive: true });
  }
}

/** What a till asks its database for. */
function judgementOf(store: Store): CredentialJudgement {
  return judgement({
    nowMs: NOW_MS,
    holderOf(keyId) {
      const member = store.members.byPassKey(keyId);
      if (member === undefined) return undefined;
      const { memberId, passKeys = [], updatedAt } = member;
      return { memberId, passKeys, updatedAtMs: Date.parse(updatedAt) };
    },
    isDenied: (keyId) => store.sync.fed('denied-key', keyId) !== undefined,
    seen: (use) => (store.credentialUses.showing(use) === undefined ? 'never' : 'used'),
    highestCounter: (keyId) => store.credentialUses.highest(keyId),
  });
}

/** The signature alone, by a key that is imported already. */
function bareVerify(phone: TestPhone, pem: string, record: CredentialRecord): () => boolean {
  const key = createPublicKey(pem);
  const message = recordMessage(phone.memberId, record.head);
  return phone.signer.alg === 'ed25519'
    ? () => verify(null, message, key, record.signature)
    : () => verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, record.signature);
}

async function check(alg: PassAlg, isSelfContained: boolean): Promise<BenchmarkResult> {
  const issuer = readPassSigner(makePassKey('ed25519'));
  const pem = makePassKey(alg);
  assert(issuer !== undefined, 'a fresh key can sign');
  const phone = testPhone('m-pass' as MemberId, { alg, issuer, pem, nowMs: NOW_MS });
  const text = isSelfContained ? phone.showCertified(NOW_MS) : phone.show(NOW_MS);
  const record = parseCredential(text);
  assert(record !== undefined, 'the code is read');
  const bare = bareVerify(phone, pem, record);
  return withMembers(phone, async (store) => {
    const known = judgementOf(store);
    const by: CredentialJudgement = isSelfContained
      ? { ...known, holderOf: () => undefined, issuerOf: () => issuerBody(issuer, NOW_MS) }
      : known;
    let taken = 0;
    return compare({
      name: isSelfContained
        ? `devices-credential self-contained ${alg}, two signatures`
        : `devices-credential ${alg} by the key of one of ${MEMBERS} members`,
      baselineName: 'bare node:crypto verify of the one signature of the phone',
      ours(times) {
        for (let i = 0; i < times; i++) if (judgeCredential(parseCredential(text), by).ok) taken++;
        assert(taken > 0, 'the code is taken');
      },
      baseline(times) {
        for (let i = 0; i < times; i++) assert(bare(), 'the signature is right');
      },
    });
  });
}

/** From the text that a scanner read to the verdict: base45, record, member, deny list, signature, window, replay. */
export const benchmarks: readonly Benchmark[] = [
  { name: 'devices-credential-ed25519', run: () => check('ed25519', false) },
  { name: 'devices-credential-p256', run: () => check('p256', false) },
  { name: 'devices-credential-self-contained', run: () => check('ed25519', true) },
];
