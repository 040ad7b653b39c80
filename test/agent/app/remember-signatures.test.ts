import { expect, test } from 'vitest';
import {
  rememberSignatures,
  SIGNATURES_REMEMBERED_MAX,
} from '../../../agent/app/remember-signatures.ts';

/** Remembers what is asked of it; only the signature `right` fits. */
function rig() {
  const asked: string[] = [];
  const crypto = rememberSignatures(
    {
      verify(signed, signature, publicKey) {
        asked.push(`${signed} ${signature} ${publicKey}`);
        return signature === 'right';
      },
    },
    (data) => data,
  );
  return { asked, ...crypto };
}

test('a signature is verified once for its text and key, whether it fits or not', () => {
  const { asked, verify } = rig();
  for (let n = 0; n < 2; n += 1) {
    expect(verify('a', 'right', 'k1')).toBe(true);
    expect(verify('a', 'wrong', 'k1')).toBe(false);
    expect(verify('a', 'right', 'k2')).toBe(true);
    expect(verify('b', 'right', 'k1')).toBe(true);
  }
  expect(asked).toHaveLength(4);
});

test(`${SIGNATURES_REMEMBERED_MAX} signatures are remembered; the one asked for the longest ago gives way`, () => {
  const { asked, verify } = rig();
  for (let n = 0; n < SIGNATURES_REMEMBERED_MAX; n += 1) verify(`text ${n}`, 'right', 'k');
  verify('text 0', 'right', 'k');
  expect(asked).toHaveLength(SIGNATURES_REMEMBERED_MAX);
  verify('one more', 'right', 'k');
  verify('text 0', 'right', 'k');
  expect(asked).toHaveLength(SIGNATURES_REMEMBERED_MAX + 1);
  verify('text 1', 'right', 'k');
  expect(asked).toHaveLength(SIGNATURES_REMEMBERED_MAX + 2);
});
