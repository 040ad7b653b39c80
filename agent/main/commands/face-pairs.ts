import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { FacePairsPage } from '../../app/faces/keeping.ts';
import { err, ok, type Result, text, toInstant } from '../../contract/index.ts';
import type { Drift } from '../../domain/face/drift.ts';
import type { FacePair } from '../../store/repositories/face-pairs.ts';
import { askAgent } from '../admin-channel.ts';
import { driftOfAccepted } from '../face/calibrate-comparisons.ts';
import { driftText } from './face-calibrate-text.ts';
import type { Comparison } from './face-comparisons.ts';
import { both, type CommonOptions, complain, EXIT, print } from './io.ts';

export interface PairsOptions extends CommonOptions {
  readonly data: string;
  readonly out?: string;
}

/** What `till face pairs` says. */
export interface PairsReport {
  readonly model: { readonly modelId: string; readonly modelVersion: string };
  /** Confirmed sessions of this model, and those of other models, which are left out. */
  readonly pairs: number;
  readonly otherModels: number;
  /** Comparisons with somebody else. */
  readonly different: number;
  readonly drift: Drift & { readonly since: string | null };
  /** Where they were written; null = nowhere. */
  readonly out: string | null;
}

/** Fetches the confirmed pairs of a running till, shows their drift, and writes them for `face calibrate`. */
export async function showPairs(options: PairsOptions): Promise<void> {
  const { data, json, out } = options;
  const read = await readPairs(data);
  if (!read.ok) {
    const { code, message } = read.error;
    const isAway = code === 'agent-not-running';
    complain(json, {
      code,
      message: isAway
        ? text('这个数据文件夹没有正在运行的收银台', 'No till is running on this data folder')
        : text('收银台没有给出答案', 'The till gave no answer'),
      remedy: isAway
        ? text('先启动：till run --data DIR', 'Start it first: till run --data DIR')
        : text('查看 till face status', 'See till face status'),
      detail: message,
    });
    return;
  }
  const { model, acceptedUpTo, pairs } = read.value;
  const own = pairs.filter(
    (one) => one.modelId === model.modelId && one.modelVersion === model.modelVersion,
  );
  const comparisons = own.flatMap(comparisonsOf);
  if (out !== undefined) {
    const lines = comparisons.map((one) => `${JSON.stringify(one)}\n`).join('');
    try {
      // Of members, though without their names: for whoever ran this alone.
      writeFileSync(out, lines, { mode: 0o600 });
    } catch (cause) {
      complain(json, {
        code: 'not-written',
        message: text('无法写入文件', 'The file could not be written'),
        remedy: text('换一个可写的位置', 'Choose a place that can be written to'),
        detail: cause instanceof Error ? cause.message : String(cause),
      });
      return;
    }
  }
  const report: PairsReport = {
    model,
    pairs: own.length,
    otherModels: pairs.length - own.length,
    different: comparisons.length - own.length,
    drift: driftOfAccepted(comparisons, acceptedUpTo),
    out: out ?? null,
  };
  print(json, report, () => pairsText(report));
  const { verdict } = report.drift;
  process.exitCode = verdict === 'farther' || verdict === 'nearer' ? EXIT.problems : EXIT.ok;
}

/** Adds `face pairs`. */
export function registerFacePairs(command: Command): void {
  command
    .option('--out <file>', 'write them as JSON lines, for face calibrate')
    .action((options: PairsOptions) => showPairs(options));
}

/** One line for the member who was confirmed, and one for somebody else. */
function comparisonsOf({ own, other, atMs }: FacePair): Comparison[] {
  const at = toInstant(atMs);
  return [
    { distance: own, same: true, at },
    ...(other === null ? [] : [{ distance: other, same: false, at }]),
  ];
}

async function readPairs(
  dataDir: string,
): Promise<Result<FacePairsPage, { code: string; message: string }>> {
  const all: FacePairsPage['pairs'][number][] = [];
  for (;;) {
    const answer = await askAgent(dataDir, { command: 'face-pairs', after: all.at(-1)?.no ?? 0 });
    if (!answer.ok) return err(answer.error);
    const page = answer.value as FacePairsPage;
    if (page.pairs.length === 0) return ok({ ...page, pairs: all });
    all.push(...page.pairs);
  }
}

/** The report for a terminal. */
export function pairsText(report: PairsReport): string {
  const { model, pairs, otherModels, different, drift, out } = report;
  return [
    `${model.modelId} ${model.modelVersion}`,
    both(
      text(
        `已确认 ${pairs} 次，其中与他人比对 ${different} 次；其他模型 ${otherModels} 次，未计入`,
        `${pairs} confirmed, ${different} of them compared with somebody else as well; ${otherModels} of other models left out`,
      ),
    ),
    ...driftText(drift),
    ...(out === null ? [] : [`-> ${out}`]),
  ].join('\n');
}
