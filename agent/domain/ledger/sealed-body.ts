import { assert, err, ok, type Result } from '../../contract/index.ts';
import { canonicalJson } from './canonical-json.ts';
import { type LedgerCrypto, SALT_BYTES } from './ledger-crypto.ts';

/** A body shut in its box, and what the chain covers of it. */
export interface SealedBody {
  readonly sealed: Uint8Array;
  readonly commitment: string;
}

/**
 * SHA-256 over salt and canonical JSON. Without the salt, which is destroyed with the key, nobody can find out an
 * erased body by trying likely ones.
 */
export function commitmentOf(
  hash: LedgerCrypto['hash'],
  salt: Uint8Array,
  canonicalBody: string,
): string {
  assert(salt.length === SALT_BYTES, `a salt has ${SALT_BYTES} bytes`);
  return hash([salt, canonicalBody]);
}

/**
 * Seals the decision's input for one entry under the key of its subject.
 * @param salt {@link SALT_BYTES} fresh random bytes
 */
export function sealBody(
  crypto: LedgerCrypto,
  {
    body,
    entryId,
    key,
    salt,
  }: { body: unknown; entryId: string; key: Uint8Array; salt: Uint8Array },
): SealedBody {
  const canonicalBody = canonicalJson(body);
  return {
    sealed: crypto.seal({ salt, body: canonicalBody }, key, entryId),
    commitment: commitmentOf(crypto.hash, salt, canonicalBody),
  };
}

/** `erased`: the subject's key was destroyed. `broken`: the box was changed or belongs to another entry or key. */
export type OpenBodyError = { readonly code: 'erased' } | { readonly code: 'broken' };

/**
 * The decision's input of one entry, proved against the commitment in the chain.
 * @param key the subject's key, or nothing once it was erased
 */
export function openBody(
  crypto: LedgerCrypto,
  { header, sealed }: { header: { entryId: string; commitment: string }; sealed: Uint8Array },
  key: Uint8Array | undefined,
): Result<unknown, OpenBodyError> {
  if (key === undefined) return err({ code: 'erased' });
  const content = crypto.open(sealed, key, header.entryId);
  if (content === undefined) return err({ code: 'broken' });
  const committed = commitmentOf(crypto.hash, content.salt, content.body);
  return committed === header.commitment ? ok(JSON.parse(content.body)) : err({ code: 'broken' });
}
