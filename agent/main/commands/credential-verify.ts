import type { Command } from 'commander';
import {
  type MemberId,
  memberIdSchema,
  ok,
  type Result,
  type Text,
  text,
} from '../../contract/index.ts';
import { toBase64url } from '../../domain/credential/bytes.ts';
import {
  CREDENTIAL_CHECKS,
  type CredentialCheck,
  type CredentialJudgement,
  judgeCredential,
  type PassHolder,
} from '../../domain/credential/judge-credential.ts';
import { type CredentialRecord, parseCredential } from '../../domain/credential/record.ts';
import { credentialRefusalText } from '../../domain/credential/sentences.ts';
import { toAscii } from '../../domain/identify/to-ascii.ts';
import { createCredentialCrypto } from '../../store/credential-crypto.ts';
import { type PassPublicKey, readPassPublicKey } from '../issue-credential.ts';
import {
  type CredentialInputError,
  passKey,
  readKeyFile,
  readTime,
  unusable,
} from './credential-input.ts';
import { both, type CommonOptions, complain, EXIT, print, withJsonOption } from './io.ts';

/** What stands around a key that the tool was given: it is valid, whatever the time. */
const EVER = { fromMs: 0, days: 36_500 };

interface VerifyOptions extends CommonOptions {
  readonly at?: string;
  readonly key?: string;
  readonly member?: string;
  readonly issuerKey?: string;
}

interface VerifyInput {
  readonly atMs: number;
  readonly holder: PassHolder | undefined;
  readonly issuer: PassPublicKey | undefined;
}

interface CheckLine {
  readonly check: CredentialCheck;
  readonly ok: boolean;
  readonly detail: Text;
}

/** Adds `credential verify`. */
export function registerCredentialVerify(credential: Command): void {
  withJsonOption(
    credential
      .command('verify')
      .description('print each check of a code; deny list and earlier uses only a till knows'),
  )
    .argument('<text>', 'the text of the code, TSP1:...')
    .option('--at <time>', 'time of the till, ISO 8601; this moment where absent')
    .option('--key <file>', 'key (PEM, private or public) that the row of --member carries')
    .option('--member <id>', 'the member whose row carries --key')
    .option('--issuer-key <file>', 'key (PEM, private or public) of the issuer that the till knows')
    .action(verify);
}

function verify(given: string, options: VerifyOptions): void {
  const input = readVerify(options);
  if (!input.ok) return complain(options.json, input.error);
  const record = parseCredential(toAscii(given).trim());
  const judged = judgeCredential(record, judgementOf(input.value));
  const failed = judged.ok ? undefined : judged.error;
  const reached = failed === undefined ? CREDENTIAL_CHECKS : upTo(failed.check);
  const checks = reached.map(
    (check): CheckLine => ({
      check,
      ok: check !== failed?.check,
      detail: check === failed?.check ? credentialRefusalText(failed.code) : passed(check, record),
    }),
  );
  const report = {
    ok: judged.ok,
    ...(failed === undefined ? {} : { code: failed.code }),
    checks,
    ...(record === undefined ? {} : { record: shown(record) }),
    ...(judged.ok ? { memberId: judged.value.memberId, by: judged.value.by } : {}),
  };
  print(options.json, report, () =>
    checks
      .map(({ check, ok, detail }) => `${ok ? 'ok  ' : 'FAIL'} ${check}: ${both(detail)}`)
      .join('\n'),
  );
  process.exitCode = judged.ok ? EXIT.ok : EXIT.problems;
}

function readVerify(options: VerifyOptions): Result<VerifyInput, CredentialInputError> {
  const atMs = readTime(options.at);
  if (atMs === undefined) return unusable('--at', options.at ?? '', '2026-11-21T08:30:00Z');
  const issuer =
    options.issuerKey === undefined
      ? ok(undefined)
      : readKeyFile(options.issuerKey, readPassPublicKey);
  if (!issuer.ok) return issuer;
  if (options.key === undefined && options.member === undefined)
    return ok({ atMs, holder: undefined, issuer: issuer.value });
  const memberId = memberIdSchema.safeParse(options.member);
  if (!memberId.success) return unusable('--member', options.member ?? '', 'm-1');
  if (options.key === undefined) return unusable('--key', '', 'phone.pem');
  const key = readKeyFile(options.key, readPassPublicKey);
  if (!key.ok) return key;
  return ok({ atMs, holder: holderOf(memberId.data, key.value), issuer: issuer.value });
}

function holderOf(memberId: MemberId, key: PassPublicKey): PassHolder {
  return { memberId, passKeys: [passKey(key, EVER.fromMs, EVER.days)], updatedAtMs: EVER.fromMs };
}

function judgementOf({ atMs, holder, issuer }: VerifyInput): CredentialJudgement {
  const valid = passKey(
    { alg: 'ed25519', keyId: '', issuerId: '', publicKey: new Uint8Array() },
    EVER.fromMs,
    EVER.days,
  );
  return {
    crypto: createCredentialCrypto(),
    nowMs: atMs,
    clockTrusted: true,
    holderOf: (keyId) =>
      holder?.passKeys.some((key) => key.keyId === keyId) === true ? holder : undefined,
    memberOf: (memberId) => (holder?.memberId === memberId ? holder : undefined),
    issuerOf: (issuerId) =>
      issuer?.issuerId === issuerId
        ? {
            publicKey: toBase64url(issuer.publicKey),
            validFrom: valid.validFrom,
            validUntil: valid.validUntil,
          }
        : undefined,
    isDenied: () => false,
    seen: () => 'never',
    highestCounter: () => undefined,
  };
}

function upTo(check: CredentialCheck): readonly CredentialCheck[] {
  return CREDENTIAL_CHECKS.slice(0, CREDENTIAL_CHECKS.indexOf(check) + 1);
}

const PASSED: Readonly<Record<CredentialCheck, Text>> = {
  form: text('格式正确', 'the form is right'),
  certificate: text('证书由给出的签发方签发', 'the certificate is signed by the issuer given'),
  key: text('找到了公钥', 'the key is known'),
  'deny-list': text('未查：只有收银台有停用名单', 'not looked at: only a till has the list'),
  validity: text('密钥在有效期内', 'the key is within its time'),
  signature: text('签名有效', 'the signature is right'),
  freshness: text('在当前时间窗内', 'the code is of this moment'),
  replay: text('未查：只有收银台知道是否用过', 'not looked at: only a till knows what was shown'),
};

function passed(check: CredentialCheck, record: CredentialRecord | undefined): Text {
  return check === 'certificate' && record?.certificate === undefined
    ? text('没有附证书', 'none comes with it')
    : PASSED[check];
}

function shown({ keyId, step, counter, certificate }: CredentialRecord) {
  return {
    keyId,
    step,
    counter,
    ...(certificate === undefined
      ? {}
      : {
          certificate: {
            issuerId: certificate.issuerId,
            alg: certificate.alg,
            memberId: certificate.memberId,
            tier: certificate.tier,
            validFromSeconds: certificate.validFromSeconds,
            validUntilSeconds: certificate.validUntilSeconds,
          },
        }),
  };
}
