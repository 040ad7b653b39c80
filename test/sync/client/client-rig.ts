import { randomBytes } from 'node:crypto';
import { err, ok } from '../../../agent/contract/result.ts';
import { createSyncClient } from '../../../sync/client/create-sync-client.ts';
import type { Applied, SnapshotPort, SyncFacts } from '../../../sync/client/ports.ts';
import type { SyncClient, SyncClientOptions } from '../../../sync/client/sync-client.ts';
import type { SnapshotStart } from '../../../sync/protocol/snapshot.ts';
import { createMemoryStore, type MemoryStore, origin } from './memory-store.ts';
import type { ScriptedHq } from './scripted-hq.ts';
import { realTime } from './virtual-time.ts';

export interface ClientRig {
  readonly client: SyncClient;
  readonly store: MemoryStore;
  readonly changed: Applied['changed'][number][];
  readonly documents: { kind: string; version: number; text: string }[];
  readonly logs: { readonly level: string; readonly message: string; readonly fields: unknown }[];
  facts(): SyncFacts;
}

/** Merges nothing: the place in the feed moves to the snapshot's start. */
export function emptySnapshot(store: MemoryStore): SnapshotPort {
  let start: SnapshotStart['start'] | undefined;
  const progress = () => ({
    start: start as SnapshotStart['start'],
    next: null,
    rowsDone: 0,
    rowsAll: 0,
  });
  return {
    async begin(given) {
      start = given.start;
      return progress();
    },
    segment: async () => err({ code: 'segment-damaged', message: 'none is wanted' }),
    finish: async () => ok(progress()),
    merge: () => ({ done: true, rows: 0, applied: store.apply([], start) }),
    discard: async () => {},
  };
}

/** A sync client over a memory store, at the origin of the feed unless the store says otherwise. */
export function rigClient(
  hq: ScriptedHq,
  options: Partial<SyncClientOptions> & { store?: MemoryStore; atOrigin?: boolean } = {},
): ClientRig {
  const store = options.store ?? createMemoryStore(hq.registration());
  if (options.atOrigin !== false && store.cursor() === undefined)
    store.setCursor(origin(hq.timeline));
  const rig: Omit<ClientRig, 'client' | 'facts'> = {
    store,
    changed: [],
    documents: [],
    logs: [],
  };
  const client = createSyncClient({
    ...realTime,
    random: randomBytes,
    version: '0.0.0-test',
    log: (level, message, fields) => void rig.logs.push({ level, message, fields }),
    onApplied: (changed) => void rig.changed.push(...changed),
    installDocument(kind, version, bytes) {
      rig.documents.push({ kind, version, text: Buffer.from(bytes).toString('utf8') });
      store.installed.set(kind, version);
      return ok(undefined);
    },
    localPoints: () => 0,
    snapshot: emptySnapshot(store),
    ...options,
    store,
  });
  return { ...rig, client, facts: () => client.headquarters.facts() };
}
