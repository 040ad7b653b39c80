/** The cryptography that vouchers need, passed in because the domain is pure. */
export interface VoucherCrypto {
  /**
   * Whether an Ed25519 signature fits; never throws.
   * @param signed ASCII
   * @param signature base64url without padding
   * @param publicKey SPKI DER as base64
   */
  verify(signed: string, signature: string, publicKey: string): boolean;
}
