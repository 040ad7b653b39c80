import { type Text, text } from '../../../../agent/contract/text.ts';
import type { RowProblem } from '../import-problem.ts';
import { csvCell } from '../import-report.ts';
import { maskLongNumbers, maskValue } from '../mask-value.ts';
import type { Difference } from './judge-members.ts';
import type { Double } from './proof-rows.ts';

export const FINDING_KINDS = [
  'missing',
  'extra',
  'changed',
  'changed-since',
  'unreadable',
  'duplicate',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One thing that a proof found, under the key of the row. */
export interface Finding {
  readonly kind: FindingKind;
  /** The row's id in full, for the report that only the operator reads; empty where none can be read. */
  readonly key: string;
  /** The first line of the source that it is about; `null` where the source has none. */
  readonly rowNo: number | null;
  readonly fields: readonly string[];
  /** What the source says and what HQ has, shortened and masked as in the report of an import. */
  readonly values: readonly { readonly source: string; readonly hq: string }[];
  readonly message: Text;
}

export function missingRow(key: string, rowNo: number): Finding {
  return {
    kind: 'missing',
    key,
    rowNo,
    fields: [],
    values: [],
    message: text('总部没有这一行', 'Headquarters does not have this row'),
  };
}

export function extraRow(key: string): Finding {
  return {
    kind: 'extra',
    key,
    rowNo: null,
    fields: [],
    values: [],
    message: text(
      '由此来源导入总部，来源中已没有',
      'Headquarters has it from this source, which has it no more',
    ),
  };
}

export function changedRow(
  kind: 'changed' | 'changed-since',
  { key, rowNo }: { readonly key: string; readonly rowNo: number },
  facts: Readonly<Record<string, unknown>>,
  differs: readonly Difference[],
): Finding {
  const fields = differs.map(({ field }) => field);
  const names = fields.join(', ');
  return {
    kind,
    key,
    rowNo,
    fields,
    values: differs.map(({ field, hq }) => ({
      source: maskValue(field, facts[field] ?? ''),
      hq: maskValue(field, hq ?? ''),
    })),
    message:
      kind === 'changed'
        ? text(`总部的内容不同：${names}`, `Headquarters has something else: ${names}`)
        : text(
            `切换之后在总部改动过：${names}`,
            `Changed at headquarters after the cut-over: ${names}`,
          ),
  };
}

export function unreadableRow(
  rowNo: number,
  key: string | undefined,
  problems: readonly RowProblem[],
): Finding {
  const [first] = problems;
  return {
    kind: 'unreadable',
    key: key ?? '',
    rowNo,
    fields: problems.map(({ field }) => field),
    values: problems.map(({ value }) => ({ source: value, hq: '' })),
    message: first?.message ?? text('无法读取', 'It cannot be read'),
  };
}

export function duplicateRow({ rowNo, key, field, firstRowNo, firstKey }: Double): Finding {
  // The line finds it; an id may be a phone.
  const whose = firstKey === key ? '' : ` (${maskLongNumbers(firstKey)})`;
  return {
    kind: 'duplicate',
    key,
    rowNo,
    fields: [field],
    values: [],
    message: text(
      `与第 ${firstRowNo} 行${whose}的 ${field} 相同`,
      `Has the same ${field} as row ${firstRowNo}${whose}`,
    ),
  };
}

/** The beginning of a report file. The byte order mark makes spreadsheets read it as UTF-8. */
export function findingsHead(format: 'csv' | 'json'): string {
  return format === 'csv' ? '\ufeffkind,row,key,fields,source,headquarters,说明,message\r\n' : '';
}

/** Lines of a report: CSV, or one JSON object a line. */
export function findingLines(format: 'csv' | 'json', findings: readonly Finding[]): string {
  return findings
    .map((finding) => (format === 'csv' ? csvLine(finding) : jsonLine(finding)))
    .join('');
}

function jsonLine({ rowNo, ...finding }: Finding): string {
  return `${JSON.stringify({ row: rowNo, ...finding })}\n`;
}

function csvLine({ kind, key, rowNo, fields, values, message }: Finding): string {
  const cells = [
    kind,
    rowNo === null ? '' : String(rowNo),
    key,
    fields.join('; '),
    values.map(({ source }) => source).join('; '),
    values.map(({ hq }) => hq).join('; '),
    message['zh-CN'],
    message.en,
  ];
  return `${cells.map(csvCell).join(',')}\r\n`;
}
