import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { assert } from '../../agent/contract/result.ts';
import type { VoucherClaims } from '../../agent/contract/voucher.ts';
import { unsignedVoucher, voucherText } from '../../agent/domain/vouchers/voucher-text.ts';
import { publicKeyText } from '../../sync/protocol/public-key-text.ts';

const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';

/** The key of docs/voucher-format.md: RFC 8032, section 7.1, test 1. */
export const PARTNER_KEY = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${SEED}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
});
/** A key that no rule set knows. */
export const STRANGE_KEY = generateKeyPairSync('ed25519').privateKey;

/** The partner `cinema` with the key `k1`, as a rule file names it. */
export function cinema(more: Readonly<Record<string, unknown>> = {}) {
  return {
    id: 'cinema',
    name: { 'zh-CN': '星光影院', en: 'Starlight Cinema' },
    keys: [{ keyId: 'k1', publicKey: publicKeyText(PARTNER_KEY) }],
    ...more,
  };
}

/** A voucher of the cinema's campaign `tickets`, good through 2026, worth 20.00. */
export function voucherOf(
  fields: Readonly<Record<string, unknown>> = {},
  key: KeyObject = PARTNER_KEY,
): string {
  const claims = {
    partner: 'cinema',
    keyId: 'k1',
    voucherId: 'V-1',
    campaign: 'tickets',
    notBefore: 20260101,
    notAfter: 20261231,
    faceMinor: 2_000,
    ...fields,
  } as VoucherClaims;
  const unsigned = unsignedVoucher(claims);
  assert(unsigned.ok, JSON.stringify(unsigned));
  const signature = sign(null, Buffer.from(unsigned.value, 'ascii'), key);
  return voucherText(unsigned.value, signature.toString('base64url'));
}
