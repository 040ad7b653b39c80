import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { err, ok, type Result } from '../../agent/contract/result.ts';
import { RULE_SET_SCHEMA, type RuleSet, ruleSetSchema } from '../../agent/contract/rules.ts';
import {
  type SignatureError,
  type SignedDocument,
  signDocument,
  verifyDocument,
} from './signed-document.ts';

export interface RuleSetDocumentError {
  readonly code: SignatureError['code'] | 'wrong-form';
  readonly message: string;
}

/** Puts a published rule set into its signed envelope. */
export function signRuleSet(ruleSet: RuleSet, keyId: string, key: KeyObject): SignedDocument {
  return signDocument(RULE_SET_SCHEMA, ruleSet, keyId, key);
}

/**
 * Opens a signed rule set: signature first, then form. Nothing of an unsigned document is looked at.
 * @param trusted Ed25519 public keys by id
 */
export function openRuleSet(
  document: unknown,
  trusted: ReadonlyMap<string, KeyObject>,
): Result<RuleSet, RuleSetDocumentError> {
  const payload = verifyDocument(document, RULE_SET_SCHEMA, trusted);
  if (!payload.ok) return payload;
  const parsed = ruleSetSchema.safeParse(payload.value);
  if (parsed.success) return ok(parsed.data);
  return err({
    code: 'wrong-form',
    message: `this version cannot read the rule set: ${z.prettifyError(parsed.error)}`,
  });
}
