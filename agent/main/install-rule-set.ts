import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import canonicalize from 'canonicalize';
import { openRuleSet } from '../../sync/protocol/rule-set-document.ts';
import { SIGNED_DOCUMENT_MAX_BYTES } from '../../sync/protocol/signed-document.ts';
import { assert, err, ok, type Result, type Text, text } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import type { TillConfig } from './config.ts';

/** Why a rule set was not installed; the one in force stays. */
export interface InstallError {
  readonly code:
    | 'rule-set-unreadable'
    | 'rule-set-untrusted'
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

/** Public keys (Ed25519, SPKI DER as base64) whose signatures this till accepts, by key id. */
export function trustedKeys(config: Pick<TillConfig, 'trustedKeys'>): Map<string, KeyObject> {
  return new Map(
    config.trustedKeys.map(({ keyId, publicKey }) => [
      keyId,
      createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' }),
    ]),
  );
}

export interface InstallOptions {
  readonly trusted: ReadonlyMap<string, KeyObject>;
  /** The store's own; rules for another would refuse every basket. */
  readonly currency: string;
  readonly nowMs: number;
}

/**
 * Installs a signed rule set where it is newer than the one in force; the one in force again is no error.
 * @returns the version in force afterwards
 */
export function installRuleSet(
  store: Store,
  file: string,
  { trusted, currency, nowMs }: InstallOptions,
): Result<number, InstallError> {
  const document = readDocument(file);
  if (!document.ok) return document;
  const opened = openRuleSet(document.value, trusted);
  if (!opened.ok) {
    const { code, message } = opened.error;
    return code === 'wrong-form'
      ? refuse(
          'rule-set-invalid',
          `规则文件内容不对：${message}`,
          `The rule file does not fit this version: ${message}`,
        )
      : refuse(
          'rule-set-untrusted',
          `规则文件未通过验签：${message}`,
          `The rule file is not trusted: ${message}`,
        );
  }
  const { ruleSet: name, version } = opened.value;
  if (opened.value.currency !== currency) {
    return refuse(
      'rule-set-currency',
      `规则的币种是 ${opened.value.currency}，本店使用 ${currency}`,
      `The rules are for ${opened.value.currency}, the store sells in ${currency}`,
    );
  }
  const body = canonicalize(opened.value);
  assert(body !== undefined, 'a rule set is a JSON value');
  const current = store.documents.current('rule-set');
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
  if (current?.version === version) {
    if (current.body === body) return ok(version);
    return refuse(
      'rule-set-forked',
      `版本 ${version} 已安装，但内容不同`,
      `Rule set ${version} is installed with another content; publish changes under a higher version`,
    );
  }
  store.transaction(() => {
    store.documents.install({ kind: 'rule-set', version, body, installedAtMs: nowMs });
    store.events.append(nowMs, {
      kind: 'till',
      what: 'rules-installed',
      detail: `${name} ${version}`,
    });
  });
  return ok(version);
}

function readDocument(file: string): Result<unknown, InstallError> {
  try {
    const { size } = statSync(file);
    if (size > SIGNED_DOCUMENT_MAX_BYTES) {
      throw new Error(`${size} bytes, at most ${SIGNED_DOCUMENT_MAX_BYTES}`);
    }
    return ok(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return refuse(
      'rule-set-unreadable',
      `无法读取规则文件：${why}`,
      `The rule file cannot be read: ${why}`,
    );
  }
}
