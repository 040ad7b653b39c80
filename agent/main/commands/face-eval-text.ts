import { type Text, text } from '../../contract/index.ts';
import type { PictureFailure } from '../face/describe-set.ts';
import type {
  FaceEvaluation,
  IdentificationFigures,
  Verification,
  WAIVED,
} from '../face/evaluate-set.ts';
import { both } from './io.ts';

const REASONS: Readonly<Record<PictureFailure['reason'], Text>> = {
  missing: text('没有这个文件', 'no such file'),
  unreadable: text('无法读取', 'cannot be read'),
  undecodable: text('不是完好的图片，或太大', 'no picture, a damaged one, or too large'),
  'no-face': text('没有找到人脸', 'no face found'),
  'no-descriptor': text('人脸无法描述', 'the face cannot be described'),
};

const WAIVERS: Readonly<Record<(typeof WAIVED)[number], Text>> = {
  'three-captures': text(
    '每位会员至少三次采集（这里每人只登记给出的照片）',
    'at least three captures a member (here the photographs that are given are enrolled)',
  ),
  'agreement-of-frames': text('三帧中两帧一致', 'two of three frames agree'),
  'quality-gates': text('采集质量门槛', 'the gates of a capture'),
};

/** What `face eval` prints without `--json`: rates in per cent, distances in the metric of the model. */
export function evaluationText(report: FaceEvaluation): string {
  const { items, failures, failed, identification, listed, meanOfThree, model, waived } = report;
  return [
    `${model.id} ${model.version}`,
    both(
      text(
        `${items} 张图片，${failures} 张没有可用的人脸（${percent(failures / Math.max(1, items))}）；${listed.leftOut} 对因此未计入`,
        `${items} pictures, ${failures} without a usable face (${percent(failures / Math.max(1, items))}); ${listed.leftOut} listed pairs left out`,
      ),
    ),
    ...failed.map(({ file, reason }) => `  ${file}: ${both(REASONS[reason])}`),
    ...verificationText(text('一张照片', 'One photograph'), report),
    ...verificationText(text('仅 pairs.csv 中的配对', 'The pairs of pairs.csv alone'), listed),
    ...verificationText(text('三张平均对一张', 'Mean of three against one'), meanOfThree),
    ...(identification === undefined ? [] : identificationText(identification)),
    both(text('此处不适用的规则：', 'Rules of the till that are waived here:')),
    ...waived.map((rule) => `  ${both(WAIVERS[rule])}`),
  ].join('\n');
}

function verificationText(
  title: Text,
  { genuine, impostor, eer, eerCi95, points }: Verification,
): string[] {
  return [
    both(
      text(
        `${title['zh-CN']}：同一人 ${genuine} 次比较，不同人 ${impostor} 次`,
        `${title.en}: ${genuine} comparisons of one person, ${impostor} of different people`,
      ),
    ),
    `  EER ${eer === null ? '-' : percent(eer)}${eerCi95 === null ? '' : ` (95 %: ${range(eerCi95)})`}`,
    ...points.map(
      ({ fmr, threshold, tmr, ci95 }) =>
        `  FMR ${percent(fmr)}: TMR ${percent(tmr)} (95 %: ${range(ci95)}), <= ${threshold.toFixed(3)}`,
    ),
  ];
}

function identificationText(found: IdentificationFigures): string[] {
  const { enrolled, probes, strangers, rule, tpir, fpir, wrong, tpirCi95, fpirCi95 } = found;
  return [
    both(
      text(
        `1:N：登记 ${enrolled} 人，${probes} 张已登记的人，${strangers} 张陌生人；距离 <= ${rule.threshold}，第二人至少远 ${rule.margin}`,
        `1:N: ${enrolled} people enrolled, ${probes} probes of them, ${strangers} strangers; distance <= ${rule.threshold}, second person >= ${rule.margin} further`,
      ),
    ),
    `  TPIR ${percent(tpir)} (95 %: ${range(tpirCi95)}), FPIR ${percent(fpir)} (95 %: ${range(fpirCi95)})`,
    `  ${both(text(`认错 ${wrong} 次`, `${wrong} wrong names`))}`,
  ];
}

function range([low, high]: readonly [number, number]): string {
  return `${percent(low)} - ${percent(high)}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(3))} %`;
}
