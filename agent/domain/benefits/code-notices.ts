import type { Evaluation } from '../../contract/evaluation.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import { type Text, text } from '../../contract/text.ts';
import type { VoucherState } from '../../contract/voucher.ts';
import { gcnCode, readGcn } from '../identify/gcn.ts';
import { GCN_CODE_PREFIX } from './asked-code.ts';
import { ownValue } from './own-value.ts';
import { askedOf } from './presented-codes.ts';

type Notice = Evaluation['notices'][number];

/** Why a voucher is not taken, for the cashier. */
export const VOUCHER_TEXTS: Readonly<Record<Exclude<VoucherState, 'available'>, Text>> = {
  unreadable: text(
    '这张券不完整或无法读取，请重新扫描',
    'This voucher is incomplete or cannot be read; scan it again',
  ),
  foreign: text(
    '这张券不是本店合作伙伴签发的，不能使用',
    'This voucher was not issued by a partner of this store',
  ),
  altered: text(
    '这张券的内容被改动过，签名不符，不能使用',
    'This voucher was altered: its signature does not fit',
  ),
  revoked: text(
    '签发这张券的密钥已作废，不能使用',
    'The key that signed this voucher was revoked; it cannot be used',
  ),
  'not-yet': text('这张券还没到可用日期', 'This voucher is not good yet'),
  expired: text('这张券已过期', 'This voucher has expired'),
  'other-member': text(
    '这张券只限指定会员本人使用，请识别该会员',
    'This voucher is for one member only; identify that member',
  ),
  used: text('这张券已用过', 'This voucher was used before'),
  unreachable: text(
    '总部暂时联系不上，这张券暂不能使用',
    'Headquarters cannot be reached; this voucher cannot be used at the moment',
  ),
};

/**
 * What is worth saying of the codes presented where no rule says it: nobody asks for the code, it was misread, or another
 * one of its kind was taken and this one is still good.
 * @param knownCodes what the rules ask for
 * @param used codes that rules took
 */
export function codeNotices(
  { codes, allowances: { vouchers = {} } }: EvaluationInput,
  knownCodes: ReadonlySet<string>,
  used: readonly string[],
): Notice[] {
  return codes.flatMap((code, index) => {
    const said = noticeOf(code);
    return said === null ? [] : [{ field: `codes.${index}`, ...said }];
  });

  function noticeOf(code: string): Pick<Notice, 'code' | 'text'> | null {
    if (knownCodes.has(code)) return null;
    const voucher = ownValue(vouchers, code);
    const asked = askedOf(code, vouchers);
    if (asked !== undefined && knownCodes.has(asked)) return spare(code, asked);
    if (voucher !== undefined && voucher.state !== 'available')
      return { code: `voucher-${voucher.state}`, text: VOUCHER_TEXTS[voucher.state] };
    return misread(code) ? CHECK_DIGIT : unknown(code);
  }

  function misread(code: string): boolean {
    const gcn = readGcn(code);
    return gcn?.isRight === false && code !== gcn.gcn && asksForGcn();
  }

  /** Without such rules a code that begins with 255 is any other code. */
  function asksForGcn(): boolean {
    for (const known of knownCodes) if (known.startsWith(GCN_CODE_PREFIX)) return true;
    return false;
  }

  /** Of two coupons that serve alike one is taken; the other is not used up, which its owner should hear. */
  function spare(code: string, asked: string): Pick<Notice, 'code' | 'text'> | null {
    const gcn = readGcn(code);
    const name = gcn === undefined ? code : gcnCode(gcn);
    const isServed = used.some((one) => one !== name && askedOf(one, vouchers) === asked);
    return used.includes(name) || !isServed ? null : SPARE;
  }
}

const SPARE = {
  code: 'code-not-used',
  text: text(
    '同一活动的券每单只用一张，这张没有使用，可留待下次',
    'One coupon of its kind serves a sale; this one was not used and can be kept',
  ),
};

const CHECK_DIGIT = {
  code: 'coupon-check-digit',
  text: text(
    '券号的校验位不对，请重新扫描或输入',
    'The check digit of this coupon number is wrong; scan or type it again',
  ),
};

function unknown(code: string): Pick<Notice, 'code' | 'text'> {
  return {
    code: 'code-unknown',
    text: text(`没有规则使用优惠码 ${code}`, `No benefit uses the code ${code}`),
  };
}
