/** The name in `hq_meta` of the key under which this database's rows are digested (`rowDigest`): 64 hex digits. */
export const DIGEST_KEY = 'digest-key';

/** Sums are kept modulo 2^32. */
export const WORD_MASK = 4_294_967_295;

/** The row hash of `rowHash`, of columns `tbl`, `key`, `ver` and `body`. */
export const ROW_HASH_SQL = `left(encode(sha256(convert_to(
  tbl || E'\\n' || key || E'\\n' || ver || E'\\n' || coalesce(body, ''), 'UTF8')), 'hex'), 32)`;

/** SHA-256 over digest key and row hash, as bytes: its first 16 are the digest of `rowDigest`. */
export function digestBytesSql(hash: string): string {
  return `sha256(decode((SELECT value FROM hq_meta WHERE name = '${DIGEST_KEY}'), 'hex') || decode(${hash}, 'hex'))`;
}

/** SHA-256 over a key, as bytes: its first 2 are the bucket of `bucketOf`. */
export function keyBytesSql(key: string): string {
  return `sha256(convert_to(${key}, 'UTF8'))`;
}

/** The bucket in the bytes of {@link keyBytesSql}. */
export function bucketSql(bytes: string): string {
  return `((get_byte(${bytes}, 0) << 8) | get_byte(${bytes}, 1))`;
}

/** Word 0 to 3 of a digest in the bytes of {@link digestBytesSql}, as an `integer`: the same 32 bits with a sign. */
export function wordSql(bytes: string, word: number): string {
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => `get_byte(${bytes}, ${4 * word + i})`);
  return `((${a} << 24) | (${b} << 16) | (${c} << 8) | ${d})`;
}

/** Sum of words modulo 2^32, 0 to 2^32 - 1; 0 of no rows. */
export function wordSumSql(word: string): string {
  return `(coalesce(sum(${word}), 0)::bigint & ${WORD_MASK})`;
}

/** A root's sum of columns `s0` to `s3` as 32 hex digits. */
export const SUM_HEX_SQL = [0, 1, 2, 3].map((i) => `lpad(to_hex(s${i}), 8, '0')`).join(' || ');
