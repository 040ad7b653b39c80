import type { Command } from 'commander';
import { text } from '../../contract/index.ts';
import { describeSet } from '../face/describe-set.ts';
import { evaluateSet, type FaceEvaluation, type Verification } from '../face/evaluate-set.ts';
import { openModel } from '../face/open-model.ts';
import { readFaceSet } from '../face/read-face-set.ts';
import { type CommonOptions, complain, EXIT, print, withJsonOption } from './io.ts';

interface EvalOptions extends CommonOptions {
  readonly model?: string;
}

/** Pictures between two lines of progress. */
const PROGRESS_STEP = 100;

/** Adds `face eval`: what the face model is worth on a folder of photographs. */
export function registerFace(program: Command): void {
  const face = program.command('face').description('measure face recognition');
  withJsonOption(
    face.command('eval').description('error rates of a model on photographs of known people'),
  )
    .argument('<dir>', 'folder with images.csv (file, person, role) and pairs.csv (a, b, same)')
    .option('--model <pack>', 'folder of a model with manifest.json, instead of the shipped one')
    .action(evaluate);
}

async function evaluate(folder: string, { model, json }: EvalOptions): Promise<void> {
  const set = readFaceSet(folder);
  if (!set.ok) {
    complain(json, set.error);
    return;
  }
  const embedder = await openModel(model);
  if (!embedder.ok) {
    const { code, detail } = embedder.error;
    complain(json, {
      code,
      message: text('人脸模型无法使用', 'The face model cannot be used'),
      remedy: text(
        '检查模型文件夹里的 manifest.json 和文件',
        'Check manifest.json and the files in the folder of the model',
      ),
      detail,
    });
    return;
  }
  const { images } = set.value;
  const { described, failures } = await describeSet(set.value, embedder.value, (done) => {
    if (done % PROGRESS_STEP === 0 || done === images.length)
      process.stderr.write(`${done} / ${images.length}\n`);
  });
  const report = evaluateSet(set.value, described, failures, embedder.value.manifest);
  await embedder.value.close();
  print(json, report, () => evaluationText(report));
  process.exitCode = described.length === 0 ? EXIT.problems : EXIT.ok;
}

function evaluationText(report: FaceEvaluation): string {
  const { items, failures, failed, identification: found, listed, meanOfThree, model } = report;
  return [
    `${model.id} ${model.version}`,
    `${items} pictures, ${failures} without a usable face (${percent(failures / Math.max(1, items))}); ${listed.leftOut} listed pairs left out`,
    ...failed.map(({ file, reason }) => `  ${reason} ${file}`),
    ...verificationText('one photograph', report),
    ...verificationText('pairs of pairs.csv alone', listed),
    ...verificationText('mean of three against one', meanOfThree),
    ...(found === undefined
      ? []
      : [
          `1:N, ${found.enrolled} enrolled, ${found.probes} probes, ${found.strangers} strangers: distance <= ${found.rule.threshold}, second person >= ${found.rule.margin} further`,
          `  right name ${percent(found.tpir)}, wrong name ${found.wrong}, strangers named ${percent(found.fpir)}`,
        ]),
    'Waived here: three captures a member, agreement of frames, quality gates',
  ].join('\n');
}

function verificationText(
  title: string,
  { genuine, impostor, eer, points }: Verification,
): string[] {
  return [
    `${title}: ${genuine} comparisons of one person, ${impostor} of different people, EER ${eer === null ? '-' : percent(eer)}`,
    ...points.map(
      ({ fmr, threshold, tmr, ci95: [low, high] }) =>
        `  FMR ${percent(fmr)}: TMR ${percent(tmr)} (95 %: ${percent(low)} to ${percent(high)}), distance ${threshold.toFixed(3)}`,
    ),
  ];
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(3))} %`;
}
