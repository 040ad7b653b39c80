import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { text } from '../../../agent/contract/text.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import { signRuleSet } from '../../protocol/rule-set-document.ts';
import { isHqDatabaseError } from '../database/hq-database-error.ts';
import type { HqDeps } from '../deps.ts';
import { publishRules } from '../publish/publish-rules.ts';
import type { RuleProblem } from '../publish/rule-problem.ts';
import {
  checkVersion,
  contentWrong,
  type PublishRefusal,
  refusal,
  versionTaken,
} from './publish-refusal.ts';
import { currentDocument, storeDocument } from './store-document.ts';

export interface PublishedRuleSet {
  readonly ruleSet: string;
  readonly version: number;
  readonly rules: number;
  readonly warnings: readonly RuleProblem[];
  /** The same rules were published before under this version: nothing was done. */
  readonly unchanged: boolean;
}

/**
 * Checks a rule file, signs it and puts it into the feed. Any error refuses the whole file, and the version must be above
 * the one published last, so that no till ever goes back.
 * @param source YAML or JSON text
 */
export async function publishRuleSet(
  deps: HqDeps,
  source: string,
): Promise<Result<PublishedRuleSet, PublishRefusal>> {
  const published = publishRules(source);
  if (!published.ok) return err(contentWrong(published.error));
  const { ruleSet, warnings } = published.value;
  if (ruleSet.currency !== deps.currency) {
    return err(
      refusal(
        'currency-wrong',
        text(
          `规则的币种是 ${ruleSet.currency}，总部使用 ${deps.currency}`,
          `The rules are for ${ruleSet.currency}, the chain sells in ${deps.currency}`,
        ),
        text('修正 currency', 'Correct `currency`'),
      ),
    );
  }
  const reply: PublishedRuleSet = {
    ruleSet: ruleSet.ruleSet,
    version: ruleSet.version,
    rules: ruleSet.rules.length,
    warnings,
    unchanged: false,
  };
  const { keyId, privateKey } = deps.keys.signing;
  const document = signRuleSet(ruleSet, keyId, privateKey);
  try {
    return await deps.db.transaction(
      async (tx): Promise<Result<PublishedRuleSet, PublishRefusal>> => {
        const current = await currentDocument(tx, 'rule-set');
        if (
          current?.version === ruleSet.version &&
          canonicalJson(current.payload) === canonicalJson(ruleSet)
        ) {
          return ok({ ...reply, unchanged: true });
        }
        const refused = checkVersion(current?.version ?? 0, ruleSet.version);
        if (refused !== null) return err(refused);
        await storeDocument(tx, 'rule-set', ruleSet.version, document, deps.nowMs());
        return ok(reply);
      },
    );
  } catch (error) {
    // Two publications at once under one version: the first one stands.
    if (isHqDatabaseError(error) && error.code === '23505')
      return err(versionTaken(ruleSet.version));
    throw error;
  }
}
