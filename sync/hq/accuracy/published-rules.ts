import { ruleSetSchema } from '../../../agent/contract/rules.ts';
import {
  type CompiledRuleSet,
  compileRuleSet,
} from '../../../agent/domain/benefits/compile-rule-set.ts';
import type { SignedDocument } from '../../protocol/signed-document.ts';
import type { HqSession } from '../database/database.ts';

/** Rule sets that stay compiled: sales come nearly in their order, so the one before and the one in force are the rule. */
export const COMPILED_MAX = 4;

/** The rule sets that HQ has published. */
export interface PublishedRules {
  /** Absent where HQ has published none under this version. */
  ofVersion(session: HqSession, version: number): Promise<CompiledRuleSet | undefined>;
  /** The one in force at a moment, epoch milliseconds; absent where none was. */
  inForce(session: HqSession, atMs: number): Promise<CompiledRuleSet | undefined>;
}

/** Reads and compiles rule sets when they are asked for; a version never changes its content. */
export function createPublishedRules(): PublishedRules {
  const compiled = new Map<number, CompiledRuleSet>();

  async function ofVersion(
    session: HqSession,
    version: number,
  ): Promise<CompiledRuleSet | undefined> {
    const known = compiled.get(version);
    if (known !== undefined) return known;
    const [row] = await session.query<{ signed: Uint8Array }>(
      "SELECT signed FROM documents WHERE kind = 'rule-set' AND version = $1",
      [version],
    );
    if (row === undefined) return undefined;
    const document = JSON.parse(Buffer.from(row.signed).toString('utf8')) as SignedDocument;
    const ready = compileRuleSet(ruleSetSchema.parse(document.payload));
    const [oldest] = compiled.keys();
    if (compiled.size >= COMPILED_MAX && oldest !== undefined) compiled.delete(oldest);
    compiled.set(version, ready);
    return ready;
  }

  return {
    ofVersion,
    async inForce(session, atMs) {
      const [row] = await session.query<{ version: number }>(
        `SELECT version FROM documents WHERE kind = 'rule-set' AND published_at_ms <= $1
         ORDER BY version DESC LIMIT 1`,
        [atMs],
      );
      return row === undefined ? undefined : ofVersion(session, row.version);
    },
  };
}
