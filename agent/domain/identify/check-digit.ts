const digitAt = (digits: string, index: number): number => digits.charCodeAt(index) - 0x30;

/**
 * Whether the last digit is the GS1 check digit of those before it: weights 3 and 1 in turn
 * from the right, modulo 10 (GS1 General Specifications, section 7.9.1). `digits` must be
 * ASCII digits only.
 */
export const hasMod10CheckDigit = (digits: string): boolean => {
  if (digits.length < 2) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const fromRight = digits.length - 1 - index;
    sum += digitAt(digits, index) * (fromRight % 2 === 0 ? 1 : 3);
  }
  return sum % 10 === 0;
};

/** Whether the last digit is the Luhn check digit (ISO/IEC 7812-1, annex B). `digits` must be ASCII digits only. */
export const hasLuhnCheckDigit = (digits: string): boolean => {
  if (digits.length < 2) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const fromRight = digits.length - 1 - index;
    const doubled = digitAt(digits, index) * (fromRight % 2 === 0 ? 1 : 2);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
};
