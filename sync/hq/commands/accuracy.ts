import type { Command } from 'commander';
import { text } from '../../../agent/contract/text.ts';
import type { AccuracyCount, AccuracyReport } from '../../protocol/accuracy.ts';
import type { HqInput } from '../../protocol/hq-api.ts';
import { hqApi } from '../../protocol/hq-api.ts';
import { askHq } from './ask-hq.ts';
import { loadHqConfig } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import { type Complaint, complain, EXIT, print, withHqOptions } from './io.ts';

interface AccuracyOptions {
  readonly config?: string;
  readonly store?: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** `accuracy`: how many sales tills decided as full and fresh data would have it; exit 1 where it is not good enough. */
export function registerAccuracy(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('accuracy')
      .description(
        'trigger accuracy by store and week: sales decided as full and fresh data would have it; exit 1 below 90 % or where the engine differs',
      )
      .option('--store <id>', 'one store')
      .option('--from <day>', 'from this business day on (YYYY-MM-DD); absent = the last 8 weeks')
      .option('--to <day>', 'up to this business day'),
  ).action(async (options: AccuracyOptions) => {
    const { store, from, to, json } = options;
    const asked = hqApi.accuracy.input.safeParse(withoutAbsent({ storeId: store, from, to }));
    if (!asked.success) return complain(json, badOption(String(asked.error.issues[0]?.path[0])));
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(json, config.error);
    const report = await askHq(config.value, system, 'accuracy', asked.data);
    if (!report.ok) return complain(json, report.error);
    print(json, report.value, () => reportText(report.value));
    if (!isGood(report.value)) process.exitCode = EXIT.problems;
  });
}

/** Whether every store and week reaches the floor, and the engine has not differed once. */
export function isGood({ rows, floor }: Pick<AccuracyReport, 'rows' | 'floor'>): boolean {
  return rows.every(({ rate, engineDifferent }) => (rate ?? 1) >= floor && engineDifferent === 0);
}

function reportText({ rows, total, from, to, waiting, tooMany }: AccuracyReport): string {
  const lines = rows.map((row) => `${row.week}  ${row.storeId.padEnd(16)} ${figures(row)}`);
  return [
    `触发准确率 / trigger accuracy ${from} .. ${to}`,
    ...(lines.length === 0 ? ['-'] : lines),
    `合计 / total${' '.repeat(14)} ${figures(total)}`,
    ...(waiting === 0 ? [] : [`待检查 / waiting: ${waiting}`]),
    ...(tooMany
      ? ['仅显示一部分，请缩小范围 / not all are shown: ask for fewer days or one store']
      : []),
  ].join('\n');
}

function figures(count: AccuracyCount): string {
  const { sales, accurate, erased, rate, engineDifferent, causes } = count;
  const why = Object.entries(causes).map(([cause, sum]) => `${cause} ${sum}`);
  return [
    rate === null ? '     -' : `${(Math.floor(rate * 10_000) / 100).toFixed(2)} %`.padStart(8),
    `${accurate}/${sales - erased}`.padStart(14),
    ...(erased === 0 ? [] : [`erased ${erased}`]),
    ...(engineDifferent === 0 ? [] : [`ENGINE DIFFERS ${engineDifferent}`]),
    ...why,
  ].join('  ');
}

function withoutAbsent(fields: Record<string, string | undefined>): HqInput<'accuracy'> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as HqInput<'accuracy'>;
}

function badOption(field: string): Complaint {
  const option = field === 'storeId' ? '--store' : `--${field}`;
  return {
    code: 'usage',
    message: text(`${option} 的格式不对`, `${option} is not in the right form`),
    remedy:
      field === 'storeId'
        ? text('门店编号：字母、数字、点、横线', 'A store id has letters, digits, dots and dashes')
        : text('日期格式为 2026-11-21', 'Write days as 2026-11-21'),
  };
}
