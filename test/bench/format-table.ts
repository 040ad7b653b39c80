import type { BenchmarkResult } from './benchmark.ts';

/** The results as a table for people: one line a benchmark, the ratio last. */
export function formatTable(results: readonly BenchmarkResult[]): string {
  const rows = [
    ['benchmark', 'ours', 'baseline', 'unit', 'against', 'samples', 'ratio'],
    ...results.map((one) => [
      one.name,
      figure(one.ours),
      figure(one.baseline),
      one.unit,
      one.baselineName,
      String(one.samples),
      `${one.ratio.toFixed(2)}x`,
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** Three significant digits, never in exponent form. */
function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
