import { resolve } from 'node:path';
import type { Command } from 'commander';
import { text } from '../../../agent/contract/text.ts';
import { IMPORT_FIELDS, IMPORT_KINDS, type ImportKind } from '../import/import-fields.ts';
import { type ImportOptions, type ImportSummary, importFile } from '../import/import-file.ts';
import type { RowProblem } from '../import/import-problem.ts';
import {
  countProblems,
  type ReportFormat,
  readProblems,
  reportHead,
  reportLines,
} from '../import/import-report.ts';
import { IMPORT_TRIAL_MAX_PROBLEMS } from '../import/limits.ts';
import type { HqSystem } from './hq-system.ts';
import { createProgressLine } from './import-progress.ts';
import { type SourceOptions, sourceOf, withSourceOptions } from './import-source.ts';
import { registerImportVerify } from './import-verify.ts';
import { both, complain, EXIT, print, withHqOptions } from './io.ts';
import { type DatabaseOptions, type OpenHq, withDatabase } from './with-database.ts';
import { writeReport } from './write-report.ts';

interface Options extends DatabaseOptions, SourceOptions {
  readonly dryRun?: boolean;
  readonly again?: boolean;
  readonly since?: string;
  readonly report?: string;
}

const RULES = `
Rules:
  The same id again updates: the row with the later updatedAt wins; without that column, the later row.
  The same phone under another id is the same person: active goes before blocked before expired, then the id
  that headquarters has had longer. Cards, tags and points are united, the other id becomes "merged".
  A card or GSRN of somebody else stays with them; the row comes in without it.
  An empty cell leaves the field as it is. Points are the balance from the old system: the same file twice
  adds them once. Every merge, every note and every refused row is in the report (--report).
  A run that was cut off goes on where it stopped when the same command is given again.
Columns (any order; others are left out and named):
${IMPORT_KINDS.map((kind) => `  ${kind}: ${IMPORT_FIELDS[kind].map(({ field, names }) => `${field} (${names[0] ?? ''})`).join(', ')}`).join('\n')}`;

/** `import KIND FILE`: brings stores, staff, members, tags or articles from a file or a table. */
export function registerImport(program: Command, system: HqSystem): void {
  const command = withHqOptions(
    withSourceOptions(
      program
        .command('import')
        .description(
          'import a CSV or JSON lines file, or a table of PostgreSQL; the same command again goes on after a crash',
        ),
    )
      .option('--dry-run', 'check every row and write nothing')
      .option('--again', 'import from the start, also a file that was imported before')
      .option(
        '--since <column>',
        'with --from: only rows whose column (time of the last change) is at or beyond what the last import saw',
      )
      .option('--report <file>', 'write every refused, merged or noted row there (.csv or .json)')
      .addHelpText('after', RULES),
  ).action((kind: ImportKind, file: string, options: Options) => run(kind, file, options, system));
  registerImportVerify(command, system);
}

async function run(
  kind: ImportKind,
  file: string,
  options: Options,
  system: HqSystem,
): Promise<void> {
  const source = sourceOf(kind, file, options);
  if (!source.ok) return complain(options.json, source.error);
  const { dryRun, again } = options;
  const importOptions: ImportOptions = { ...source.value, dryRun, again };
  await withDatabase(options, system, (hq) => importAndReport(hq, importOptions, options));
}

async function importAndReport(hq: OpenHq, chosen: ImportOptions, options: Options): Promise<void> {
  const { json, report } = options;
  const { db } = hq.deps;
  const tried: RowProblem[] = [];
  const progress = createProgressLine(process.stderr, hq.deps.nowMs);
  const done = await importFile(hq.deps, {
    ...chosen,
    onProgress: progress.show,
    onProblems: (problems) =>
      tried.push(...problems.slice(0, IMPORT_TRIAL_MAX_PROBLEMS - tried.length)),
  });
  progress.end();
  if (!done.ok) return complain(json, done.error);
  const summary = done.value;
  if (report !== undefined) {
    const problems = summary.dryRun ? onePage(tried) : readProblems(db, summary.importId);
    const format: ReportFormat = /\.jsonl?$/i.test(report) ? 'json' : 'csv';
    const written = await writeReport(resolve(report), async (write) => {
      write(reportHead(format));
      for await (const page of problems) write(reportLines(format, page));
    });
    if (written !== undefined) {
      return complain(json, {
        code: 'report-not-written',
        message: text(`报告无法写入：${report}`, `The report cannot be written: ${report}`),
        remedy: text(
          '导入已完成；检查路径后再运行同一命令即可得到报告',
          'The import is done; correct the path and give the same command again for the report',
        ),
        detail: written,
      });
    }
  }
  const codes = summary.dryRun ? countTried(tried) : await countProblems(db, summary.importId);
  print(json, { ...summary, problems: codes, report: report ?? null }, () =>
    summaryText(summary, codes, report),
  );
  process.exitCode = summary.rowsRefused > 0 ? EXIT.problems : EXIT.ok;
}

async function* onePage(problems: readonly RowProblem[]): AsyncGenerator<readonly RowProblem[]> {
  yield problems;
}

function countTried(problems: readonly RowProblem[]): { code: string; rows: number }[] {
  const counts = new Map<string, number>();
  for (const { code } of problems) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, rows]) => ({ code, rows }));
}

function summaryText(
  summary: ImportSummary,
  codes: readonly { code: string; rows: number }[],
  report: string | undefined,
): string {
  const { rowsRead, rowsAdded, rowsChanged, rowsMerged, rowsRefused, ignoredColumns } = summary;
  const lines = [
    both(
      text(
        `读取 ${rowsRead} 行：新增 ${rowsAdded}，更新 ${rowsChanged}，合并 ${rowsMerged}，拒绝 ${rowsRefused}`,
        `${rowsRead} rows read: ${rowsAdded} added, ${rowsChanged} changed, ${rowsMerged} merged, ${rowsRefused} refused`,
      ),
    ),
    ...codes.map(({ code, rows }) => `  ${code}: ${rows}`),
  ];
  if (summary.dryRun)
    lines.unshift(both(text('仅检查，未写入', 'Only checked; nothing was written')));
  if (summary.before) {
    lines.unshift(
      both(
        text(
          '这个文件此前已导入，未重复；要再次导入请加 --again',
          'This file was imported before and was not imported twice; --again does',
        ),
      ),
    );
  } else if (summary.resumedAfterRows > 0) {
    lines.unshift(
      both(
        text(
          `从第 ${summary.resumedAfterRows} 行之后继续`,
          `Went on after ${summary.resumedAfterRows} rows of the run that was cut off`,
        ),
      ),
    );
  }
  if (ignoredColumns.length > 0) {
    const shown = ignoredColumns.slice(0, 12).join(', ');
    const more = ignoredColumns.length > 12 ? ` ... (${ignoredColumns.length})` : '';
    lines.push(both(text(`未使用的列：${shown}${more}`, `Columns left out: ${shown}${more}`)));
  }
  if (report !== undefined) lines.push(both(text(`报告：${report}`, `report: ${report}`)));
  return lines.join('\n');
}
