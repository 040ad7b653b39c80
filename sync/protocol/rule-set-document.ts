import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { CONDITION_MAX_DEPTH } from '../../agent/contract/condition.ts';
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

/** Deepest nesting of a rule set as JSON: twice that of a condition's tree, whose nodes hold lists, and what is around. */
export const RULE_SET_MAX_JSON_DEPTH = 2 * CONDITION_MAX_DEPTH + 64;

/** Puts a published rule set into its signed envelope. */
export function signRuleSet(ruleSet: RuleSet, keyId: string, key: KeyObject): SignedDocument {
  return signDocument(RULE_SET_SCHEMA, ruleSet, keyId, key);
}

/**
 * Opens a signed rule set: signature first, then form. Nothing of an unsigned document is looked at.
 * @param trusted Ed25519 public keys by id
 * @param revoked ids of keys that count no more
 */
export function openRuleSet(
  document: unknown,
  trusted: ReadonlyMap<string, KeyObject>,
  revoked?: ReadonlySet<string>,
): Result<RuleSet, RuleSetDocumentError> {
  const payload = verifyDocument(document, RULE_SET_SCHEMA, trusted, revoked);
  if (!payload.ok) return payload;
  if (deeperThan(payload.value, RULE_SET_MAX_JSON_DEPTH)) {
    return err({
      code: 'wrong-form',
      message: `the rule set nests deeper than ${RULE_SET_MAX_JSON_DEPTH} lists and objects`,
    });
  }
  const parsed = ruleSetSchema.safeParse(payload.value);
  if (parsed.success) return ok(parsed.data);
  return err({
    code: 'wrong-form',
    message: `this version cannot read the rule set: ${z.prettifyError(parsed.error)}`,
  });
}

/** Without recursion: the schema's own would run out of stack on what this refuses. */
function deeperThan(value: unknown, most: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > most) return true;
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
  }
  return false;
}
