import { z } from 'zod';

/** Longest condition text, in characters. */
export const CONDITION_MAX_CHARS = 8_192;
/** Most nodes of one checked condition tree. */
export const CONDITION_MAX_NODES = 1_000;
/** Deepest nesting of a condition, in brackets of the text and in nodes of the tree. */
export const CONDITION_MAX_DEPTH = 32;
/** Quantifiers (`exists`, `all`) inside one another; together with the node limit this bounds the work of a condition. */
export const CONDITION_MAX_QUANTIFIERS = 2;

export const COMPARISONS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in'] as const;
export type Comparison = (typeof COMPARISONS)[number];
export const ARITHMETIC = ['add', 'sub', 'mul'] as const;
export type Arithmetic = (typeof ARITHMETIC)[number];

export interface UnaryNode {
  readonly op: 'not' | 'neg';
  readonly arg: Condition;
}
export interface LogicNode {
  readonly op: 'and' | 'or';
  readonly args: readonly Condition[];
}
export interface ComparisonNode {
  readonly op: Comparison;
  readonly left: Condition;
  readonly right: Condition;
}
export interface ArithmeticNode {
  readonly op: Arithmetic;
  readonly left: Condition;
  readonly right: Condition;
}
/** `over.exists(name, body)` or `over.all(name, body)`. */
export interface QuantifierNode {
  readonly op: 'exists' | 'all';
  readonly over: Condition;
  readonly name: string;
  readonly body: Condition;
}

/**
 * A condition after parsing and type checking: the closed profile of CEL as a tree. It ships in the signed rule set
 * beside the text, so a till needs no parser. `and` and `or` are flat; macros are single nodes.
 */
export type Condition =
  | { readonly op: 'bool'; readonly value: boolean }
  /** 64-bit; a decimal string where it lies outside +-2^53. */
  | { readonly op: 'int'; readonly value: number | string }
  | { readonly op: 'string'; readonly value: string }
  | { readonly op: 'list'; readonly items: readonly Condition[] }
  /** A row of the environment table, e.g. `member.tier`. */
  | { readonly op: 'var'; readonly name: string }
  /** The variable that the quantifier around it binds. */
  | { readonly op: 'local'; readonly name: string }
  /** An aggregate over a named selector, e.g. `qty("mugs")`. */
  | { readonly op: 'call'; readonly name: string; readonly selector: string }
  /** Whether a fact is given at all. */
  | { readonly op: 'has'; readonly name: string }
  | UnaryNode
  | LogicNode
  | ComparisonNode
  | ArithmeticNode
  | QuantifierNode;

const name = z.string().min(1).max(64);

export const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ op: z.literal('bool'), value: z.boolean() }),
    z.strictObject({
      op: z.literal('int'),
      value: z.union([z.int(), z.string().regex(/^-?\d{1,19}$/)]),
    }),
    z.strictObject({ op: z.literal('string'), value: z.string().max(CONDITION_MAX_CHARS) }),
    z.strictObject({
      op: z.literal('list'),
      items: z.array(conditionSchema).max(CONDITION_MAX_NODES),
    }),
    z.strictObject({ op: z.enum(['var', 'local', 'has']), name }),
    z.strictObject({ op: z.literal('call'), name, selector: name }),
    z.strictObject({ op: z.enum(['not', 'neg']), arg: conditionSchema }),
    z.strictObject({
      op: z.enum(['and', 'or']),
      args: z.array(conditionSchema).min(2).max(CONDITION_MAX_NODES),
    }),
    z.strictObject({
      op: z.enum([...COMPARISONS, ...ARITHMETIC]),
      left: conditionSchema,
      right: conditionSchema,
    }),
    z.strictObject({
      op: z.enum(['exists', 'all']),
      over: conditionSchema,
      name,
      body: conditionSchema,
    }),
  ]),
);
