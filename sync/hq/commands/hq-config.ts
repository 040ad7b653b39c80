import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { currencySchema } from '../../../agent/contract/money.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { text } from '../../../agent/contract/text.ts';
import { timeZoneSchema } from '../../../agent/contract/time.ts';
import type { HqDatabaseConfig } from '../database/open-hq-database.ts';
import type { Complaint } from './io.ts';

/** Where HQ listens unless told otherwise. */
export const DEFAULT_HQ_PORT = 17_943;
const CONFIG_MAX_BYTES = 1024 * 1024;

/** HQ's settings: one JSON file, whose fields flags of the same name replace. */
export const hqConfigSchema = z.strictObject({
  /** Folder for everything that HQ keeps on this machine. */
  data: z.string().min(1).max(1_024).default('data/hq'),
  /** Absent = the folder `keys` in the data folder. */
  keys: z.string().min(1).max(1_024).optional(),
  /** Address to listen at: 0.0.0.0 for all of this machine. */
  host: z.string().min(1).max(255).default('127.0.0.1'),
  port: z.coerce.number().int().min(0).max(65_535).default(DEFAULT_HQ_PORT),
  /** Names and addresses by which tills reach HQ, the first one in their tickets. */
  hosts: z.array(z.string().min(1).max(255)).max(32).default([]),
  /** Where tills find HQ when that is not the address listened at. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .optional(),
  /** `pglite`, `embedded` or the address of a PostgreSQL server. Absent = embedded, and pglite for the demo. */
  database: z
    .string()
    .regex(/^(pglite|embedded|postgres(ql)?:\/\/.+)$/, {
      error: 'pglite, embedded or postgres://...',
    })
    .optional(),
  cert: z.string().max(1_024).optional(),
  key: z.string().max(1_024).optional(),
  ca: z.string().max(1_024).optional(),
  /** Without TLS, on loopback only. */
  http: z.boolean().default(false),
  currency: currencySchema.default('CNY'),
  timeZone: timeZoneSchema.default('Asia/Shanghai'),
  demo: z.boolean().default(false),
  logLevel: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
});
export type HqConfig = z.output<typeof hqConfigSchema>;

/** Reads the settings file, if one is named, and puts the flags over it. */
export function loadHqConfig(
  file: string | undefined,
  flags: Readonly<Record<string, unknown>>,
): Result<HqConfig, Complaint> {
  let raw: unknown = {};
  if (file !== undefined) {
    try {
      const body = readFileSync(file);
      if (body.length > CONFIG_MAX_BYTES) throw new Error(`larger than ${CONFIG_MAX_BYTES} bytes`);
      raw = JSON.parse(body.toString('utf8'));
    } catch (cause) {
      return err({
        code: 'config-unreadable',
        message: text('无法读取设置文件', 'The settings file cannot be read'),
        remedy: text('检查路径和 JSON 格式', 'Check the path and that it is JSON'),
        detail: `${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      });
    }
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return err(invalid('', 'must be one JSON object'));
  const known = Object.keys(hqConfigSchema.shape);
  const given = Object.entries(flags).filter(
    ([name, value]) => known.includes(name) && value !== undefined,
  );
  const parsed = hqConfigSchema.safeParse({ ...raw, ...Object.fromEntries(given) });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field =
      issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : issue?.path.join('.');
    return err(invalid(field ?? '', issue?.message ?? ''));
  }
  const { cert, key, ca, http, url } = parsed.data;
  if (http) return proxied(parsed.data, url, { cert, key, ca });
  const files = [cert, key, ca].filter((path) => path !== undefined).length;
  if (files !== 0 && files !== 3)
    return err(
      invalid(cert === undefined ? 'cert' : key === undefined ? 'key' : 'ca', 'is missing'),
    );
  return ok(parsed.data);
}

/** Without TLS of its own HQ may stand behind a proxy that has it: its tickets then need that proxy's authority. */
function proxied(
  config: HqConfig,
  url: string | undefined,
  { cert, key, ca }: { readonly [Name in 'cert' | 'key' | 'ca']: string | undefined },
): Result<HqConfig, Complaint> {
  if (cert !== undefined || key !== undefined)
    return err(invalid(cert === undefined ? 'key' : 'cert', 'is not used with --http'));
  const secure = url?.startsWith('https:') === true;
  if (secure && ca === undefined)
    return err(
      invalid('ca', "is missing: tills must know the authority of the proxy's certificate"),
    );
  if (!secure && ca !== undefined)
    return err(invalid('url', 'must be https://... where --ca is given'));
  return ok(config);
}

/** Where HQ's database lies. */
export function databaseOf({ database, demo, data }: HqConfig): HqDatabaseConfig {
  const kind = database ?? (demo ? 'pglite' : 'embedded');
  if (kind === 'pglite' || kind === 'embedded') return { kind, folder: join(resolve(data), 'db') };
  return { kind: 'server', url: kind };
}

/** Where HQ's keys lie. */
export function keysFolderOf({ keys, data }: HqConfig): string {
  return resolve(keys ?? join(data, 'keys'));
}

function invalid(field: string, why: string): Complaint {
  return {
    code: 'config-invalid',
    message: text(`设置项 ${field} 不对：${why}`, `The setting ${field} is wrong: ${why}`),
    remedy: text('修正设置或参数后重新启动', 'Correct the setting or the flag and start again'),
  };
}
