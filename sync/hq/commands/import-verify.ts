import { resolve } from 'node:path';
import type { Command } from 'commander';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type Text, text } from '../../../agent/contract/text.ts';
import { instantSchema } from '../../../agent/contract/time.ts';
import type { ImportFailure } from '../import/import-failure.ts';
import type { ImportKind } from '../import/import-fields.ts';
import { type ImportSummary, importFile } from '../import/import-file.ts';
import { maskLongNumbers } from '../import/mask-value.ts';
import { type Finding, findingLines, findingsHead } from '../import/proof/finding.ts';
import { PROOF_SHOWN_MAX } from '../import/proof/limits.ts';
import { type Proof, type VerifyOptions, verifySource } from '../import/proof/verify-source.ts';
import type { HqSystem } from './hq-system.ts';
import { createProgressLine } from './import-progress.ts';
import { type SourceOptions, sourceOf, withSourceOptions } from './import-source.ts';
import { both, complain, EXIT, print } from './io.ts';
import { type OpenHq, withDatabase } from './with-database.ts';
import { type OpenReport, openReport } from './write-report.ts';

interface Options extends SourceOptions {
  readonly report?: string;
  readonly fix?: boolean;
  readonly afterCutOver?: string;
  readonly acceptDuplicates?: boolean;
  readonly acceptExtra?: boolean;
}

const RULES = `
Verdict: pass only where headquarters has every row of the source as the import would write it, nothing that came from
this source and is gone there, and every row could be read and stands there once. Exit 0 for pass, 1 for fail.
  missing, extra, changed, unreadable, duplicate: each is a row of the report (--report), by its key and line.
  --after-cut-over: rows that headquarters changed later are told apart (changed-since) and do not fail.
  --fix: imports the missing and changed rows once more, by the rules of the import, and verifies again. What the
  source says then counts also where headquarters has a later hour.`;

/** `import verify KIND FILE`: holds headquarters against the system that it was filled from. */
export function registerImportVerify(command: Command, system: HqSystem): void {
  // The options of `import` itself hold here as well.
  withSourceOptions(command.command('verify'))
    .description(
      'prove that headquarters has what the source has; exit 0 where it is whole, else 1',
    )
    .option('--fix', 'import what is missing or changed, then verify again')
    .option('--after-cut-over <instant>', 'such as 2026-12-01T00:00:00+08:00')
    .option('--accept-duplicates', 'name duplicates, but do not fail for them')
    .option('--accept-extra', 'name what the source has no more, but do not fail for it')
    .addHelpText('after', RULES)
    .action(async (kind: ImportKind, file: string, _own: unknown, self: Command) =>
      run(kind, file, self.optsWithGlobals<Options>(), system),
    );
}

async function run(
  kind: ImportKind,
  file: string,
  options: Options,
  system: HqSystem,
): Promise<void> {
  const { json, afterCutOver, since } = options;
  const source = sourceOf(kind, file, options);
  if (!source.ok) return complain(json, source.error);
  const cutOver = afterCutOver === undefined ? undefined : instantSchema.safeParse(afterCutOver);
  if (cutOver?.success === false || since !== undefined) {
    const flag = since === undefined ? '--after-cut-over' : '--since';
    return complain(json, {
      code: 'option-invalid',
      message: text(`${flag} 不能这样使用`, `${flag} cannot be used like this`),
      remedy:
        since === undefined
          ? text(
              '写成带时区的时间，如 2026-12-01T00:00:00+08:00',
              'Write a time with its offset, such as 2026-12-01T00:00:00+08:00',
            )
          : text('核对总是对照整个来源', 'A proof always takes the whole source'),
    });
  }
  const verify: VerifyOptions = {
    ...source.value,
    cutOverMs: cutOver === undefined ? undefined : Date.parse(cutOver.data),
    acceptDuplicates: options.acceptDuplicates,
    acceptExtra: options.acceptExtra,
  };
  await withDatabase(options, system, (hq) => verifyAndReport(hq, verify, options));
}

interface Told {
  readonly proof: Proof;
  readonly first: readonly Finding[];
  readonly fixed: ImportSummary | null;
}

async function verifyAndReport(hq: OpenHq, chosen: VerifyOptions, options: Options): Promise<void> {
  const { json, report } = options;
  let told = await verified(hq, chosen, report);
  if (told.ok && options.fix === true && told.value.proof.rowsToFix.size > 0) {
    told = await fixed(hq, chosen, told.value, report);
  }
  if (!told.ok) return complain(json, told.error);
  const { proof, first, fixed: fix } = told.value;
  const { summary, isBeyondFix } = proof;
  print(json, { ...summary, first, fixed: fix, isBeyondFix, report: report ?? null }, () =>
    summaryText(told.ok ? told.value : { proof, first, fixed: fix }, report),
  );
  process.exitCode = summary.verdict === 'pass' ? EXIT.ok : EXIT.problems;
}

type Refusal = ImportFailure | { code: string; message: Text; remedy: Text; detail: string };

