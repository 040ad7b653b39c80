import type { FaceFacts } from '../../app/faces/keeping.ts';
import { type Text, text } from '../../contract/text.ts';
import type { Interval } from '../../domain/face/verification.ts';
import type { FaceEvaluation, Verification } from '../face/evaluate-set.ts';
import { escapeHtml, type HtmlPage } from './html-page.ts';

/** The model in use, its rule and, where it was measured, how often it is right. */
export function accuracy(
  { say, fill, table }: HtmlPage,
  model: FaceFacts['model'],
  evaluation: FaceEvaluation | undefined,
): string[] {
  if (model === null) return [`<p>${say(text('没有可用的模型。', 'No model can be used.'))}</p>`];
  const { modelId, modelVersion, thresholds, openSet, isPack } = model;
  const origin = isPack
    ? fill(text('门店自备模型：许可和来源', 'a pack of the store: licence and origin'))
    : say(text('随程序提供', 'it comes with the program'));
  const rule = [
    `<p>${escapeHtml(`${modelId} ${modelVersion}`)}: ${origin}</p>`,
    `<p>${say(text('1:1 距离上限 ', 'Largest distance in 1:1: '))}${thresholds.fmr1e3}; ${say(
      text('1:N 上限 ', 'in 1:N: '),
    )}${openSet.threshold}, ${say(text('领先第二名至少 ', 'ahead of the second person by '))}${openSet.margin}</p>`,
  ];
  if (evaluation === undefined)
    return [
      ...rule,
      `<p>${fill(text('误识率：till face eval 文件夹 --json > 结果.json，再加 --eval 结果.json', 'error rates: till face eval FOLDER --json > result.json, then add --eval result.json'))}</p>`,
    ];
  const { identification: found, items, failures } = evaluation;
  return [
    ...rule,
    `<p>${say(text('用照片测得（till face eval）；在店内会有不同，请用本店数据复核。', 'Measured on photographs (till face eval); in a store it will differ: check with data of your own.'))}</p>`,
    table(
      [text('指标', 'Figure'), text('值', 'Value'), text('95 % 区间', 'Interval at 95 %')],
      [
        [
          say(text('没有可用人脸的图片', 'Pictures without a usable face')),
          `${failures} / ${items}`,
          '',
        ],
        ...rates(say, text('一张对一张', 'One against one'), evaluation),
        ...rates(say, text('三张平均对一张', 'Mean of three against one'), evaluation.meanOfThree),
        ...(found === undefined
          ? []
          : [
              [
                say(text('1:N 认对（TPIR）', '1:N, right name (TPIR)')),
                percent(found.tpir),
                range(found.tpirCi95),
              ],
              [
                say(text('1:N 把陌生人认成会员（FPIR）', '1:N, a name for a stranger (FPIR)')),
                percent(found.fpir),
                range(found.fpirCi95),
              ],
              [say(text('1:N 认错人', '1:N, wrong name')), `${found.wrong} / ${found.probes}`, ''],
            ]),
      ],
    ),
  ];
}

function rates(
  say: HtmlPage['say'],
  name: Text,
  { eer, eerCi95, points }: Verification,
): string[][] {
  return [
    [
      `${say(name)}: EER`,
      eer === null ? '-' : percent(eer),
      eerCi95 === null ? '' : range(eerCi95),
    ],
    ...points.map(({ fmr, tmr, ci95 }) => [
      `${say(name)}: TMR (FMR ${percent(fmr)})`,
      percent(tmr),
      range(ci95),
    ]),
  ];
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(2)} %`;
}

function range([low, high]: Interval): string {
  return `${percent(low)} - ${percent(high)}`;
}
