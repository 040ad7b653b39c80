import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { Registration } from '../../sync/client/ports.ts';
import { openRuleSet } from '../../sync/protocol/rule-set-document.ts';
import { SIGNED_DOCUMENT_MAX_BYTES, verifyDocument } from '../../sync/protocol/signed-document.ts';
import {
  assert,
  err,
  ok,
  POLICY_SCHEMA,
  policySchema,
  REVOKED_KEYS_SETTING,
  type Result,
  revokedKeysSchema,
  type Text,
  text,
} from '../contract/index.ts';
import { conditionFault } from '../domain/benefits/condition/condition-fault.ts';
import type { Store } from '../store/store.ts';
import type { TillConfig } from './config.ts';

/** Why a rule set was not installed; the one in force stays. */
export interface InstallError {
  readonly code:
    | 'rule-set-unreadable'
    | 'rule-set-untrusted'
    | 'rule-set-revoked-key'
    | 'rule-set-invalid'
    | 'rule-set-older'
    | 'rule-set-forked'
    | 'rule-set-currency'
    | 'rule-set-jumps';
  readonly message: Text;
  readonly remedy: Text;
}

/** Versions that one publication may advance; a larger step would lock out every later version. */
export const RULE_SET_STEP_MAX = 10_000;

const REMEDY = text(
  '请总部重新发布规则；本机继续使用现有规则',
  'Ask headquarters to publish again; the till keeps the rules it has',
);

function refuse(code: InstallError['code'], zh: string, en: string): Result<never, InstallError> {
  return err({ code, message: text(zh, en), remedy: REMEDY });
}

/**
 * Public keys (Ed25519, SPKI DER as base64) whose signatures this till accepts, by key id: those of its settings, and of
 * its registration where it has one.
 */
export function trustedKeys(
  config: Pick<TillConfig, 'trustedKeys'>,
  registration?: Pick<Registration, 'trustedKeys'>,
): Map<string, KeyObject> {
  return new Map(
    [...config.trustedKeys, ...(registration?.trustedKeys ?? [])].map(({ keyId, publicKey }) => [
      keyId,
      createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' }),
    ]),
  );
}

/**
 * Ids of keys whose signature counts no more: those that headquarters took back, and those that the till's settings name
 * so. A setting that cannot be read takes none back, because it came from headquarters itself.
 */
export function revokedKeys(
  config: Pick<TillConfig, 'trustedKeys'>,
  store: Pick<Store, 'sync'>,
): Set<string> {
  const fed = store.sync.fed('setting', REVOKED_KEYS_SETTING);
  const parsed = revokedKeysSchema.safeParse(fed === undefined ? undefined : JSON.parse(fed));
  const own = config.trustedKeys.flatMap(({ keyId, revoked }) => (revoked ? keyId : []));
  return new Set([...own, ...(parsed.success ? parsed.data.keyIds : [])]);
}

export interface InstallOptions {
  readonly trusted: ReadonlyMap<string, KeyObject>;
  readonly revoked: ReadonlySet<string>;
  /** The store's own; rules for another would refuse every basket. */
  readonly currency: string;
  readonly nowMs: number;
}

/** What was installed: the version in force afterwards, and whether it is another one than before. */
export interface Installed {
  readonly version: number;
  readonly changed: boolean;
  /** For whoever reads the log or the events. */
  readonly label: string;
}

/**
 * Installs a signed rule set from a file where it is newer than the one in force, and reports it as an event; the one
 * in force again is no error.
 * @returns the version in force afterwards
 */
export function installRuleSet(
  store: Store,
  file: string,
  options: InstallOptions,
): Result<number, InstallError> {
  const document = readDocument(file);
  if (!document.ok) return document;
  const checked = checkRuleSet(store, document.value, options);
  if (!checked.ok) return checked;
  const { version, body, label, changed } = checked.value;
  const { nowMs } = options;
  if (changed)
    store.transaction(() => {
      store.documents.install({ kind: 'rule-set', version, body, installedAtMs: nowMs });
      store.events.append(nowMs, { kind: 'till', what: 'rules-installed', detail: label });
    });
  return ok(version);
}

/**
 * Installs a signed document that headquarters sent where it is newer than the one in force. The till takes it up when
 * it is told to look again.
 * @param bytes JSON of the signed envelope
 */
export function installDocument(
  store: Store,
  kind: 'rule-set' | 'policy',
  bytes: Uint8Array,
  options: InstallOptions,
): Result<Installed, InstallError> {
  const document = parseDocument(Buffer.from(bytes).toString('utf8'));
  if (!document.ok) return document;
  const checked =
    kind === 'rule-set'
      ? checkRuleSet(store, document.value, options)
      : checkPolicy(store, document.value, options);
  if (!checked.ok) return checked;
  const { version, body, label, changed } = checked.value;
  // Also the one in force, which may have come from elsewhere.
  store.documents.install({ kind, version, body, installedAtMs: options.nowMs });
  return ok({ version, changed, label });
}

