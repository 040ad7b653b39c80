/** Bytes of the key under which rows are digested: of headquarters' database, told to its tills in the session. */
export const DIGEST_KEY_BYTES = 32;
/** Bytes of a row's digest, and of a sum of digests. */
export const DIGEST_BYTES = 16;
/** A digest is added in words of 32 bits, each modulo 2^32, so that SQL and JavaScript count alike. */
export const DIGEST_WORDS = 4;
/** Leaves of a table's tree. */
export const BUCKETS = 65_536;
/** Children of a node. */
export const FAN_OUT = 16;
/** Levels below the root; the last one are the buckets. */
export const TREE_LEVELS = 4;
/** Bytes of a node's sum on the wire: its first two words. */
export const NODE_BYTES = 8;
