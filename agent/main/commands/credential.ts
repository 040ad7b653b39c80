import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import {
  CERTIFICATE_TIER_MAX,
  CREDENTIAL_COUNTER_MAX,
  type MemberId,
  memberIdSchema,
  ok,
  PASS_ALGS,
  type PassAlg,
  type PassKey,
  type Result,
  toInstant,
} from '../../contract/index.ts';
import { toBase64url } from '../../domain/credential/bytes.ts';
import { stepOf } from '../../domain/credential/record.ts';
import {
  issueCertificate,
  issueCredential,
  makePassKey,
  type PassSigner,
  readPassSigner,
} from '../issue-credential.ts';
import {
  type CredentialInputError,
  passKey,
  readKeyFile,
  readTime,
  readWhole,
  unusable,
} from './credential-input.ts';
import { registerCredentialVerify } from './credential-verify.ts';
import { type CommonOptions, complain, print, withJsonOption } from './io.ts';

/** Days for which a certificate or a key stands where none are given, as headquarters has it. */
const VALID_DAYS = 90;
const VALID_DAYS_MAX = 3_650;

interface IssueOptions extends CommonOptions {
  readonly key: string;
  readonly alg: string;
  readonly member: string;
  readonly at?: string;
  readonly counter: string;
  readonly issuerKey?: string;
  readonly tier: string;
  readonly validDays: string;
}

/** Adds `credential issue|verify`: plays a member's phone, and says of a code what a till would (decision 0029). */
export function registerCredential(program: Command): void {
  const credential = program
    .command('credential')
    .description('issue and verify the rotating codes of member passes');
  withJsonOption(
    credential.command('issue').description('show the code that a phone with this key would show'),
  )
    .requiredOption('--key <file>', 'private key (PEM) of the phone; made where the file is absent')
    .option('--alg <name>', `algorithm of a key that is made: ${PASS_ALGS.join(', ')}`, 'ed25519')
    .requiredOption('--member <id>', 'the member')
    .option('--at <time>', 'time of the code, ISO 8601; this moment where absent')
    .option('--counter <number>', 'counter of the code', '1')
    .option('--issuer-key <file>', 'Ed25519 private key (PEM) that certifies the phone here')
    .option('--tier <name>', 'tier in the certificate', 'standard')
    .option('--valid-days <number>', 'days of key and certificate', String(VALID_DAYS))
    .action(issue);
  registerCredentialVerify(credential);
}

interface IssueInput {
  readonly phone: PassSigner;
  readonly issuer: PassSigner | undefined;
  readonly memberId: MemberId;
  readonly atMs: number;
  readonly counter: number;
  readonly validDays: number;
}

function issue(options: IssueOptions): void {
  const input = readIssue(options);
  if (!input.ok) return complain(options.json, input.error);
  const { phone, issuer, memberId, atMs, counter, validDays } = input.value;
  const key = passKey(phone, atMs, validDays);
  const certificate =
    issuer &&
    issueCertificate(issuer, {
      alg: phone.alg,
      publicKey: phone.publicKey,
      validFromSeconds: Date.parse(key.validFrom) / 1_000,
      validUntilSeconds: Date.parse(key.validUntil) / 1_000,
      tier: options.tier,
      memberId,
    });
  const use = { memberId, step: stepOf(atMs), counter };
  const code = issueCredential(phone, use, certificate);
  const report = {
    text: code,
    at: toInstant(atMs),
    use: { keyId: phone.keyId, step: use.step, counter },
    member: { memberId, passKeys: [key] },
    ...(issuer === undefined ? {} : { issuer: issuerRow(issuer, key) }),
  };
  print(options.json, report, () => code);
}

function readIssue(options: IssueOptions): Result<IssueInput, CredentialInputError> {
  const alg = PASS_ALGS.find((one) => one === options.alg);
  if (alg === undefined) return unusable('--alg', options.alg, PASS_ALGS.join(' | '));
  const memberId = memberIdSchema.safeParse(options.member);
  if (!memberId.success) return unusable('--member', options.member, 'm-1');
  const atMs = readTime(options.at);
  if (atMs === undefined) return unusable('--at', options.at ?? '', '2026-11-21T08:30:00Z');
  const counter = readWhole(options.counter, CREDENTIAL_COUNTER_MAX);
  if (counter === undefined)
    return unusable('--counter', options.counter, `0-${CREDENTIAL_COUNTER_MAX}`);
  const validDays = readWhole(options.validDays, VALID_DAYS_MAX);
  if (validDays === undefined)
    return unusable('--valid-days', options.validDays, `0-${VALID_DAYS_MAX}`);
  if (!/^[!-~]+$/.test(options.tier) || options.tier.length > CERTIFICATE_TIER_MAX)
    return unusable('--tier', options.tier, `gold (1-${CERTIFICATE_TIER_MAX} ASCII)`);
  const issuer = readIssuer(options.issuerKey);
  if (!issuer.ok) return issuer;
  const phone = phoneKey(options.key, alg);
  if (!phone.ok) return phone;
  return ok({
    phone: phone.value,
    issuer: issuer.value,
    memberId: memberId.data,
    atMs,
    counter,
    validDays,
  });
}

function readIssuer(
  path: string | undefined,
): Result<PassSigner | undefined, CredentialInputError> {
  if (path === undefined) return ok(undefined);
  const issuer = readKeyFile(path, readPassSigner);
  return issuer.ok && issuer.value.alg !== 'ed25519'
    ? unusable('--issuer-key', path, 'Ed25519')
    : issuer;
}

/** The key of the file, which is made where there is none and read by its owner alone. */
function phoneKey(path: string, alg: PassAlg): Result<PassSigner, CredentialInputError> {
  if (!existsSync(path)) writeFileSync(path, makePassKey(alg), { mode: 0o600, flag: 'wx' });
  return readKeyFile(path, readPassSigner);
}

/** The issuer as the feed has it. */
function issuerRow({ issuerId, publicKey }: PassSigner, { validFrom, validUntil }: PassKey) {
  return { issuerId, publicKey: toBase64url(publicKey), validFrom, validUntil };
}
