/** Rows of the source, or of HQ, that a proof looks at together. */
export const PROOF_PAGE_ROWS = 2_000;
/** Buckets whose rows are looked at together once they differ. */
export const PROOF_PAGE_BUCKETS = 256;
/** Rows of the source that share a number with the rows of one page, at most; beyond, sharing explains nothing. */
export const PROOF_PARTNERS_MAX = 20_000;
/** Rows that `--fix` imports singly; where more differ the whole source is to be imported again. */
export const PROOF_FIX_MAX_ROWS = 1_000_000;
/** Findings that a summary shows; the report has all. */
export const PROOF_SHOWN_MAX = 20;
/** Proofs that are remembered. */
export const PROOFS_KEPT_MAX = 200;