interface Checked extends Installed {
  /** Canonical JSON of the payload. */
  readonly body: string;
}

function checkRuleSet(
  store: Store,
  document: unknown,
  { trusted, revoked, currency }: InstallOptions,
): Result<Checked, InstallError> {
  const opened = openRuleSet(document, trusted, revoked);
  if (!opened.ok) {
    const { code, message } = opened.error;
    return code === 'wrong-form' ? wrongForm(message) : untrusted(opened.error);
  }
  const { ruleSet: name, version } = opened.value;
  if (opened.value.currency !== currency) {
    return refuse(
      'rule-set-currency',
      `规则的币种是 ${opened.value.currency}，本店使用 ${currency}`,
      `The rules are for ${opened.value.currency}, the store sells in ${currency}`,
    );
  }
  for (const [index, { condition, select }] of opened.value.rules.entries()) {
    const fault =
      condition === null ? null : conditionFault(condition, new Set(Object.keys(select)));
    if (fault !== null) return wrongForm(`rules.${index}.condition: ${fault}`);
  }
  return checkVersion(store, 'rule-set', version, opened.value, `${name} ${version}`);
}

function checkPolicy(
  store: Store,
  document: unknown,
  { trusted, revoked }: InstallOptions,
): Result<Checked, InstallError> {
  const opened = verifyDocument(document, POLICY_SCHEMA, trusted, revoked);
  if (!opened.ok) return untrusted(opened.error);
  const parsed = policySchema.safeParse(opened.value);
  if (!parsed.success) return wrongForm(z.prettifyError(parsed.error));
  const { version } = parsed.data;
  return checkVersion(store, 'policy', version, parsed.data, `policy ${version}`);
}

/**
 * Versions only rise, by steps that leave room for later ones, and never stand for two contents; those from before the
 * till was registered are none of headquarters' and count for nothing.
 */
function checkVersion(
  store: Store,
  kind: 'rule-set' | 'policy',
  version: number,
  payload: unknown,
  label: string,
): Result<Checked, InstallError> {
  const body = canonicalize(payload);
  assert(body !== undefined, 'a document is a JSON value');
  const current = store.documents.sinceRegistered(kind);
  if (current !== undefined && version < current.version) {
    return refuse(
      'rule-set-older',
      `规则版本 ${version} 早于现有的 ${current.version}`,
      `Rule set ${version} is older than ${current.version}, which is in force`,
    );
  }
  if (current !== undefined && version > current.version + RULE_SET_STEP_MAX) {
    return refuse(
      'rule-set-jumps',
      `规则版本从 ${current.version} 跳到 ${version}`,
      `Rule set ${version} leaves more than ${RULE_SET_STEP_MAX} versions out after ${current.version}`,
    );
  }
  if (current?.version === version && current.body !== body) {
    return refuse(
      'rule-set-forked',
      `版本 ${version} 已安装，但内容不同`,
      `Rule set ${version} is installed with another content; publish changes under a higher version`,
    );
  }
  return ok({ version, body, label, changed: store.documents.current(kind)?.body !== body });
}

function wrongForm(message: string): Result<never, InstallError> {
  return refuse(
    'rule-set-invalid',
    `规则文件内容不对：${message}`,
    `The rule file does not fit this version: ${message}`,
  );
}

function untrusted({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): Result<never, InstallError> {
  if (code === 'revoked-key')
    return refuse(
      'rule-set-revoked-key',
      `规则文件的签名密钥已被吊销：${message}`,
      `The rule file is signed by a key that was revoked: ${message}`,
    );
  return refuse(
    'rule-set-untrusted',
    `规则文件未通过验签：${message}`,
    `The rule file is not trusted: ${message}`,
  );
}

function readDocument(file: string): Result<unknown, InstallError> {
  let content: string;
  try {
    const { size } = statSync(file);
    if (size > SIGNED_DOCUMENT_MAX_BYTES) {
      throw new Error(`${size} bytes, at most ${SIGNED_DOCUMENT_MAX_BYTES}`);
    }
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    return unreadable(cause);
  }
  return parseDocument(content);
}

function parseDocument(content: string): Result<unknown, InstallError> {
  try {
    return ok(JSON.parse(content));
  } catch (cause) {
    return unreadable(cause);
  }
}

function unreadable(cause: unknown): Result<never, InstallError> {
  const why = cause instanceof Error ? cause.message : String(cause);
  return refuse(
    'rule-set-unreadable',
    `无法读取规则文件：${why}`,
    `The rule file cannot be read: ${why}`,
  );
}