async function fixed(
  hq: OpenHq,
  chosen: VerifyOptions,
  { proof }: Told,
  report: string | undefined,
): Promise<Result<Told, Refusal>> {
  const progress = createProgressLine(process.stderr, hq.deps.nowMs);
  const done = await importFile(hq.deps, {
    ...chosen,
    again: true,
    sourceWins: true,
    only: { rowNos: proof.rowsToFix },
    onProgress: progress.show,
  });
  progress.end();
  if (!done.ok) return done;
  const after = await verified(hq, chosen, report);
  return after.ok ? ok({ ...after.value, fixed: done.value }) : after;
}

async function verified(
  hq: OpenHq,
  chosen: VerifyOptions,
  report: string | undefined,
): Promise<Result<Told, Refusal>> {
  const format = report !== undefined && /\.jsonl?$/i.test(report) ? 'json' : 'csv';
  const file = report === undefined ? undefined : openReport(resolve(report));
  if (typeof file === 'string') return err(notWritten(report ?? '', file));
  const first: Finding[] = [];
  const progress = createProgressLine(process.stderr, hq.deps.nowMs);
  try {
    file?.write(findingsHead(format));
    const proof = await verifySource(hq.deps, {
      ...chosen,
      onProgress: progress.show,
      onFindings(findings) {
        // What is printed may end in a log.
        const some = findings.slice(0, PROOF_SHOWN_MAX - first.length);
        first.push(...some.map((one) => ({ ...one, key: maskLongNumbers(one.key) })));
        file?.write(findingLines(format, findings));
      },
    });
    progress.end();
    if (!proof.ok) {
      file?.drop();
      return proof;
    }
    const kept = keep(file);
    if (kept !== undefined) return err(notWritten(report ?? '', kept));
    return ok({ proof: proof.value, first, fixed: null });
  } catch (cause) {
    file?.drop();
    throw cause;
  }
}

function keep(file: OpenReport | undefined): string | undefined {
  try {
    file?.keep();
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function notWritten(report: string, detail: string): Refusal {
  return {
    code: 'report-not-written',
    message: text(`报告无法写入：${report}`, `The report cannot be written: ${report}`),
    remedy: text('检查路径和写入权限', 'Check the path and the right to write there'),
    detail,
  };
}

function summaryText({ proof, first, fixed: fix }: Told, report: string | undefined): string {
  const { summary, isBeyondFix } = proof;
  const { counts, rowsRead, keys, verdict } = summary;
  const lines = [both(verdictText(summary))];
  if (fix !== null)
    lines.unshift(
      both(
        text(
          `已重新导入 ${fix.rowsRead} 行，拒绝 ${fix.rowsRefused} 行`,
          `${fix.rowsRead} rows imported once more, ${fix.rowsRefused} refused`,
        ),
      ),
    );
  lines.push(
    both(
      text(`来源 ${rowsRead} 行，${keys} 个编号`, `${rowsRead} rows of the source, ${keys} keys`),
    ),
    ...Object.entries(counts).map(([kind, rows]) => `  ${kind}: ${rows}`),
    ...first.map(
      ({ kind, key, rowNo, message }) =>
        `  ${kind} ${key}${rowNo === null ? '' : ` (${rowNo})`}: ${both(message)}`,
    ),
  );
  if (verdict === 'fail' && isBeyondFix)
    lines.push(
      both(
        text(
          '差异太多，请用 till hq import --again 整个重新导入',
          'Too much differs: import the whole source with `till hq import --again`',
        ),
      ),
    );
  const { ignoredColumns } = summary;
  if (ignoredColumns.length > 0) {
    const shown = ignoredColumns.slice(0, 12).join(', ');
    lines.push(both(text(`未核对的列：${shown}`, `Columns not compared: ${shown}`)));
  }
  if (report !== undefined) lines.push(both(text(`报告：${report}`, `report: ${report}`)));
  return lines.join('\n');
}

function verdictText({ verdict, counts, keys }: Proof['summary']): Text {
  const since = counts['changed-since'];
  if (verdict === 'pass')
    return since === 0
      ? text(
          `通过：来源的 ${keys} 个编号在总部完整一致`,
          `pass: headquarters has all ${keys} keys of the source, as the source has them`,
        )
      : text(
          `通过：来源的 ${keys} 个编号在总部完整一致，其中 ${since} 个在切换后于总部改动过`,
          `pass: headquarters has all ${keys} keys of the source; it changed ${since} of them after the cut-over`,
        );
  if (keys === 0)
    return text('未通过：来源中没有可核对的行', 'fail: the source has no row to compare');
  const { missing, extra, changed, unreadable, duplicate } = counts;
  return text(
    `未通过：缺少 ${missing}，多出 ${extra}，不同 ${changed}，无法读取 ${unreadable}，重复 ${duplicate}`,
    `fail: ${missing} missing, ${extra} extra, ${changed} changed, ${unreadable} unreadable, ${duplicate} duplicate`,
  );
}
