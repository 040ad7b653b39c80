import { createHash } from 'node:crypto';
import type { Result } from '../../agent/contract/result.ts';
import { DOCUMENTS_PATH } from '../protocol/hq-api.ts';
import { SIGNED_DOCUMENT_MAX_BYTES } from '../protocol/signed-document.ts';
import { type CallFailure, failureText } from './call-failure.ts';
import type { SyncDeps } from './deps.ts';
import { createPause, type Pause } from './pause.ts';
import type { DocumentDue } from './ports.ts';
import type { Session } from './session.ts';
import { tryStorage, tryStorageLater } from './storage-failure.ts';
import type { SyncClientOptions } from './sync-client.ts';
import type { Transport } from './transport.ts';
import type { Troubles } from './troubles.ts';
import { withRetries } from './with-retries.ts';

/** Longest time for fetching one document, in milliseconds: 64 MiB over a slow line. */
export const DOCUMENT_MS = 15 * 60_000;
/** Attempts to fetch a document before it waits for the next session or row. */
export const DOCUMENT_RETRIES = 5;
/** A document that was not installed is tried again after so long, in milliseconds. */
export const DOCUMENT_AGAIN_MS = 60_000;
/** What is due is looked up so often at least, in milliseconds. */
export const DOCUMENT_LOOK_MS = 10 * 60_000;
const DOCUMENT_FORMS = ['application/json', 'application/octet-stream'];

export interface Documents {
  /**
   * Fetches and installs once what the feed announced and is not installed.
   * @returns whether nothing is due any more
   */
  bringAll(signal: AbortSignal): Promise<boolean>;
  /** The feed announced a document. */
  notify(): void;
  /**
   * Does so again and again until `signal` aborts, whenever something is announced. What is due follows from the
   * database alone, so a crash between the row and the installation loses nothing.
   */
  run(signal: AbortSignal): Promise<void>;
}

export interface DocumentParts {
  readonly deps: SyncDeps;
  readonly session: Session;
  readonly transport: Transport;
  readonly pause: Pause;
  readonly troubles: Troubles;
  readonly install: SyncClientOptions['installDocument'];
}

export function createDocuments({
  deps,
  session,
  transport,
  pause,
  troubles,
  install,
}: DocumentParts): Documents {
  const { store, timers, random, log } = deps;
  const idle = createPause(timers);
  let told = false;

  function fetchBytes(
    { kind, version, sizeBytes }: DocumentDue,
    signal: AbortSignal,
  ): Promise<Result<Buffer, CallFailure>> {
    const path = `${DOCUMENTS_PATH}/${kind}/${version}`;
    const maxBytes = Math.min(sizeBytes, SIGNED_DOCUMENT_MAX_BYTES);
    return withRetries(
      () =>
        session.withToken((token) =>
          transport.download(path, {
            token,
            signal,
            forms: DOCUMENT_FORMS,
            maxBytes,
            wholeMs: DOCUMENT_MS,
          }),
        ),
      { retries: DOCUMENT_RETRIES, random, pause, signal },
    );
  }

  /** @returns why it is not installed; `null` = it is */
  async function bringOne(due: DocumentDue, signal: AbortSignal): Promise<string | null> {
    const fetched = await fetchBytes(due, signal);
    if (!fetched.ok) return failureText(fetched.error);
    const bytes = fetched.value;
    if (bytes.byteLength !== due.sizeBytes)
      return `${bytes.byteLength} bytes came in place of ${due.sizeBytes}`;
    if (createHash('sha256').update(bytes).digest('hex') !== due.sha256)
      return 'its SHA-256 is not the one of the feed';
    const installed = await tryStorageLater(async () => install(due.kind, due.version, bytes));
    if (!installed.ok) return `storage: ${installed.error.detail}`;
    return installed.value.ok ? null : installed.value.error.message;
  }

  async function bringAll(signal: AbortSignal): Promise<boolean> {
    const refused: string[] = [];
    const all = tryStorage(() => store.documentsDue());
    if (!all.ok) return false;
    for (const due of all.value) {
      const why = await bringOne(due, signal);
      if (signal.aborted) return false;
      if (why !== null) refused.push(`${due.kind} ${due.version}: ${why}`);
      else log('info', 'a document was installed', { kind: due.kind, version: due.version });
    }
    if (refused.length > 0) troubles.raise('document-refused', refused.join('; '));
    else troubles.clear('document-refused');
    return refused.length === 0;
  }

  return {
    bringAll,
    notify() {
      told = true;
      idle.wake();
    },
    async run(signal) {
      while (!signal.aborted) {
        told = false;
        const done = await bringAll(signal);
        if (!told) await idle.wait(done ? DOCUMENT_LOOK_MS : DOCUMENT_AGAIN_MS, signal);
      }
    },
  };
}
