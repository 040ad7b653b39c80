/**
 * Runs the benchmarks: every `*.bench.ts` beside this file.
 *
 *     npm run bench                        all of them
 *     npm run bench -- member              those whose name contains "member"
 *     npm run bench -- --json FILE         and writes { "benchmarks": [...] } to FILE
 *
 * Exit code 0, 1 when a benchmark failed, 2 for a wrong argument or no match.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { formatRatio, formatTable } from './format-table.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readArguments();
  if (options === null) return 2;
  const all = await loadBenchmarks();
  const chosen = all.filter(({ name }) => options.names.every((part) => name.includes(part)));
  if (chosen.length === 0) {
    const names = all.map(({ name }) => `  ${name}`).join('\n');
    process.stderr.write(`no benchmark matches ${options.names.join(' ')}; there are:\n${names}\n`);
    return 2;
  }
  const results: BenchmarkResult[] = [];
  let failures = 0;
  for (const benchmark of chosen) {
    process.stderr.write(`measuring ${benchmark.name}\n`);
    try {
      const result = await benchmark.run();
      results.push(result);
      // At once: a run that is cut off has said what it found so far.
      process.stderr.write(`  ${formatRatio(result)} ${result.baselineName}\n`);
    } catch (error) {
      failures += 1;
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`failed: ${benchmark.name}: ${detail}\n`);
    }
  }
  process.stdout.write(formatTable(results));
  if (options.json !== null) {
    writeFileSync(options.json, `${JSON.stringify({ benchmarks: results }, null, 2)}\n`);
  }
  return failures === 0 ? 0 : 1;
}

function readArguments(): { names: string[]; json: string | null } | null {
  try {
    const { values, positionals } = parseArgs({
      options: { json: { type: 'string' } },
      allowPositionals: true,
    });
    return { names: positionals, json: values.json ?? null };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${detail}\nusage: npm run bench -- [NAME] [--json FILE]\n`);
    return null;
  }
}

async function loadBenchmarks(): Promise<Benchmark[]> {
  const folder = new URL('.', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.bench.ts'));
  const loaded: Benchmark[] = [];
  for (const file of files.sort()) {
    const module = (await import(new URL(file, folder).href)) as { benchmarks: Benchmark[] };
    loaded.push(...module.benchmarks);
  }
  return loaded;
}
