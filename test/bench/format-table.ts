import type { BenchmarkResult } from './benchmark.ts';

/** The results as a table for people: one line a benchmark, the ratio last; medians, with the 99th percentile if known. Notes stand below it. */
export function formatTable(results: readonly BenchmarkResult[]): string {
  const rows = [
    ['benchmark', 'ours', 'baseline', 'unit', 'against', 'samples', 'ratio'],
    ...results.map((one) => [
      one.name,
      withP99(one.ours, one.oursP99),
      withP99(one.baseline, one.baselineP99),
      one.unit,
      one.baselineName,
      String(one.samples),
      formatRatio(one),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
  const notes = results.flatMap(({ name, notes = [] }) => notes.map((note) => `${name}: ${note}`));
  const whole = [
    ...lines.map((line) => line.trimEnd()),
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ];
  return `${whole.join('\n')}\n`;
}

/** How many times the baseline ours takes, `0.14x`. */
export function formatRatio({ ratio }: Pick<BenchmarkResult, 'ratio'>): string {
  return `${ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2)}x`;
}

function withP99(p50: number, p99: number | undefined): string {
  return p99 === undefined ? figure(p50) : `${figure(p50)} (p99 ${figure(p99)})`;
}

/** Three significant digits, never in exponent form. */
function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
