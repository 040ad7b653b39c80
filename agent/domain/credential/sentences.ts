import { CREDENTIAL_REFUSALS, type CredentialRefusal } from '../../contract/credential.ts';
import { type Text, text } from '../../contract/text.ts';

const ANOTHER = {
  'zh-CN': '请会员换一种方式，或按普通顾客结账',
  en: 'ask for another proof, or go on as a guest',
};

const REFUSALS: Readonly<Record<CredentialRefusal, Text>> = {
  'ill-formed': text(
    '动态会员码不完整或版本不对，请会员重新打开会员码再扫',
    'The pass cannot be read; ask the member to open it again and scan once more',
  ),
  'unknown-key': text(
    `这部手机的会员码已停用，或本机还不认识；${ANOTHER['zh-CN']}`,
    `This till does not know the pass of this phone, or it was taken back; ${ANOTHER.en}`,
  ),
  'unknown-issuer': text(
    `会员码不是本商家总部签发的；${ANOTHER['zh-CN']}`,
    `The pass was not issued by this chain; ${ANOTHER.en}`,
  ),
  'certificate-ended': text(
    '会员码的证书已到期，请会员联网打开会员码更新；也可换一种方式',
    'The pass has ended; ask the member to open it online to renew it, or for another proof',
  ),
  'certificate-not-yet': text(
    `会员码的证书尚未生效；请核对收银台时间，${ANOTHER['zh-CN']}`,
    `The pass is not valid yet; check the till's clock, ${ANOTHER.en}`,
  ),
  denied: text(
    `总部已停用这部手机的会员码；${ANOTHER['zh-CN']}`,
    `Headquarters has taken this pass back; ${ANOTHER.en}`,
  ),
  'wrong-signature': text(
    `会员码与签名不符，可能被改过，不能使用；${ANOTHER['zh-CN']}`,
    `The pass does not fit its signature and cannot be used; ${ANOTHER.en}`,
  ),
  'too-old': text(
    '会员码已过时（可能是截图），请会员打开会员码，用当前的码再扫',
    'The code is too old, perhaps a screenshot; ask the member to open the pass and scan the code of this moment',
  ),
  'from-the-future': text(
    '会员码的时间比收银台快，请会员把手机设为自动校时后重试，并核对收银台时间',
    "The phone's time is ahead of the till's; ask the member to set it automatically, and check the till's clock",
  ),
  replayed: text(
    '这个会员码刚才已用过，请会员等半分钟，用新的码再扫',
    'This code has been used already; ask the member to wait for the next one and scan that',
  ),
  'counter-went-back': text(
    '已扫过这部手机更新的会员码，请会员用当前屏幕上的码再扫',
    'A later code of this phone was used already; scan the one that the phone shows at this moment',
  ),
};

const SENTENCES: ReadonlySet<string> = new Set(
  CREDENTIAL_REFUSALS.map((code) => REFUSALS[code].en),
);

/** Whether a notice is one of those sentences; notices that lay on the disk are other objects. */
export function isCredentialRefusal(notice: Text): boolean {
  return SENTENCES.has(notice.en);
}

/** Facts that the cashier should say beside a pass that was taken. */
export const CREDENTIAL_NOTICES = {
  clockUntrusted: text(
    '收银台时间不可信，会员码的可信度已降低；请店长核对时间，或请会员再出示一种凭据',
    "The till's clock cannot be trusted, so the pass counts for less; have a manager check the time, or ask for another proof",
  ),
  freshnessUnknown: text(
    '收银台时间不可信，无法判断会员码是否为当前的码，只当作出示了会员卡；请会员再出示一种凭据',
    "The till's clock cannot be trusted and the code's age cannot be judged: it counts as a card that was shown; ask for another proof",
  ),
  walletGuessed: text(
    '刚才有人多次用错误的动态码试刷钱包卡，十分钟内钱包卡只当作出示了会员卡；请会员再出示一种凭据',
    'Wrong codes of wallet cards were tried many times just before: for ten minutes this one counts as a card that was shown; ask for another proof',
  ),
  byCertificate: text(
    '本机没有这位会员的资料，按会员码里总部签发的等级计算',
    'This till holds no data of that member; the tier is the one that headquarters certified in the pass',
  ),
} as const satisfies Record<string, Text>;

/** The sentence for the cashier: what is wrong and what to do. */
export function credentialRefusalText(code: CredentialRefusal): Text {
  return REFUSALS[code];
}
