import { err, ok, type Result } from '../../agent/contract/result.ts';
import { createDocuments } from './documents.ts';
import {
  type FirstSessionFailure,
  type FirstSessionOptions,
  withFirstSession,
} from './first-session.ts';
import type { SyncClientOptions } from './sync-client.ts';
import { createTroubles } from './troubles.ts';

export interface FirstDocumentsOptions extends FirstSessionOptions {
  readonly installDocument: SyncClientOptions['installDocument'];
}

/**
 * Fetches and installs, before the till opens, the documents that its first copy announced: without rules it could
 * evaluate nothing. What was refused is logged, and tried again once the till syncs.
 */
export function firstDocuments(
  options: FirstDocumentsOptions,
): Promise<Result<void, FirstSessionFailure | { readonly code: 'not-installed' }>> {
  const { clock, log, installDocument: install } = options;
  return withFirstSession<void, { readonly code: 'not-installed' }>(
    options,
    async ({ signal, ...parts }) => {
      const troubles = createTroubles(clock, log, () => {});
      const documents = createDocuments({ deps: options, ...parts, troubles, install });
      return (await documents.bringAll(signal)) ? ok(undefined) : err({ code: 'not-installed' });
    },
  );
}
