import { type Text, text } from '../../../agent/contract/text.ts';
import { maskLongNumbers } from './mask-value.ts';

/**
 * `refused`: the row is not in HQ. `merged`: the row turned out to be a person whom HQ knows under another id. `note`:
 * the row is in HQ, yet not all of it, or was not needed.
 */
export type ProblemKind = 'refused' | 'merged' | 'note';

interface Row {
  readonly kind: ProblemKind;
  /** `detail` is what the code needs to be understood, such as a format or an id. */
  readonly say: (detail: string) => Text;
}

/** Everything that an import can say about a row. */
export const IMPORT_PROBLEMS = {
  'row-too-long': {
    kind: 'refused',
    say: () =>
      text('这一行太长，检查引号和换行', 'The row is too long; check its quotes and line breaks'),
  },
  quote: {
    kind: 'refused',
    say: () =>
      text(
        '引号不成对：单元格中的引号要写成两个 ""',
        'A quote is not closed or stands in the wrong place; write "" for a quote inside a cell',
      ),
  },
  'json-syntax': {
    kind: 'refused',
    say: () => text('这一行不是 JSON 对象', 'The line is no JSON object'),
  },
  'too-many-cells': {
    kind: 'refused',
    say: (detail) =>
      text(
        `单元格比表头多（${detail}），检查分隔符和引号`,
        `There are more cells than columns (${detail}); check separators and quotes`,
      ),
  },
  encoding: {
    kind: 'refused',
    say: (detail) =>
      text(
        `有损坏的字符（文件按 ${detail} 读取）；用正确的编码重新导出这一行`,
        `There are damaged characters (the file was read as ${detail}); export the row again in one encoding`,
      ),
  },
  missing: {
    kind: 'refused',
    say: () => text('缺少必填内容', 'This is needed and was left empty'),
  },
  invalid: {
    kind: 'refused',
    say: (detail) =>
      text(`格式不对，应为：${zhOf(detail)}`, `Not in the right form; expected: ${detail}`),
  },
  scientific: {
    kind: 'refused',
    say: () =>
      text(
        '号码被电子表格改成了科学计数；把该列设为文本后重新导出',
        'A spreadsheet turned the number into scientific notation; format the column as text and export again',
      ),
  },
  'too-many': {
    kind: 'refused',
    say: (detail) => text(`太多，最多 ${detail} 个`, `Too many; at most ${detail}`),
  },
  'unknown-store': {
    kind: 'refused',
    say: () =>
      text(
        '总部没有这家门店；检查编号（区分大小写），或先导入门店',
        'Headquarters has no such store; check the id, capital letters count, or import the stores first',
      ),
  },
  'merged-without-target': {
    kind: 'refused',
    say: () =>
      text(
        '已合并的会员要写明合并到哪个会员号',
        'A merged member needs the id of the member it was merged into',
      ),
  },
  'pin-missing': {
    kind: 'refused',
    say: () => text('新员工需要 PIN', 'New staff need a PIN'),
  },
  merged: {
    kind: 'merged',
    say: (detail) => text(`手机号相同，已合并：${detail}`, `Same phone; merged: ${detail}`),
  },
  'merged-before': {
    kind: 'note',
    say: (detail) =>
      text(
        `该会员号此前已合并到 ${detail}，卡号、标签和积分并入后者`,
        `This id was merged into ${detail} before; its cards, tags and points went there`,
      ),
  },
  'target-unknown': {
    kind: 'note',
    say: () =>
      text(
        '合并到的会员尚不在总部；导入该会员后再导入这一行',
        'The member it was merged into is not at headquarters yet; import this row again after that one',
      ),
  },
  'older-row': {
    kind: 'note',
    say: () =>
      text('总部的资料更新，这一行未写入', 'Headquarters has later data; the row was left out'),
  },
  'card-taken': {
    kind: 'note',
    say: (detail) =>
      text(
        `卡号属于会员 ${detail}，未写入`,
        `The card belongs to member ${detail} and was left out`,
      ),
  },
  'gsrn-taken': {
    kind: 'note',
    say: (detail) =>
      text(
        `GSRN 属于会员 ${detail}，未写入`,
        `The GSRN belongs to member ${detail} and was left out`,
      ),
  },
  'phone-taken': {
    kind: 'note',
    say: (detail) =>
      text(
        `已合并的会员；手机号属于会员 ${detail}，未写入`,
        `A merged member; the phone belongs to member ${detail} and was left out`,
      ),
  },
  'points-spent': {
    kind: 'note',
    say: (detail) =>
      text(
        `更正后的积分少于已用积分；多用的 ${detail} 分不追回`,
        `More was spent than the corrected figure; ${detail} points are not taken back`,
      ),
  },
  'phone-shared': {
    kind: 'refused',
    say: (detail) =>
      text(
        `已有 ${detail} 个会员号合并到该会员；这个手机号可能是占位号码`,
        `${detail} ids were merged into this member already; the phone may be a placeholder`,
      ),
  },
  'over-limit': {
    kind: 'note',
    say: (detail) =>
      text(
        `合并后超过 ${detail} 个，其余未并入`,
        `Merged there are more than ${detail}; the rest was left out`,
      ),
  },
} as const satisfies Record<string, Row>;

export type ProblemCode = keyof typeof IMPORT_PROBLEMS;

/** One thing to say about one row. */
export interface RowProblem {
  readonly rowNo: number;
  readonly field: string;
  readonly code: ProblemCode;
  /** What stood there, shortened and masked. */
  readonly value: string;
  readonly message: Text;
}

/** Builds a problem; `value` must be masked (see `mask-value.ts`). Ids in `detail` may be phones: long numbers in it are masked. */
export function rowProblem(
  rowNo: number,
  field: string,
  code: ProblemCode,
  value = '',
  detail = '',
): RowProblem {
  return {
    rowNo,
    field,
    code,
    value,
    message: IMPORT_PROBLEMS[code].say(detail in FORMS ? detail : maskLongNumbers(detail)),
  };
}

/** What a cell must look like, in English with its Chinese. */
const FORMS: Readonly<Record<string, string>> = {
  'an id: letters, digits and . _ : -, at most 64': '编号：字母、数字和 . _ : -，最多 64 个',
  '6 to 15 digits': '6 到 15 位数字',
  '18 digits': '18 位数字',
  '4 to 8 digits': '4 到 8 位数字',
  'a text without line breaks, at most 64': '不含换行的文本，最多 64 个字符',
  'a day such as 1990-05-31': '日期，如 1990-05-31',
  'a time such as 2026-11-21 08:30:00': '时间，如 2026-11-21 08:30:00',
  'a time of day such as 02:00, before noon': '时刻，如 02:00，应在中午之前',
  'a whole number, zero or more': '零或正整数',
  'an amount such as 20': '金额，如 20',
  'an amount such as 19.90': '金额，如 19.90',
  'an amount such as 19.900': '金额，如 19.900',
  'an amount such as 19.9000': '金额，如 19.9000',
  'yes or no': '是或否',
  'a list of texts': '文本列表',
  'a text that is not too long': '不太长的文本',
  'an ISO 4217 code such as CNY': 'ISO 4217 币种，如 CNY',
  'an IANA time zone such as Asia/Shanghai': 'IANA 时区，如 Asia/Shanghai',
  'GTIN with 8, 12, 13 or 14 digits': '8、12、13 或 14 位条码',
};

export type Form = keyof typeof FORMS;

function zhOf(form: string): string {
  return FORMS[form] ?? form;
}
