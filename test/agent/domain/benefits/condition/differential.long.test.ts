import { test } from 'vitest';
import { compareWithReference } from './agreement.ts';

const EXPRESSIONS = 100_000;

test(`closures agree with @bufbuild/cel on ${EXPRESSIONS} random expressions of the profile`, () => {
  compareWithReference(EXPRESSIONS);
});
