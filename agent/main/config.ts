import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { checkConfig } from '../../drivers/check-config.ts';
import { livenessDefinitionSchema } from '../../drivers/liveness/registry.ts';
import {
  assert,
  err,
  languageSchema,
  ok,
  type Result,
  storeSchema,
  type Text,
  type TillPlace,
  text,
  tillIdSchema,
} from '../contract/index.ts';
import { cardsHiddenByPayments, defaultCodeRouteConfig } from '../domain/identify/route-config.ts';

/** Where a till listens unless told otherwise; above the ranges that browsers and databases like. */
export const DEFAULT_PORT = 17_890;
const CONFIG_MAX_BYTES = 1024 * 1024;

const cardPatternSchema = z.strictObject({
  prefix: z.string().regex(/^\d{0,12}$/),
  length: z.int().min(4).max(32),
  check: z.enum(['mod10', 'luhn', 'none']),
});

/** Where a till stands of which nobody has said anything. */
export const DEFAULT_PLACE: TillPlace = {
  tillId: tillIdSchema.parse('till-1'),
  store: storeSchema.parse({
    storeId: 'store-1',
    name: { 'zh-CN': '本店', en: 'This store' },
    storeTier: 'standard',
    timeZone: 'Asia/Shanghai',
    currency: 'CNY',
  }),
};

/** A till's settings: one JSON file, written by whoever installs the till. */
export const tillConfigSchema = z.strictObject({
  /** Where the till stands. A registered till has it from headquarters. */
  place: z.strictObject({ tillId: tillIdSchema, store: storeSchema }).optional(),
  language: languageSchema.default('zh-CN'),
  port: z.int().min(0).max(65_535).default(DEFAULT_PORT),
  /** Checked by the device registry, which names the field that is wrong. */
  devices: z.array(z.record(z.string(), z.unknown())).max(16).default([]),
  cards: z.array(cardPatternSchema).max(16).optional(),
  couponPrefixes: z.array(z.string().min(1).max(16)).max(16).optional(),
  idleLockSeconds: z.int().min(15).max(3_600).default(300),
  identificationSeconds: z.int().min(15).max(900).default(120),
  holdSeconds: z.int().min(30).max(3_600).default(600),
  /** Who may say that points and single-use coupons can be spent: nobody yet, or this till where it is its chain's only one. */
  allowance: z.enum(['none', 'self']).default('none'),
  /** Public keys (Ed25519, SPKI as base64) whose signatures on documents count. */
  trustedKeys: z
    .array(
      z.strictObject({
        keyId: z.string().min(1).max(64),
        publicKey: z.string().min(40).max(400),
        /** Its signature counts no more; what was installed before stays in force. */
        revoked: z.literal(true).optional(),
      }),
    )
    .max(8)
    .default([]),
  /** A signed rule set to install at start when it is newer. */
  ruleSetFile: z.string().max(1_024).optional(),
  /** Folder of a face model with `manifest.json` in place of the shipped one; the store answers for its rights to it. */
  facePackFolder: z.string().min(1).max(1_024).optional(),
  /** The name that the pack must have; a pack of another one is refused. */
  faceModel: z
    .strictObject({ modelId: z.string().min(1).max(63), modelVersion: z.string().min(1).max(40) })
    .optional(),
  /** A detector of attacks beside the camera; what it says counts where the signed policy names its certificate. */
  livenessDetector: livenessDefinitionSchema.optional(),
  /** Absent = the camera that is chosen on the devices page. The simulated one shows drawn people: for demonstrations. */
  faceCamera: z.strictObject({ driver: z.literal('sim-camera') }).optional(),
  demo: z.boolean().default(false),
});
export type TillConfig = z.infer<typeof tillConfigSchema>;

/** What is wrong with the settings, which field, and what to do. */
export interface ConfigError {
  readonly code: 'config-unreadable' | 'config-invalid';
  readonly field?: string;
  readonly message: Text;
  readonly remedy: Text;
}

/** Reads and checks a settings file; without a file, the defaults. */
export function loadConfig(
  file: string | undefined,
  overrides: Record<string, unknown> = {},
): Result<TillConfig, ConfigError> {
  let raw: unknown = {};
  if (file !== undefined) {
    try {
      const body = readFileSync(file);
      if (body.length > CONFIG_MAX_BYTES) throw new Error(`larger than ${CONFIG_MAX_BYTES} bytes`);
      raw = JSON.parse(body.toString('utf8'));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      return err({
        code: 'config-unreadable',
        message: text(
          `无法读取设置文件 ${file}：${why}`,
          `The settings file ${file} cannot be read: ${why}`,
        ),
        remedy: text('检查路径和 JSON 格式', 'Check the path and that it is JSON'),
      });
    }
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return err(invalid('', text('应为一个 JSON 对象', 'must be one JSON object')));
  }
  const checked = checkConfig(tillConfigSchema, { ...raw, ...overrides }, '');
  if (!checked.ok) {
    const [problem] = checked.error;
    assert(problem !== undefined, 'settings that are refused have a problem');
    return err(invalid(problem.field, problem.text));
  }
  return hiddenCards(checked.value) ?? wrongKeys(checked.value) ?? ok(checked.value);
}

function invalid(field: string, why: Text): ConfigError {
  return {
    code: 'config-invalid',
    field,
    message: text(
      `设置项 ${field} 不对：${why['zh-CN']}`,
      `The setting ${field} is wrong: ${why.en}`,
    ),
    remedy: text('修正设置文件后重新启动', 'Correct the settings file and start again'),
  };
}

/** A key that cannot be read would leave every rule set untrusted. */
function wrongKeys(config: TillConfig): Result<never, ConfigError> | undefined {
  for (const [index, { publicKey }] of config.trustedKeys.entries()) {
    try {
      const key = createPublicKey({
        key: Buffer.from(publicKey, 'base64'),
        format: 'der',
        type: 'spki',
      });
      if (key.asymmetricKeyType === 'ed25519') continue;
    } catch {
      // Told below like a key of another kind: either way it is no Ed25519 key.
    }
    const why = text('不是 Ed25519 公钥（SPKI，base64）', 'no Ed25519 public key (SPKI, base64)');
    return err(invalid(`trustedKeys[${index}].publicKey`, why));
  }
  return undefined;
}

/** A card that reads like a payment code would never be recognised: such settings are refused. */
function hiddenCards(config: TillConfig): Result<never, ConfigError> | undefined {
  const hidden =
    config.cards === undefined
      ? undefined
      : cardsHiddenByPayments({ ...defaultCodeRouteConfig, cards: config.cards })[0];
  if (hidden === undefined) return undefined;
  const card = `${hidden.prefix}… (${hidden.length})`;
  const why = text(
    `会员卡号 ${card} 与钱包付款码无法区分，请换一种卡号格式`,
    `cards ${card} cannot be told from payment codes of a wallet; choose another form`,
  );
  return err(invalid('cards', why));
}

/** A port as the command line gives it. */
export function readPort(value: string): Result<number, ConfigError> {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (port <= 65_535) return ok(port);
  return err(
    invalid('port', text('应为 0 到 65535 的整数', 'must be a whole number from 0 to 65535')),
  );
}
