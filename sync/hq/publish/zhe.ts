/** 折 as authors write it: `8折`, `8.5折` and `85折`, the share that is paid. `10折` could be the whole or a tenth: neither. */
export const ZHE_PATTERN = '^([1-9](\\.[0-9]{1,2})?|0\\.[1-9][0-9]?|1[1-9]|[2-9][0-9])折$';

/** Fields that hold a percentage off in basis points and may be written in 折. */
const PERCENT_FIELDS: ReadonlySet<string> = new Set(['percentBp', 'basePercentBp']);

/**
 * Basis points off of a discount in 折; nothing where the text is none. One 折 is a tenth of the price to pay, two digits
 * are hundredths: 8折 = 2,000, 8.5折 = 85折 = 1,500, 2折 = 8,000.
 */
export function zheToBp(written: string): number | undefined {
  if (!new RegExp(ZHE_PATTERN).test(written)) return undefined;
  const share = written.slice(0, -1);
  // Digits are moved, not multiplied, so that no fraction is rounded.
  const [whole = '', part = ''] = share.split('.');
  const paidBp = Number(share.length === 2 ? `${share}00` : `${whole}${part.padEnd(3, '0')}`);
  return 10_000 - paidBp;
}

/** The value of a rule file with every percentage that is written in 折 as basis points off; nothing else changes. */
export function withoutZhe(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZhe);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      PERCENT_FIELDS.has(key) && typeof inner === 'string'
        ? (zheToBp(inner) ?? inner)
        : withoutZhe(inner),
    ]),
  );
}

/** A JSON Schema of rule files in which percentages may also be written in 折. */
export function schemaWithZhe(schema: object): object {
  return Object.fromEntries(
    Object.entries(schema).map(([key, inner]) => [
      key,
      PERCENT_FIELDS.has(key)
        ? { anyOf: [inner, { type: 'string', pattern: ZHE_PATTERN }] }
        : inside(inner),
    ]),
  );
}

function inside(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(inside);
  return typeof part === 'object' && part !== null ? schemaWithZhe(part) : part;
}
