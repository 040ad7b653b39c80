import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import canonicalize from 'canonicalize';
import { SIGNED_DOCUMENT_MAX_BYTES, verifyDocument } from '../../sync/protocol/signed-document.ts';
import {
  assert,
  err,
  ok,
  type Result,
  RULE_SET_SCHEMA,
  type RuleSet,
  ruleSetSchema,
  type Text,
  text,
} from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import type { TillConfig } from './config.ts';

/** Why a rule set was not installed; the one in force stays. */
export interface InstallError {
  readonly code: 'rule-set-unreadable' | 'rule-set-untrusted' | 'rule-set-invalid';
  readonly message: Text;
  readonly remedy: Text;
}

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

/**
 * Installs a signed rule set where it is newer than the one in force.
 * @returns the version in force afterwards
 */
export function installRuleSet(
  store: Store,
  file: string,
  trusted: ReadonlyMap<string, KeyObject>,
  nowMs: number,
): Result<number, InstallError> {
  let document: unknown;
  try {
    assert(
      statSync(file).size <= SIGNED_DOCUMENT_MAX_BYTES,
      `${file} is larger than ${SIGNED_DOCUMENT_MAX_BYTES} bytes`,
    );
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return refuse(
      'rule-set-unreadable',
      `无法读取规则文件：${why}`,
      `The rule file cannot be read: ${why}`,
    );
  }
  const verified = verifyDocument(document, RULE_SET_SCHEMA, trusted);
  if (!verified.ok) {
    return refuse(
      'rule-set-untrusted',
      `规则文件未通过验签：${verified.error.message}`,
      `The rule file is not trusted: ${verified.error.message}`,
    );
  }
  const parsed = ruleSetSchema.safeParse(verified.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = `${issue?.path.join('.')}: ${issue?.message}`;
    return refuse(
      'rule-set-invalid',
      `规则文件内容不对：${where}`,
      `The rule file does not fit this version: ${where}`,
    );
  }
  const ruleSet: RuleSet = parsed.data;
  const current = store.documents.current('rule-set')?.version ?? 0;
  if (ruleSet.version <= current) return ok(current);
  const body = canonicalize(ruleSet);
  assert(body !== undefined, 'a rule set is a JSON value');
  store.transaction(() => {
    store.documents.install({
      kind: 'rule-set',
      version: ruleSet.version,
      body,
      installedAtMs: nowMs,
    });
    store.events.append(nowMs, {
      kind: 'till',
      what: 'rules-installed',
      detail: `${ruleSet.ruleSet} ${ruleSet.version}`,
    });
  });
  return ok(ruleSet.version);
}
