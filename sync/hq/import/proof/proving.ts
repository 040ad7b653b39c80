import type { HqSession } from '../../database/database.ts';
import type { HqDeps } from '../../deps.ts';
import type { RowSource } from '../row-source.ts';
import type { Finding, FindingKind } from './finding.ts';
import { PROOF_FIX_MAX_ROWS } from './limits.ts';
import type { VerifyOptions } from './verify-source.ts';

/** A proof that is under way. */
export interface Proving {
  readonly deps: HqDeps;
  /** One snapshot of HQ, in which the proof's own tables lie too. */
  readonly tx: HqSession;
  readonly options: VerifyOptions;
  readonly source: RowSource;
  readonly notes: ProofNotes;
}

/** What a proof has found so far. */
export interface ProofNotes {
  readonly counts: Readonly<Record<FindingKind, number>>;
  /** Rows of the source that an import would have to bring again, at most PROOF_FIX_MAX_ROWS. */
  readonly rowsToFix: ReadonlySet<number>;
  /** More rows differ than are fixed singly. */
  isBeyondFix(): boolean;
  tell(findings: readonly Finding[]): void;
  /** All rows of one key are to be brought again. */
  fix(rowNos: readonly number[]): void;
}

export function createProofNotes(onFindings: VerifyOptions['onFindings']): ProofNotes {
  const counts = {
    missing: 0,
    extra: 0,
    changed: 0,
    'changed-since': 0,
    unreadable: 0,
    duplicate: 0,
  };
  const rowsToFix = new Set<number>();
  let beyondFix = false;
  return {
    counts,
    rowsToFix,
    isBeyondFix: () => beyondFix,
    tell(findings) {
      for (const { kind } of findings) counts[kind] += 1;
      if (findings.length > 0) onFindings?.(findings);
    },
    fix(rowNos) {
      if (rowsToFix.size + rowNos.length > PROOF_FIX_MAX_ROWS) beyondFix = true;
      else for (const rowNo of rowNos) rowsToFix.add(rowNo);
    },
  };
}
