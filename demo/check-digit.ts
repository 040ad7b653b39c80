/**
 * Appends the GS1 check digit to a string of digits (GS1 General Specifications, section 7.9.1:
 * weights 3 and 1 from the right, complement to ten). Serves GTIN, GSRN and mod-10 card numbers.
 */
export function withCheckDigit(digits: string): string {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const fromRight = digits.length - 1 - index;
    sum += Number(digits[index]) * (fromRight % 2 === 0 ? 3 : 1);
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
