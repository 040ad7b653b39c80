import type { Text } from '../../../agent/contract/text.ts';

/** What can be wrong with a rule file. */
export type RuleProblemCode =
  | 'file-too-large'
  | 'syntax'
  | 'schema'
  | 'unknown-effect'
  | 'repeated-id'
  | 'condition-syntax'
  | 'condition-too-large'
  | 'condition-type'
  | 'condition-overflow'
  | 'not-in-profile'
  | 'unknown-variable'
  | 'unknown-function'
  | 'unknown-selector'
  | 'unused-selector'
  | 'constant-condition'
  | 'wrong-lane'
  | 'mixed-group'
  | 'too-many-exclusive'
  | 'too-many-categories'
  | 'window-empty'
  | 'window-date'
  | 'effect-values'
  | 'amount-overflow'
  | 'coupon-form'
  | 'partner-repeated'
  | 'unknown-partner'
  | 'voucher-value-twice'
  | AdviceCode
  | 'calendar-range'
  | 'calendar-overlap'
  | 'calendar-day'
  | 'lunar-day'
  | 'calendar-missing'
  | 'calendar-gap'
  | 'unknown-scene';

/** What an author should look at again in rules that are valid. */
export type AdviceCode =
  | 'never-wins'
  | 'tie-by-id'
  | 'never-holds'
  | 'window-never-open'
  | 'never-together'
  | 'stack-too-deep'
  | 'below-base'
  | 'zhe-as-percent'
  | 'name-disagrees'
  | 'window-ambiguous'
  | 'coupon-code-shared'
  | 'coupon-uses-mixed'
  | 'limit-unreachable'
  | 'part-order'
  | 'points-order'
  | 'unknown-in-chain';

/** One thing to correct, where it is, and why. Errors keep a file from being published, warnings do not. */
export interface RuleProblem {
  readonly severity: 'error' | 'warning';
  readonly code: RuleProblemCode;
  /** 1-based, in the rule file. */
  readonly line: number;
  readonly column: number;
  /** The rule it is in, where there is one. */
  readonly ruleId?: string;
  /** Path of the field, e.g. `rules.3.when`. */
  readonly field?: string;
  readonly message: Text;
  /** What to do about it. */
  readonly remedy: Text;
}

/** A problem that is not yet tied to a place in the file. */
export interface Finding {
  readonly severity?: 'warning';
  readonly code: RuleProblemCode;
  readonly message: Text;
  /** Where this place needs another than the usual one of its code. */
  readonly remedy?: Text;
  /** Inside the rule. */
  readonly field: readonly (string | number)[];
  /** Offset in the condition text, where the field is one. */
  readonly offset?: number;
}

/** A finding about one of many rules. */
export interface RuleSetFinding {
  readonly ruleIndex: number;
  readonly finding: Finding;
}
