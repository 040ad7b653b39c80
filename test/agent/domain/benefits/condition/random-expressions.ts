import fc from 'fast-check';

/** Names under `select` that the expressions use. */
export const SELECTORS = ['mugs', 'cups'];
const TAGS = ['t1', 't2', 't3', '中文', '😀'];

type Text = fc.Arbitrary<string>;
/** Variables of the quantifiers around an expression, by type. */
interface Bound {
  readonly ints: readonly string[];
  readonly strings: readonly string[];
}

const NOTHING: Bound = { ints: [], strings: [] };
const NAMES = ['v', 'w'];
const INT_EDGES = [
  0n,
  -1n,
  2n ** 31n,
  2n ** 53n - 1n,
  2n ** 53n,
  -(2n ** 53n),
  -(2n ** 53n) - 1n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];

const constantInt: Text = fc
  .oneof(fc.integer({ min: -20, max: 20_000 }), fc.bigInt({ min: -99n, max: 99n }), edges())
  .map(String);

function edges(): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.constantFrom(...INT_EDGES), fc.constantFrom(-1n, 0n, 1n))
    .map(([edge, step]) => BigInt.asIntN(64, edge + step));
}

/** Every code point may stand in a string, raw or escaped as CEL escapes it. */
const constantString: Text = fc.oneof(
  fc.constantFrom('gold', 'S1', 'x', ...TAGS).map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 4 }).map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 3 }).map(escaped),
  fc.string({ unit: 'grapheme', maxLength: 3 }).map((value) => JSON.stringify(value)),
);

function escaped(value: string): string {
  const points = [...value].map((char) => char.codePointAt(0) ?? 0);
  return `'${points.map((point) => `\\U${point.toString(16).padStart(8, '0')}`).join('')}'`;
}

function constants(...texts: readonly string[]): Text {
  return fc.constantFrom(...texts);
}

/** The same arbitrary is asked for often while the tree of them is built. */
function remembered(
  make: (depth: number, bound: Bound) => Text,
): (depth: number, bound: Bound) => Text {
  const known = new Map<string, Text>();
  return (depth, bound) => {
    const key = `${depth} ${bound.ints} ${bound.strings}`;
    const text = known.get(key) ?? make(depth, bound);
    known.set(key, text);
    return text;
  };
}

function arithmetic(part: Text): Text {
  return fc.oneof(
    fc.tuple(part, fc.constantFrom('+', '-', '*'), part).map(([a, op, b]) => `(${a} ${op} ${b})`),
    part.map((a) => `-(${a})`),
  );
}

const int = remembered((depth, bound) => {
  const leaf = fc.oneof(
    constantInt,
    constants(
      'basket.listMinor',
      'basket.runningMinor',
      'basket.qty',
      'member.completedOrders',
      'now.weekday',
      'qty("mugs")',
      'listMinor("cups")',
      ...bound.ints,
    ),
  );
  return depth === 0 ? leaf : fc.oneof(leaf, arithmetic(int(depth - 1, bound)));
});

const string = remembered((_depth, bound) =>
  fc.oneof(
    constantString,
    constants('member.tier', 'store.id', 'basket.channel', ...bound.strings),
  ),
);

const strings = remembered((depth, bound) =>
  fc.oneof(constants('member.tags', 'member.groups', 'codes'), listOf(string(depth, bound))),
);

function listOf(item: Text): Text {
  return fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => `[${items.join(', ')}]`);
}

const bool = remembered((depth, bound) => {
  const leaf = constants(
    'true',
    'false',
    'member.known',
    'basket.isReturn',
    'hasLines("cups")',
    'has(member.tier)',
    'has(member.tags)',
    'has(member.known)',
    'has(basket.qty)',
  );
  if (depth === 0) return leaf;
  const inner = bool(depth - 1, bound);
  const [number, word] = [int(depth - 1, bound), string(depth - 1, bound)];
  const words = strings(depth - 1, bound);
  return fc.oneof(
    leaf,
    fc.tuple(number, constants('==', '!=', '<', '<=', '>', '>='), number).map(joined),
    fc.tuple(word, constants('==', '!='), word).map(joined),
    fc.tuple(word, constants('in'), words).map(joined),
    fc.tuple(number, constants('in'), listOf(number)).map(joined),
    fc.tuple(inner, constants('==', '!='), inner).map(([a, op, b]) => `(${a}) ${op} (${b})`),
    fc.tuple(inner, listOf(inner)).map(([a, list]) => `(${a}) in ${list}`),
    fc.tuple(inner, constants('&&', '||'), inner).map(([a, op, b]) => `((${a}) ${op} (${b}))`),
    inner.map((a) => `!(${a})`),
    ...quantified(depth, bound),
  );
});

function joined(parts: readonly string[]): string {
  return parts.join(' ');
}

/** `exists` and `all`, at most two inside one another, over strings and over integers. */
function quantified(depth: number, bound: Bound): Text[] {
  const name = NAMES[bound.ints.length + bound.strings.length];
  if (name === undefined) return [];
  const quantify = (list: Text, inside: Bound): Text =>
    fc
      .tuple(list, constants('exists', 'all'), bool(depth - 1, inside))
      .map(([over, op, body]) => `${over}.${op}(${name}, ${body})`);
  return [
    quantify(strings(depth - 1, bound), { ...bound, strings: [...bound.strings, name] }),
    quantify(listOf(int(depth - 1, bound)), { ...bound, ints: [...bound.ints, name] }),
  ];
}

/** Conditions over the whole profile; all are correctly typed, some can leave 64 bits. */
export const boolText = bool(4, NOTHING);
/** Integer expressions, of which some leave 64 bits. */
export const intText = int(3, NOTHING);
/** Integer expressions without variables, at the edges of 64 bits and of 2^53. */
export const constantIntText = arithmetic(fc.oneof(constantInt, arithmetic(edges().map(String))));

/** What is true of one sale. */
export const saleFacts = fc.record({
  guest: fc.boolean(),
  tags: fc.subarray(TAGS),
  tier: fc.constantFrom('gold', 'silver', '中文'),
  completedOrders: fc.integer({ min: 0, max: 30 }),
  isReturn: fc.boolean(),
  mugs: fc.integer({ min: 0, max: 5 }),
  cups: fc.integer({ min: 0, max: 5 }),
  price: fc.integer({ min: 0, max: 900_000_000 }),
});
export type SaleFacts = typeof saleFacts extends fc.Arbitrary<infer T> ? T : never;
