import { type Text, text } from '../../contract/text.ts';
import { aiNamed } from './ai-table.ts';
import type { Gs1Error, Gs1ErrorCode } from './gs1-error.ts';

interface Sentences {
  readonly why: Text;
  readonly next: Text;
}

const SCAN_AGAIN = text(
  '请再扫一次；仍不行就请对方换一个码，或手工输入',
  'Scan it once more; if it stays, ask for another code or type the number',
);
const ISSUER = text(
  '这个码印错了：请联系发码方，本次手工处理',
  'The code is printed wrong: tell whoever issued it, and handle this one by hand',
);
const READER = text(
  '请检查扫码枪设置：要发送 AIM 标识和 FNC1（GS）',
  'Check the scanner settings: it must send the AIM identifier and FNC1 (GS)',
);

const sentences: Readonly<Record<Gs1ErrorCode, Sentences>> = {
  'over-long': {
    why: text('内容太长', 'The text is too long'),
    next: SCAN_AGAIN,
  },
  empty: { why: text('没有任何数据', 'There is no data'), next: SCAN_AGAIN },
  'too-many': { why: text('应用标识符太多', 'There are too many elements'), next: SCAN_AGAIN },
  'wrong-number': {
    why: text('商品条码的位数或校验位不对', 'The article number has a wrong length or check digit'),
    next: SCAN_AGAIN,
  },
  'not-bracketed': {
    why: text('括号不成对，或不在应有的位置', 'A bracket is missing or in the wrong place'),
    next: text('请写成 (01)…(10)… 的样子', 'Write it like (01)...(10)...'),
  },
  'unknown-ai': {
    why: text('此处没有已知的应用标识符', 'No known application identifier stands here'),
    next: READER,
  },
  'empty-value': { why: text('应用标识符后面没有值', 'The value is missing'), next: ISSUER },
  'wrong-length': { why: text('值太短或位数不对', 'The value is too short'), next: SCAN_AGAIN },
  'too-long': {
    why: text(
      '值太长，可能缺少分隔符 GS',
      'The value is too long; a separator (GS) may be missing',
    ),
    next: READER,
  },
  'wrong-character': {
    why: text('含有不允许的字符', 'It holds a character that is not allowed'),
    next: SCAN_AGAIN,
  },
  'wrong-padding': {
    why: text('结尾的 = 数目不对', 'The = at the end are not right'),
    next: ISSUER,
  },
  'wrong-check-digit': { why: text('校验位不对', 'The check digit is wrong'), next: SCAN_AGAIN },
  'wrong-check-pair': {
    why: text('校验字符不对', 'The check characters are wrong'),
    next: SCAN_AGAIN,
  },
  'wrong-company-prefix': {
    why: text('厂商识别代码必须以数字开头', 'The company prefix must begin with digits'),
    next: ISSUER,
  },
  'wrong-date': { why: text('日期不存在', 'There is no such day'), next: ISSUER },
  'wrong-time': { why: text('时间不存在', 'There is no such time'), next: ISSUER },
  'wrong-country': { why: text('没有这个国家代码', 'There is no such country code'), next: ISSUER },
  'wrong-currency': {
    why: text('没有这个货币代码', 'There is no such currency code'),
    next: ISSUER,
  },
  'wrong-iban': { why: text('银行账号不对', 'The bank account number is wrong'), next: ISSUER },
  'wrong-coordinate': {
    why: text('经纬度超出范围', 'The coordinate is out of range'),
    next: ISSUER,
  },
  'wrong-escape': { why: text('百分号编码不对', 'A percent escape is wrong'), next: ISSUER },
  'wrong-piece': {
    why: text('序号与总数不符', 'The place and the total do not fit together'),
    next: ISSUER,
  },
  'wrong-coupon': {
    why: text('优惠券内部的字段不对', 'A field inside the coupon is wrong'),
    next: ISSUER,
  },
  'wrong-value': {
    why: text('值不在允许范围内', 'The value is none of those allowed'),
    next: ISSUER,
  },
  'excluded-pair': {
    why: text('两个应用标识符不能同时出现', 'These two elements may not stand together'),
    next: ISSUER,
  },
  'missing-partner': {
    why: text('缺少必须同时出现的应用标识符', 'An element that must stand beside it is missing'),
    next: ISSUER,
  },
  'different-values': {
    why: text('同一应用标识符有两个不同的值', 'One element stands there with two values'),
    next: SCAN_AGAIN,
  },
  'missing-serial': {
    why: text('有数字签名时必须带序列号', 'Beside a digital signature the serial must stand'),
    next: ISSUER,
  },
  'not-a-link': { why: text('不是完整的网址', 'This is no whole web address'), next: ISSUER },
  'wrong-domain': {
    why: text('域名中有不允许的字符', 'The domain holds a character that is not allowed'),
    next: ISSUER,
  },
  'no-key': {
    why: text('网址中没有 GS1 主标识', 'The address holds no GS1 key'),
    next: text('这不是 GS1 码，请按普通文本处理', 'It is no GS1 code; treat it as plain text'),
  },
  'compressed-link': {
    why: text(
      '压缩格式的 GS1 网址，本程序不读取',
      'A compressed GS1 address, which is not read here',
    ),
    next: text(
      '请发码方改用不压缩的网址',
      'Ask whoever issued it for the address that is not compressed',
    ),
  },
  'wrong-path-order': {
    why: text('网址路径中的限定符顺序不对', 'The qualifiers in the path are in the wrong order'),
    next: ISSUER,
  },
  'not-an-attribute': {
    why: text('这个应用标识符不能放在网址参数里', 'This element may not stand in the query'),
    next: ISSUER,
  },
  'belongs-in-path': {
    why: text('这个应用标识符应放在网址路径里', 'This element belongs in the path'),
    next: ISSUER,
  },
  duplicate: { why: text('应用标识符重复', 'The element stands there twice'), next: ISSUER },
};

/** What is wrong, where, and what to do next, for people. Positions are counted from 1. */
export function gs1Sentences(error: Gs1Error): Sentences {
  const { why, next } = sentences[error.code];
  const title = error.ai === undefined ? '' : (aiNamed(error.ai)?.title ?? '');
  const ai = error.ai === undefined ? '' : `(${error.ai})${title === '' ? '' : ` ${title}`}`;
  const other = error.other === undefined ? '' : ` (${error.other})`;
  const part = error.part === undefined ? '' : ` [${error.part}]`;
  const at = error.position + 1;
  return {
    why: text(
      `${ai === '' ? '' : `${ai}：`}${why['zh-CN']}${other}${part}（第 ${at} 个字符）`,
      `${ai === '' ? '' : `${ai}: `}${why.en}${other}${part} (character ${at})`,
    ),
    next,
  };
}
