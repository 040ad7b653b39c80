import { POLICY_SCHEMA, policySchema } from '../../../agent/contract/decision.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { text } from '../../../agent/contract/text.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import { signDocument } from '../../protocol/signed-document.ts';
import { isHqDatabaseError } from '../database/hq-database-error.ts';
import type { HqDeps } from '../deps.ts';
import { REMEDIES } from '../publish/remedies.ts';
import { readRuleFile } from '../publish/rule-file.ts';
import type { RuleProblem } from '../publish/rule-problem.ts';
import {
  checkVersion,
  contentWrong,
  type PublishRefusal,
  versionTaken,
} from './publish-refusal.ts';
import { currentDocument, storeDocument } from './store-document.ts';

export interface PublishedPolicy {
  readonly version: number;
  readonly unchanged: boolean;
}

/**
 * Checks a policy table, signs it and puts it into the feed. Its version must be above the one published last.
 * @param source YAML or JSON text
 */
export async function publishPolicy(
  deps: HqDeps,
  source: string,
): Promise<Result<PublishedPolicy, PublishRefusal>> {
  const read = readRuleFile(source);
  if (!read.ok) return err(contentWrong(read.error));
  const parsed = policySchema.safeParse(read.value.value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }): RuleProblem => {
      const field = path.map((part) => (typeof part === 'symbol' ? String(part) : part));
      return {
        severity: 'error',
        code: 'schema',
        ...read.value.placeOf(field),
        field: field.join('.'),
        message: text(`格式不对：${message}`, message),
        remedy: REMEDIES.schema,
      };
    });
    return err(contentWrong(problems));
  }
  const policy = parsed.data;
  const { keyId, privateKey } = deps.keys.signing;
  const document = signDocument(POLICY_SCHEMA, policy, keyId, privateKey);
  try {
    return await deps.db.transaction(
      async (tx): Promise<Result<PublishedPolicy, PublishRefusal>> => {
        const current = await currentDocument(tx, 'policy');
        const same =
          current?.version === policy.version &&
          canonicalJson(current.payload) === canonicalJson(policy);
        if (same) return ok({ version: policy.version, unchanged: true });
        const refused = checkVersion(current?.version ?? 0, policy.version);
        if (refused !== null) return err(refused);
        await storeDocument(tx, 'policy', policy.version, document, deps.nowMs());
        return ok({ version: policy.version, unchanged: false });
      },
    );
  } catch (error) {
    // Two publications at once under one version: the first one stands.
    if (isHqDatabaseError(error) && error.code === '23505')
      return err(versionTaken(policy.version));
    throw error;
  }
}
