import type { ImportFailure } from './import-failure.ts';

/** Ends the reading of a source in its middle; whoever opened the source turns it into its failure. */
export class SourceLost extends Error {
  readonly failure: ImportFailure;
  constructor(failure: ImportFailure) {
    super(failure.code);
    this.failure = failure;
  }
}
