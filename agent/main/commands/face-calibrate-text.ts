import { type Text, text } from '../../contract/index.ts';
import type { CalibratedThreshold, ThresholdInUse, TooFew } from '../../domain/face/calibration.ts';
import type { Drift } from '../../domain/face/drift.ts';
import type { FaceCalibration } from '../face/calibrate-comparisons.ts';
import { both } from './io.ts';

/** What `till face calibrate` tells people: thresholds, promises, drift and weight of evidence. */
export function calibrationText(report: FaceCalibration): string {
  const { model, same, different, wanted, shipped, drift, likelihood } = report;
  return [
    `${model.id} ${model.version}`,
    both(
      text(
        `本人比对 ${same} 次，非本人比对 ${different} 次`,
        `${same} comparisons of one person, ${different} of different people`,
      ),
    ),
    ...('threshold' in wanted ? wantedText(wanted) : [both(tooFewText(wanted))]),
    both(text('随模型提供的阈值', 'Thresholds that came with the model')),
    ...shipped.map(
      (one) =>
        `  ${one.threshold}: ${percent(one.shown)} (95 %: ${range(one.shownCi95)}), ${percent(one.fmr)} ${both(VERDICTS[one.verdict])}; TMR ${percent(one.tmr)} (95 %: ${range(one.tmrCi95)})`,
    ),
    ...driftText(drift),
    ...(likelihood === null
      ? [
          both(
            text(
              '比对太少或分不开，无法给出证据分',
              'No weight of evidence: too few, or not told apart',
            ),
          ),
        ]
      : [
          both(text('证据分（纳特）', 'Weight of evidence, in nats')),
          `  ${likelihood.offset.toFixed(3)} - ${likelihood.slope.toFixed(3)} x d, ${likelihood.min.toFixed(2)} ... ${likelihood.max.toFixed(2)}; Cllr ${likelihood.costBits.toFixed(3)}`,
        ]),
  ].join('\n');
}

/** What `till face calibrate` and `till face pairs` say of a drift. */
export function driftText(drift: FaceCalibration['drift']): string[] {
  const { before, recent, since, largerShare, chance, verdict } = drift;
  if (verdict === 'too-few') return [both(DRIFTS[verdict])];
  return [
    both(DRIFTS[verdict]),
    `  ${before} / ${recent}, ${both(text('自', 'since'))} ${since}; P ${largerShare.toFixed(3)}, p ${chance.toPrecision(2)}`,
  ];
}

function wantedText(wanted: CalibratedThreshold): string[] {
  const [low, high] = wanted.thresholdCi95;
  return [
    both(
      text(
        `误识率 ${percent(wanted.fmr)} 的阈值`,
        `Threshold for a false-match rate of ${percent(wanted.fmr)}`,
      ),
    ),
    `  ${wanted.threshold.toFixed(3)} (95 %: ${distance(low)} ... ${distance(high)})`,
    `  FMR ${percent(wanted.shown)} (95 %: ${range(wanted.shownCi95)}), TMR ${percent(wanted.tmr)} (95 %: ${range(wanted.tmrCi95)})`,
  ];
}

function tooFewText({ fmr, needed, given }: TooFew): Text {
  return text(
    `比对太少，看不出误识率 ${percent(fmr)}：需要 ${needed} 次，只有 ${given} 次；不给出阈值`,
    `Too few comparisons to show a rate of ${percent(fmr)}: ${needed} are needed, ${given} are there; no threshold is given`,
  );
}

const VERDICTS: Readonly<Record<ThresholdInUse['verdict'], Text>> = {
  worse: text('未达到', 'not kept'),
  kept: text('达到', 'kept'),
  open: text('记录不足以判断', 'not decided by so few'),
};

const DRIFTS: Readonly<Record<Drift['verdict'], Text>> = {
  'too-few': text('通过的比对太少，看不出变化', 'Too few accepted comparisons to see a drift'),
  steady: text('距离没有变化', 'Distances have not moved'),
  farther: text(
    '警报：最近的距离变大；检查摄像头、光线，必要时重新登记',
    'Alarm: recent distances are larger; look at camera and light, enrol again where needed',
  ),
  nearer: text(
    '警报：最近的距离变小；检查是否有人用照片，或记录有误',
    'Alarm: recent distances are smaller; look for photographs held up, or wrong notes',
  ),
};

function range([low, high]: readonly [number, number]): string {
  return `${percent(low)} ... ${percent(high)}`;
}

function distance(value: number | null): string {
  return value === null ? '?' : value.toFixed(3);
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
