import { sign } from 'node:crypto';
import type { Command } from 'commander';
import { publicKeyText } from '../../../sync/protocol/public-key-text.ts';
import { keyIdOf } from '../../../sync/protocol/signed-document.ts';
import {
  daySchema,
  type MemberId,
  type Partner,
  RULE_FILE_MAX_BYTES,
  text,
  type VoucherClaims,
  voucherCode,
} from '../../contract/index.ts';
import { VOUCHER_TEXTS } from '../../domain/benefits/code-notices.ts';
import { toAscii } from '../../domain/identify/to-ascii.ts';
import { judgeVoucher, type VoucherVerdict } from '../../domain/vouchers/judge-voucher.ts';
import { parseVoucher, unsignedVoucher, voucherText } from '../../domain/vouchers/voucher-text.ts';
import { createVoucherCrypto } from '../../store/voucher-crypto.ts';
import { both, type CommonOptions, complain, EXIT, print, withJsonOption } from './io.ts';
import { readSigningKey, readTextFile } from './read-input-file.ts';
import { readPartners } from './voucher-partners.ts';

interface IssueOptions extends CommonOptions {
  readonly key: string;
  readonly keyId?: string;
  readonly partner: string;
  readonly id: string;
  readonly campaign: string;
  readonly member?: string;
  readonly from: string;
  readonly to: string;
  readonly face?: string;
}

interface VerifyOptions extends CommonOptions {
  readonly rules: string;
  readonly on?: string;
  readonly member?: string;
}

/** Adds `voucher issue|verify`: the tool of a partner, and of whoever tries its vouchers (docs/voucher-format.md). */
export function registerVoucher(program: Command): void {
  const voucher = program.command('voucher').description('issue and verify vouchers of partners');
  withJsonOption(voucher.command('issue').description('sign one voucher and print its text'))
    .requiredOption(
      '--key <file>',
      'Ed25519 private key (PEM) of the partner; `rules key` makes one',
    )
    .option('--key-id <id>', 'name of the key in the rule file; its fingerprint where absent')
    .requiredOption('--partner <id>', 'the partner, as the rule file names it')
    .requiredOption('--id <id>', 'the voucher, unique within the partner for ever')
    .requiredOption('--campaign <name>', 'what it is for, as the rule file names it')
    .option('--member <id>', 'good for this member alone')
    .requiredOption('--from <day>', 'first day, YYYY-MM-DD')
    .requiredOption('--to <day>', 'last day, YYYY-MM-DD')
    .option('--face <minor>', 'face value in minor units')
    .action(issue);
  withJsonOption(
    voucher.command('verify').description('say whether a voucher is good; uses are not looked at'),
  )
    .argument('<text>', 'the text of the voucher')
    .requiredOption('--rules <file>', 'rule file (YAML or JSON) that names the partners')
    .option('--on <day>', 'business day, YYYY-MM-DD; today where absent')
    .option('--member <id>', 'the member who brings it')
    .action(verify);
}

function issue({ json, key: keyFile, keyId, ...options }: IssueOptions): void {
  const key = readSigningKey(keyFile);
  if (!key.ok) return complain(json, key.error);
  const used = keyId ?? keyIdOf(key.value);
  const claims = {
    partner: options.partner,
    keyId: used,
    voucherId: options.id,
    campaign: options.campaign,
    ...(options.member === undefined ? {} : { memberId: options.member as MemberId }),
    notBefore: dateOf(options.from),
    notAfter: dateOf(options.to),
    ...(options.face === undefined ? {} : { faceMinor: Number(options.face) }),
  } satisfies VoucherClaims;
  const unsigned = unsignedVoucher(claims);
  if (!unsigned.ok) {
    const { field, message } = unsigned.error;
    return complain(json, {
      code: 'voucher-form',
      message: text(`券的 ${field} 不符合格式`, `${field} does not fit the form of a voucher`),
      remedy: text(
        '按 docs/voucher-format.md 修正',
        'Correct it as docs/voucher-format.md describes',
      ),
      detail: message,
    });
  }
  const signature = sign(null, Buffer.from(unsigned.value, 'ascii'), key.value);
  const whole = voucherText(unsigned.value, signature.toString('base64url'));
  const trusted = { keyId: used, publicKey: publicKeyText(key.value) };
  print(json, { text: whole, code: voucherCode(claims), key: trusted }, () => whole);
}

function verify(given: string, { json, rules, on, member }: VerifyOptions): void {
  const file = readTextFile(rules, RULE_FILE_MAX_BYTES);
  if (!file.ok) return complain(json, file.error);
  const partners = readPartners(file.value);
  if (!partners.ok)
    return complain(json, {
      code: 'partners-unusable',
      message: text(`规则文件的 partners 不能使用：${rules}`, `No usable partners in: ${rules}`),
      remedy: text('用 rules check 检查规则文件', 'Check the rule file with `rules check`'),
      detail: partners.error,
    });
  const day = dateOf(on ?? today());
  if (day === 0)
    return complain(json, {
      code: 'no-day',
      message: text(`没有这一天：${on}`, `There is no such day: ${on}`),
      remedy: text('写成 YYYY-MM-DD', 'Write it as YYYY-MM-DD'),
    });
  const read = parseVoucher(toAscii(given).trim());
  const state = read === undefined ? 'unreadable' : judged(read, partners.value, day, member);
  const report = {
    ok: state === 'available',
    state,
    ...(read === undefined ? {} : { claims: read.claims }),
  };
  print(json, report, () =>
    state === 'available'
      ? both(
          text(
            '签名有效，当天可用；是否用过须询问总部',
            'The signature is right and the day is within; whether it was used only headquarters knows',
          ),
        )
      : both(VOUCHER_TEXTS[state]),
  );
  process.exitCode = report.ok ? EXIT.ok : EXIT.problems;
}

function judged(
  read: NonNullable<ReturnType<typeof parseVoucher>>,
  partners: readonly Partner[],
  today: number,
  member: string | undefined,
): VoucherVerdict {
  return judgeVoucher(read, {
    partners,
    crypto: createVoucherCrypto(),
    today,
    memberId: (member ?? null) as MemberId | null,
  });
}

/** `YYYY-MM-DD` as `yyyymmdd`; 0, which no field takes, where it is no day. */
function dateOf(day: string): number {
  return daySchema.safeParse(day).success ? Number(day.replaceAll('-', '')) : 0;
}

/** The machine's own day: this tool stands in no store. */
function today(): string {
  const now = new Date();
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
