import { type EntryHeader, type EvaluationInput, ruleSetSchema } from '../contract/index.ts';
import { type CompiledRuleSet, compileRuleSet } from '../domain/benefits/compile-rule-set.ts';
import { replaySale, type SaleReplayed, type SealedSale } from '../domain/benefits/replay-sale.ts';
import type { LedgerCrypto } from '../domain/ledger/ledger-crypto.ts';
import { openBody } from '../domain/ledger/sealed-body.ts';
import type { LedgerRow, Store } from '../store/store.ts';

/**
 * What a replay found: the sale again, bit for bit; something else; the subject's key was destroyed; what was known of
 * the member was cleared before a late payment came; the rule set of the sale is not kept any more; the sealed body was
 * changed or cannot be read.
 */
export const REPLAY_STATES = [
  'equal',
  'different',
  'erased',
  'input-cleared',
  'rule-set-missing',
  'broken',
] as const;
export type ReplayState = (typeof REPLAY_STATES)[number];

/** One sale evaluated again. */
export interface SaleReplay
  extends Pick<EntryHeader, 'seq' | 'saleId' | 'at' | 'businessDay' | 'ruleSetVersion'> {
  readonly state: ReplayState;
  /** Where it differs; empty unless `different`. */
  readonly differences: SaleReplayed['differences'];
  /** What it rested on; only where it was evaluated. */
  readonly basis?: { readonly compiled: CompiledRuleSet; readonly input: EvaluationInput };
  /** Every rule with its reason; only where it was evaluated. */
  readonly evaluation?: SaleReplayed['evaluation'];
  /** Which part of a broken body cannot be read, where that is known. */
  readonly field?: string;
}

/** Replays the entry of a sale. Other kinds of entries decided no benefits and break an invariant. */
export type Replay = (row: LedgerRow) => SaleReplay;

export interface ReplayParts {
  readonly store: Pick<Store, 'keys'>;
  readonly crypto: LedgerCrypto;
  readonly rulesOf: KeptRules;
}

/**
 * The compiled rule sets of a version, none where it is not kept. A till that changed its headquarters may keep several,
 * because each counts its own versions; the latest comes first.
 */
export type KeptRules = (version: number) => readonly CompiledRuleSet[];

/** Rule sets that stay compiled: sales come in their order, so one at a time is the rule. */
export const COMPILED_MAX = 4;

/** The rule sets that the store keeps, compiled when they are asked for. */
export function createKeptRules(documents: Store['documents']): KeptRules {
  const compiled = new Map<string, CompiledRuleSet>();
  const compile = (body: string): CompiledRuleSet => {
    const known = compiled.get(body);
    if (known !== undefined) return known;
    if (compiled.size >= COMPILED_MAX) compiled.clear();
    const ready = compileRuleSet(ruleSetSchema.parse(JSON.parse(body)));
    compiled.set(body, ready);
    return ready;
  };
  return (version) => documents.allOfVersion('rule-set', version).map(({ body }) => compile(body));
}

/** Evaluates sales again from what their entries sealed, under the rule set of their day, and compares. */
export function createReplay({ store, crypto, rulesOf }: ReplayParts): Replay {
  return (row) => {
    const { kind, seq, saleId, at, businessDay, ruleSetVersion, keyId } = row.header;
    if (kind !== 'sale') throw new Error(`broken invariant: entry ${seq} is no sale but a ${kind}`);
    const found = (state: ReplayState, more: Partial<SaleReplay> = {}): SaleReplay => ({
      ...{ seq, saleId, at, businessDay, ruleSetVersion, state },
      differences: [],
      ...more,
    });
    const opened = openBody(crypto, row, store.keys.byId(keyId)?.key);
    if (!opened.ok) return found(opened.error.code);
    let first: SaleReplay | undefined;
    for (const compiled of rulesOf(ruleSetVersion)) {
      const replayed = replaySale(compiled, row.header, opened.value as SealedSale);
      if (!replayed.ok)
        return replayed.error.code === 'input-cleared'
          ? found('input-cleared')
          : found('broken', { field: replayed.error.field });
      const { input, evaluation, differences } = replayed.value;
      const basis = { compiled, input };
      if (differences.length === 0) return found('equal', { basis, evaluation });
      first ??= found('different', { basis, evaluation, differences });
    }
    return first ?? found('rule-set-missing');
  };
}
