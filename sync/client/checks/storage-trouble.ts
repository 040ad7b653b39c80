import type { StorageFailure } from '../storage-failure.ts';
import type { Troubles } from '../troubles.ts';

/** The trouble of a disk that fails, as far as the checks raised it: what others raised is theirs to clear. */
export interface StorageTrouble {
  raise(failure: Pick<StorageFailure, 'detail'>): void;
  /** Something could be stored again. */
  clear(): void;
  isRaised(): boolean;
}

export function createStorageTrouble(troubles: Troubles): StorageTrouble {
  let raised = false;
  return {
    raise({ detail }) {
      raised = true;
      troubles.raise('storage-failed', detail);
    },
    clear() {
      if (raised) troubles.clear('storage-failed');
      raised = false;
    },
    isRaised: () => raised,
  };
}
