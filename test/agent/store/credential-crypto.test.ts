import { expect, test } from 'vitest';
import { PASS_ALGS } from '../../../agent/contract/index.ts';
import {
  CREDENTIAL_KEYS_MAX,
  createCredentialCrypto,
  readKey,
} from '../../../agent/store/credential-crypto.ts';
import { passSigner } from '../../support/credentials.ts';

const MESSAGE = Buffer.from('message');

test.each(PASS_ALGS)(
  'a signature of %s fits its key, its message and its algorithm alone',
  (alg) => {
    const { verify } = createCredentialCrypto();
    const [own, other] = [passSigner(alg), passSigner(alg)];
    const signature = own.sign(MESSAGE);
    expect(signature).toHaveLength(64);
    expect(verify(alg, own.publicKey, MESSAGE, signature)).toBe(true);
    expect(verify(alg, other.publicKey, MESSAGE, signature)).toBe(false);
    expect(verify(alg, own.publicKey, Buffer.from('other'), signature)).toBe(false);
    for (const named of PASS_ALGS.filter((one) => one !== alg))
      expect(verify(named, own.publicKey, MESSAGE, signature)).toBe(false);
    for (const length of [0, 63, 65])
      expect(verify(alg, own.publicKey, MESSAGE, Buffer.alloc(length))).toBe(false);
  },
);

test(`a key is imported once, while at most ${CREDENTIAL_KEYS_MAX} are kept`, () => {
  let imported = 0;
  const { verify } = createCredentialCrypto((alg, publicKey) => {
    imported += 1;
    return readKey(alg, publicKey);
  });
  const signer = passSigner();
  const signature = signer.sign(MESSAGE);
  const isRight = (): boolean => verify('ed25519', signer.publicKey, MESSAGE, signature);
  expect([isRight(), isRight(), imported]).toEqual([true, true, 1]);
  const others = Array.from({ length: CREDENTIAL_KEYS_MAX - 1 }, (_, n) => {
    const key = Buffer.alloc(32);
    key.writeUInt32BE(n);
    return key;
  });
  for (const key of others) verify('ed25519', key, MESSAGE, signature);
  expect([isRight(), imported]).toEqual([true, CREDENTIAL_KEYS_MAX]);
  verify('ed25519', Buffer.alloc(32, 1), MESSAGE, signature);
  expect([isRight(), imported]).toEqual([true, CREDENTIAL_KEYS_MAX + 2]);
});
