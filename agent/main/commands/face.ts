import type { Command } from 'commander';
import { text } from '../../contract/index.ts';
import { describeSet } from '../face/describe-set.ts';
import { evaluateSet } from '../face/evaluate-set.ts';
import { openModel } from '../face/open-model.ts';
import { readFaceSet } from '../face/read-face-set.ts';
import { registerFaceCalibrate } from './face-calibrate.ts';
import { evaluationText } from './face-eval-text.ts';
import { registerFaceTill } from './face-till.ts';
import { type CommonOptions, complain, EXIT, print, withJsonOption } from './io.ts';

interface EvalOptions extends CommonOptions {
  readonly model?: string;
}

/** Pictures between two lines of progress. */
const PROGRESS_STEP = 100;

/** Adds `face eval`: what the face model is worth on a folder of photographs. */
export function registerFace(program: Command): void {
  const face = program
    .command('face')
    .description('measure face recognition, and see what a till keeps of faces');
  withJsonOption(
    face.command('eval').description('error rates of a model on photographs of known people'),
  )
    .argument('<dir>', 'folder with images.csv (file, person, role) and pairs.csv (a, b, same)')
    .option('--model <pack>', 'folder of a model with manifest.json, instead of the shipped one')
    .action(evaluate);
  registerFaceCalibrate(face);
  registerFaceTill(face);
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
  const { id, version } = embedder.value.manifest;
  process.stderr.write(`${id} ${version}: 0 / ${images.length}\n`);
  const { described, failures } = await describeSet(set.value, embedder.value, (done) => {
    if (done % PROGRESS_STEP === 0 || done === images.length)
      process.stderr.write(`${done} / ${images.length}\n`);
  });
  const report = evaluateSet(set.value, described, failures, embedder.value.manifest);
  await embedder.value.close();
  print(json, report, () => evaluationText(report));
  process.exitCode = described.length === 0 ? EXIT.problems : EXIT.ok;
}
