import type { SyncClientOptions } from '../../sync/client/sync-client.ts';
import type { Clock, Log } from '../app/deps.ts';
import { assert } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import type { TillConfig } from './config.ts';
import { installDocument, revokedKeys, trustedKeys } from './install-rule-set.ts';

export interface FedDocumentParts {
  readonly store: Store;
  readonly config: Pick<TillConfig, 'trustedKeys'>;
  readonly clock: Clock;
  readonly log: Log;
  /** The store's own currency at this moment. */
  readonly currency: () => string;
  /** Another document is in force than before. */
  readonly onChanged: () => void;
}

/** Installs documents of headquarters into the store of a registered till, and logs which it refuses. */
export function createFedDocumentInstaller({
  store,
  config,
  clock,
  log,
  currency,
  onChanged,
}: FedDocumentParts): SyncClientOptions['installDocument'] {
  const registration = store.sync.registration();
  assert(registration !== undefined, 'headquarters is of a registered till');
  const trusted = trustedKeys(config, registration);
  return (kind, _version, bytes) => {
    // Asked each time: headquarters may have taken a key back since.
    const revoked = revokedKeys(config, store);
    const options = { trusted, revoked, currency: currency(), nowMs: clock.now() };
    const installed = installDocument(store, kind, bytes, options);
    if (!installed.ok) {
      const { code, message } = installed.error;
      log('warn', 'a document of headquarters was not installed; the one in force stays', {
        kind,
        code,
      });
      return { ok: false, error: { message: message.en } };
    }
    if (installed.value.changed) onChanged();
    return installed;
  };
}
