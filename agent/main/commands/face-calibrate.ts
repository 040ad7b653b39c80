import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DEFAULT_MODEL } from '../../../drivers/face/default-model.ts';
import { type ModelManifest, readManifest } from '../../../drivers/face/model-manifest.ts';
import { err, ok, type Result, text } from '../../contract/index.ts';
import { calibrateComparisons } from '../face/calibrate-comparisons.ts';
import { calibratePhotographs } from '../face/calibrate-photographs.ts';
import { MANIFEST_MAX_BYTES, openModel } from '../face/open-model.ts';
import { readFaceSet } from '../face/read-face-set.ts';
import { calibrationText } from './face-calibrate-text.ts';
import { type ComparisonsError, readComparisons } from './face-comparisons.ts';
import { type CommonOptions, complain, EXIT, print, withJsonOption } from './io.ts';
import { readJsonFile } from './read-input-file.ts';

interface CalibrateOptions extends CommonOptions {
  readonly fmr: string;
  readonly model?: string;
}

/** Adds `face calibrate`: thresholds from a store's own comparisons, and from photographs the line of a model. */
export function registerFaceCalibrate(face: Command): void {
  withJsonOption(
    face
      .command('calibrate')
      .description("thresholds for a wanted false-match rate from a store's confirmed comparisons"),
  )
    .argument(
      '<file>',
      'JSON lines {"distance":0.43,"same":true,"at":"..."}; a folder as for eval gives the line of the model',
    )
    .option('--fmr <share>', 'wanted false-match rate, as a fraction', '0.001')
    .option('--model <pack>', 'folder of a model with manifest.json, instead of the shipped one')
    .action(calibrate);
}

async function calibrate(path: string, options: CalibrateOptions): Promise<void> {
  const { json, model } = options;
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    return calibrateModel(path, options);
  const fmr = Number(options.fmr);
  if (!(fmr > 0 && fmr <= 0.5)) {
    complain(json, {
      code: 'bad-rate',
      message: text(`误识率不对：${options.fmr}`, `This is no rate: ${options.fmr}`),
      remedy: text('写成 0 到 0.5 之间的小数', 'Give a fraction above 0 and up to 0.5'),
    });
    return;
  }
  const manifest = manifestOf(model);
  const comparisons = readComparisons(path);
  if (!manifest.ok || !comparisons.ok) {
    const refused = manifest.ok ? comparisons : manifest;
    if (!refused.ok) complain(json, refused.error);
    return;
  }
  const report = calibrateComparisons(comparisons.value, fmr, manifest.value);
  print(json, report, () => calibrationText(report));
  process.exitCode = report.alarm || 'needed' in report.wanted ? EXIT.problems : EXIT.ok;
}

async function calibrateModel(folder: string, { json, model }: CalibrateOptions): Promise<void> {
  const set = readFaceSet(folder);
  if (!set.ok) {
    complain(json, set.error);
    return;
  }
  const embedder = await openModel(model);
  if (!embedder.ok) {
    complain(json, badModel(embedder.error.code, embedder.error.detail));
    return;
  }
  const report = await calibratePhotographs(set.value, embedder.value);
  await embedder.value.close();
  print(json, report, () => JSON.stringify(report, undefined, 2));
  process.exitCode = report.likelihood === null ? EXIT.problems : EXIT.ok;
}

function manifestOf(pack: string | undefined): Result<ModelManifest, ComparisonsError> {
  if (pack === undefined) return ok(DEFAULT_MODEL);
  const source = readJsonFile(join(pack, 'manifest.json'), MANIFEST_MAX_BYTES);
  if (!source.ok) return source;
  const manifest = readManifest(source.value);
  return manifest.ok ? manifest : err(badModel(manifest.error.code, manifest.error.detail));
}

function badModel(code: string, detail: string): ComparisonsError {
  return {
    code,
    message: text('人脸模型无法使用', 'The face model cannot be used'),
    remedy: text(
      '检查模型文件夹里的 manifest.json 和文件',
      'Check manifest.json and the files in the folder of the model',
    ),
    detail,
  };
}
