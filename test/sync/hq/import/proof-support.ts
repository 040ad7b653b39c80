import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HqDeps } from '../../../../sync/hq/deps.ts';
import type { ImportFailure } from '../../../../sync/hq/import/import-failure.ts';
import type { Finding } from '../../../../sync/hq/import/proof/finding.ts';
import {
  type Proof,
  type VerifyOptions,
  verifySource,
} from '../../../../sync/hq/import/proof/verify-source.ts';
import { must } from '../../../support/hq-database.ts';
import { testFolder } from './import-support.ts';

export type Cells = Record<string, string>;

const HEADER = [
  '会员号',
  '姓名',
  '手机',
  '卡号',
  '等级',
  '标签',
  '生日',
  '门店',
  '积分',
  '更新时间',
] as const;

/** Member `index` of a source without faults. Phones and cards are even, so that a flipped bit never hits another one. */
export function trueRow(index: number): Cells {
  return {
    会员号: `m-${index}`,
    姓名: `会员${String.fromCodePoint(0x4e00 + (index % 3_000))}`,
    手机: `139${String(index * 2).padStart(8, '0')}`,
    卡号: `29${String(index * 2).padStart(11, '0')}`,
    等级: index % 7 === 0 ? 'gold' : 'standard',
    标签: 'vip;常客',
    生日: `19${60 + (index % 40)}-0${1 + (index % 9)}-${10 + (index % 18)}`,
    门店: ['sh-01', 'cd-01', 'hz-01'][index % 3] as string,
    积分: String(2 + 2 * (index % 2_000)),
    更新时间: '2026-10-01 08:00:00',
  };
}

export function trueRows(count: number): Cells[] {
  return Array.from({ length: count }, (_, n) => trueRow(n + 1));
}

export function lineOf(row: Cells): string {
  return HEADER.map((name) => row[name] ?? '').join(',');
}

/** A CSV of these rows; `lines` are taken as they are. */
export function csvOf(rows: readonly (Cells | string)[]): string {
  return `${[HEADER.join(','), ...rows.map((row) => (typeof row === 'string' ? row : lineOf(row)))].join('\r\n')}\r\n`;
}

export function fileOf(rows: readonly (Cells | string)[], name = 'source.csv'): string {
  const path = join(testFolder(), name);
  writeFileSync(path, csvOf(rows));
  return path;
}

/** A proof with all that it found. */
export async function proofOf(
  deps: HqDeps,
  options: Omit<VerifyOptions, 'kind'> & Partial<Pick<VerifyOptions, 'kind'>>,
): Promise<Proof & { findings: Finding[] }> {
  const findings: Finding[] = [];
  const proof: { ok: true; value: Proof } | { ok: false; error: ImportFailure } =
    await verifySource(deps, {
      kind: 'members',
      ...options,
      onFindings: (some) => findings.push(...some),
    });
  return { ...must(proof), findings };
}

/** The keys of one kind of finding, sorted. */
export function keysOf(findings: readonly Finding[], kind: Finding['kind']): string[] {
  return findings.flatMap((one) => (one.kind === kind ? [one.key] : [])).sort();
}
