import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { FaceFacts } from '../../app/faces/keeping.ts';
import { err, type Language, ok, type Result, text } from '../../contract/index.ts';
import { askAgent } from '../admin-channel.ts';
import type { FaceEvaluation } from '../face/evaluate-set.ts';
import { assessmentHtml } from './face-assessment-html.ts';
import { both, type CommonOptions, complain, EXIT, print } from './io.ts';
import { readJsonFile } from './read-input-file.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/** Bytes of an evaluation, at most: it names each picture that was left out. */
export const EVALUATION_MAX_BYTES = 4 * 1024 * 1024;
const LANGUAGES: Readonly<Record<string, Language>> = { zh: 'zh-CN', en: 'en' };

interface Options extends CommonOptions {
  readonly data: string;
  readonly out: string;
  readonly lang: string;
  readonly eval?: string;
}

type Complaint = Parameters<typeof complain>[1];

const rate = z.number().min(0).max(1);
const interval = z.tuple([rate, rate]);
const verification = z.object({
  eer: rate.nullable(),
  eerCi95: interval.nullable(),
  points: z
    .array(z.object({ fmr: rate, threshold: z.number(), tmr: rate, ci95: interval }))
    .max(20),
});
/** The part of `till face eval --json` that the page shows. */
const evaluationSchema = z.looseObject({
  ...verification.shape,
  items: z.int().min(1),
  failures: z.int().min(0),
  model: z.object({ id: z.string(), version: z.string() }),
  meanOfThree: verification,
  identification: z
    .looseObject({
      ...{ tpir: rate, tpirCi95: interval, fpir: rate, fpirCi95: interval },
      ...{ wrong: z.int().min(0), probes: z.int().min(0) },
    })
    .optional(),
});

/** Adds `face assessment`: what the law wants a store to think through before it recognises faces, as far as a till knows it. */
export function registerFaceAssessment(command: Command): void {
  command
    .requiredOption('--out <file>', 'where to write the page')
    .addOption(
      new Option('--lang <language>', 'language of the page')
        .choices(Object.keys(LANGUAGES))
        .default('zh'),
    )
    .option('--eval <file>', 'output of `till face eval DIR --json`: error rates of the model')
    .action(assess);
}

async function assess({ data, json, out, lang, eval: file }: Options): Promise<void> {
  const answer = await askAgent(data, { command: 'face-facts' });
  if (!answer.ok) {
    const isAway = answer.error.code === 'agent-not-running';
    return complain(json, {
      code: answer.error.code,
      message: isAway
        ? text('这个数据文件夹没有正在运行的收银台', 'No till is running on this data folder')
        : text('收银台没有给出答案', 'The till gave no answer'),
      remedy: isAway
        ? text('先启动：till run --data DIR', 'Start it first: till run --data DIR')
        : text('查看 till face status', 'See till face status'),
      detail: answer.error.message,
    });
  }
  const facts = answer.value as FaceFacts;
  const evaluation = file === undefined ? ok(undefined) : readEvaluation(file, facts);
  if (!evaluation.ok) return complain(json, evaluation.error);
  const language = LANGUAGES[lang] ?? 'zh-CN';
  const html = assessmentHtml({ facts, evaluation: evaluation.value, language });
  const written = writeFileAtomically(out, html);
  if (!written.ok)
    return complain(json, {
      code: 'not-written',
      message: text(`无法写入：${out}`, `Cannot be written: ${out}`),
      remedy: text(
        '检查文件夹、权限和磁盘空间',
        'Check the folder, its permissions and the disk space',
      ),
      detail: written.error,
    });
  const toFill = html.split('<mark>').length - 1;
  print(json, { written: out, at: facts.at, toFill }, () =>
    both(
      text(
        `已写入 ${out}，${toFill} 处待企业填写`,
        `written to ${out}; ${toFill} places for the company to fill in`,
      ),
    ),
  );
  process.exitCode = EXIT.ok;
}

function readEvaluation(file: string, { model }: FaceFacts): Result<FaceEvaluation, Complaint> {
  const read = readJsonFile(file, EVALUATION_MAX_BYTES);
  if (!read.ok) return read;
  const parsed = evaluationSchema.safeParse(read.value);
  if (!parsed.success) return err(notAnEvaluation(z.prettifyError(parsed.error)));
  const { id, version } = parsed.data.model;
  if (model !== null && (id !== model.modelId || version !== model.modelVersion))
    return err({
      code: 'other-model',
      message: text(
        `测量的是 ${id} ${version}，收银台用的是 ${model.modelId} ${model.modelVersion}`,
        `It measured ${id} ${version}; the till uses ${model.modelId} ${model.modelVersion}`,
      ),
      remedy: text('用收银台的模型再测一次', 'Measure the model of the till'),
    });
  return ok(parsed.data as unknown as FaceEvaluation);
}

function notAnEvaluation(detail: string): Complaint {
  return {
    code: 'bad-evaluation',
    message: text('不是 till face eval --json 的输出', 'Not the output of till face eval --json'),
    remedy: text('重新运行 till face eval DIR --json', 'Run till face eval DIR --json anew'),
    detail,
  };
}
