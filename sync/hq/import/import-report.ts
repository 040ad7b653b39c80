import type { Text } from '../../../agent/contract/text.ts';
import type { HqSession } from '../database/database.ts';
import { IMPORT_PROBLEMS, type ProblemCode, type RowProblem } from './import-problem.ts';

/** Rows of a report that are read at a time. */
export const REPORT_PAGE_ROWS = 2_000;

export const REPORT_FORMATS = ['csv', 'json'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Everything that an import has to say, row by row, page by page. */
export async function* readProblems(
  session: HqSession,
  importId: string,
): AsyncGenerator<readonly RowProblem[]> {
  let after = { rowNo: 0, n: 0 };
  for (;;) {
    const rows = await session.query<{
      row_no: number;
      n: number;
      field: string;
      code: string;
      value: string;
      message: string;
    }>(
      `SELECT row_no, n, field, code, value, message FROM import_errors
       WHERE import_id = $1 AND (row_no, n) > ($2, $3) ORDER BY row_no, n LIMIT $4`,
      [importId, after.rowNo, after.n, REPORT_PAGE_ROWS],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    after = { rowNo: Number(last.row_no), n: Number(last.n) };
    yield rows.map((row) => ({
      rowNo: Number(row.row_no),
      field: row.field,
      code: row.code as ProblemCode,
      value: row.value,
      message: JSON.parse(row.message) as Text,
    }));
  }
}

/** How often each code stands in the report. */
export async function countProblems(
  session: HqSession,
  importId: string,
): Promise<{ code: string; rows: number }[]> {
  const rows = await session.query<{ code: string; rows: number }>(
    `SELECT code, count(*)::int AS rows FROM import_errors WHERE import_id = $1
     GROUP BY code ORDER BY 2 DESC, 1`,
    [importId],
  );
  return rows.map(({ code, rows: count }) => ({ code, rows: Number(count) }));
}

/** The beginning of a report file. The byte order mark makes spreadsheets read it as UTF-8. */
export function reportHead(format: ReportFormat): string {
  return format === 'csv' ? '\ufeffrow,kind,field,code,value,说明,message\r\n' : '';
}

/** Lines of a report: CSV, or one JSON object a line. */
export function reportLines(format: ReportFormat, problems: readonly RowProblem[]): string {
  return problems
    .map((problem) => (format === 'csv' ? csvLine(problem) : jsonLine(problem)))
    .join('');
}

function jsonLine({ rowNo, ...problem }: RowProblem): string {
  const { kind } = IMPORT_PROBLEMS[problem.code];
  return `${JSON.stringify({ row: rowNo, kind, ...problem })}\n`;
}

function csvLine({ rowNo, field, code, value, message }: RowProblem): string {
  const { kind } = IMPORT_PROBLEMS[code];
  const cells = [String(rowNo), kind, field, code, value, message['zh-CN'], message.en];
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** A cell that begins like a formula would be run by a spreadsheet. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
