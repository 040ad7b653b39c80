import type { AssuranceLevel, DECISION_REASONS } from '../../contract/decision.ts';
import type { EvidenceMeans } from '../../contract/evidence.ts';
import { type Text, text } from '../../contract/text.ts';

/** Code of a reason, from the contract's closed list. */
export type DecisionReason = (typeof DECISION_REASONS)[number];

/** What people call a level: the words of the screens, and none that an outcome of identification has too. */
export const LEVEL_NAMES: Readonly<Record<AssuranceLevel, Text>> = {
  none: text('未识别', 'nobody'),
  claimed: text('自报', 'claimed'),
  recognised: text('已认出', 'recognised'),
  verified: text('已核实', 'verified'),
  strong: text('强核实', 'strongly verified'),
};

const STEP_UPS: Readonly<Record<EvidenceMeans, Text>> = {
  card: text('请会员出示会员卡', 'Ask the member to show their card'),
  pass: text('请会员出示手机上的动态会员码', 'Ask the member for the pass on their phone'),
  wallet: text('请会员出示手机钱包里的会员卡', 'Ask the member for the card in their phone wallet'),
  phone: text('请会员报手机号', 'Ask the member for their phone number'),
  pin: text('请会员输入会员密码', 'Ask the member to enter their PIN'),
  face: text(
    '请会员看一下镜头（须已同意）',
    'Ask the member to look at the camera (with consent given)',
  ),
  finger: text('请会员按指纹（须已同意）', 'Ask the member for their finger (with consent given)'),
  staff: text('请店长确认会员身份', 'Ask a manager to vouch for the member'),
};

/** What people call a means. */
export const MEANS_NAMES: Readonly<Record<EvidenceMeans, Text>> = {
  card: text('会员卡', 'the card'),
  pass: text('动态会员码', 'the pass'),
  wallet: text('手机钱包会员卡', 'the wallet card'),
  phone: text('手机号', 'the phone number'),
  pin: text('会员密码', 'the PIN'),
  face: text('人脸', 'the face'),
  finger: text('指纹', 'the finger'),
  staff: text('店员担保', 'the word of staff'),
};

interface Facts {
  readonly level: AssuranceLevel;
  readonly needed: AssuranceLevel;
  /** Means that are locked out. */
  readonly locked: readonly EvidenceMeans[];
}

/** The sentence that the cashier reads for a reason. */
export function reasonText(code: DecisionReason, facts: Facts): Text {
  const level = LEVEL_NAMES[facts.level];
  const needed = LEVEL_NAMES[facts.needed];
  switch (code) {
    case 'level-reached':
      return text(`身份已足够：${level['zh-CN']}`, `Proof is enough: the member is ${level.en}`);
    case 'level-too-low':
      return text(
        `身份还不够：目前「${level['zh-CN']}」，需要「${needed['zh-CN']}」`,
        `Proof is not enough: the member is ${level.en}, ${needed.en} is needed`,
      );
    case 'not-identified':
      return text('还没有识别会员', 'No member has been identified');
    case 'evidence-expired':
      return text(
        '出示的凭据已过时，请会员重新出示',
        'A proof has run out; ask the member to show it again',
      );
    case 'evidence-contradicts':
      return text(
        '出示的凭据属于不同的会员，请清除后重新识别',
        'The proofs belong to different members; clear and identify again',
      );
    case 'capped-offline':
      return text(
        `与总部断开，身份最多算「${level['zh-CN']}」`,
        `Headquarters is out of reach, so the member counts as ${level.en} at most`,
      );
    case 'capped-stale':
      return text(
        `会员资料较旧，身份最多算「${level['zh-CN']}」`,
        `The member data is old, so the member counts as ${level.en} at most`,
      );
    case 'capped-clock':
      return text(
        `收银台时间不可信，身份最多算「${level['zh-CN']}」`,
        `The till's clock cannot be trusted, so the member counts as ${level.en} at most`,
      );
    case 'capped-liveness':
      return text(
        `人脸没有足够的活体证明，身份最多算「${level['zh-CN']}」`,
        `Little speaks for a living person before the camera, so the member counts as ${level.en} at most`,
      );
    case 'too-light':
      return text(
        `凭据加起来分量不够，身份只能算「${level['zh-CN']}」`,
        `What was shown does not weigh enough together, so the member counts as ${level.en}`,
      );
    case 'locked-out':
      return text(
        `尝试次数过多，暂不接受：${facts.locked.map((one) => MEANS_NAMES[one]['zh-CN']).join('、')}`,
        `Tried too often; not taken for a while: ${facts.locked.map((one) => MEANS_NAMES[one].en).join(', ')}`,
      );
    case 'overridden':
      return text('店长已批准', 'A manager approved it');
    case 'policy-missing':
      return text(
        '本机没有这项的认证规则，按最严处理',
        'This till has no policy for that, so the strictest applies',
      );
    case 'policy-expired':
      return text(
        '本机的认证规则已过有效期，按最严处理；请总部发布新规则',
        "This till's policy has run out, so the strictest applies; ask headquarters for another",
      );
    case 'policy-revoked':
      return text(
        '本机认证规则的签名密钥已被吊销，按最严处理；请总部重新签发',
        "The key that signed this till's policy was revoked, so the strictest applies; ask headquarters to sign it again",
      );
  }
}

/** What to ask for, to lift the level. */
export function stepUpText(means: EvidenceMeans): Text {
  return STEP_UPS[means];
}
