import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerFace } from '../../../../agent/main/commands/face.ts';
import type { FaceEvaluation, Verification } from '../../../../agent/main/face/evaluate-set.ts';
import { makePack } from '../../../support/face-pack/model-folders.ts';
import { runCommand } from '../../../support/run-command.ts';
import { describeWithShared, sharedPath } from '../../../support/shared.ts';

let pack: string;
beforeAll(() => {
  pack = makePack();
});
afterAll(() => rmSync(pack, { recursive: true }));

async function evaluate(...options: string[]): Promise<FaceEvaluation> {
  const args = ['face', 'eval', sharedPath('data/faces'), '--json', ...options];
  const { code, out } = await runCommand(registerFace, args);
  expect(code).toBe(0);
  const report = JSON.parse(out) as FaceEvaluation;
  process.stdout.write(`${JSON.stringify({ ...report, failed: undefined })}\n`);
  return report;
}

function pointAt(fmr: number, { points }: Pick<Verification, 'points'>) {
  const point = points.find((one) => one.fmr === fmr);
  if (point === undefined) throw new Error(`no point at ${fmr}`);
  return point;
}

/** Every rate comes with an interval that holds it. */
function expectIntervals(report: FaceEvaluation): void {
  for (const { points, eer, eerCi95 } of [report, report.listed, report.meanOfThree]) {
    expect(points.length).toBeGreaterThan(1);
    const rates = [...points.map(({ tmr, ci95 }) => [tmr, ci95] as const), [eer, eerCi95] as const];
    for (const [rate, interval] of rates) {
      expect(interval?.[0]).toBeLessThanOrEqual(rate ?? -1);
      expect(interval?.[1]).toBeGreaterThanOrEqual(rate ?? 2);
    }
  }
  const { tpir = 0, tpirCi95 = [1, 0], fpir = 0, fpirCi95 = [1, 0] } = report.identification ?? {};
  expect(tpirCi95[0] < tpir && tpir < tpirCi95[1]).toBe(true);
  expect(fpirCi95[0] <= fpir && fpir < fpirCi95[1]).toBe(true);
}

describeWithShared('data/faces')('the whole folder of photographs', () => {
  test('the shipped model: 3 % unfound, EER 1.5 %, TMR at 0.1 % 87 % and 93 %, one wrong name, FPIR 2 %', async () => {
    const report = await evaluate();
    expect(report.failures / report.items).toBeLessThanOrEqual(0.03);
    expect(report.failed.length).toBe(report.failures);
    expect(report.listed.leftOut).toBeGreaterThan(0);
    expect(report.eer).toBeLessThanOrEqual(0.015);
    expect(pointAt(0.001, report).tmr).toBeGreaterThanOrEqual(0.87);
    expect(pointAt(0.001, report.meanOfThree).tmr).toBeGreaterThanOrEqual(0.93);
    expect(report.identification?.wrong).toBeLessThanOrEqual(1);
    expect(report.identification?.fpir).toBeLessThanOrEqual(0.02);
    expect(report.identification?.tpir).toBeGreaterThan(0.5);
    expect(report.waived).toContain('three-captures');
    expectIntervals(report);
  });

  test('the pack on ONNX: 0.5 % unfound, TMR at 0.01 % 95 %, TPIR 85 %', async () => {
    const report = await evaluate('--model', pack);
    expect(report.failures / report.items).toBeLessThanOrEqual(0.005);
    expect(pointAt(0.0001, report).tmr).toBeGreaterThanOrEqual(0.95);
    expect(report.identification?.tpir).toBeGreaterThanOrEqual(0.85);
    expect(report.identification?.wrong).toBeLessThanOrEqual(1);
    expect(report.identification?.fpir).toBeLessThanOrEqual(0.02);
    expect(report.waived).toContain('three-captures');
    expectIntervals(report);
  });
});
