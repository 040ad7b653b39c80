/**
 * The cinema whose vouchers the demo chain takes. Its private key is the first test key of RFC 8032, section 7.1, which
 * everybody knows: good for showing vouchers and for nothing else. `demo/rules.yaml` names its public half.
 */
export const demoPartner = {
  id: 'cinema',
  keyId: 'demo-only',
  /** Ed25519, the 32 bytes of the private key in hexadecimal. */
  privateKeyHex: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
} as const;

/** GS1 coupon number of the maker's coupon in `demo/rules.yaml`, of the prefix for demonstrations. */
export const DEMO_GCN = '9520001000010';
