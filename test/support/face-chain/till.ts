import { randomBytes } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { aliveId } from '../../../agent/app/faces/face-parts.ts';
import type { FaceTemplate, FaceWithdrawal, MemberId } from '../../../agent/contract/index.ts';
import { type ComposedFaces, composeFaces } from '../../../agent/main/face/compose-faces.ts';
import { createSnapshotPort } from '../../../agent/store/snapshot/create-snapshot-port.ts';
import { openTemplateKeys } from '../../../agent/store/template-keys/open-template-keys.ts';
import type { TemplateKeys } from '../../../agent/store/template-keys/template-keys.ts';
import { DEFAULT_MODEL } from '../../../drivers/face/default-model.ts';
import { createSyncClient } from '../../../sync/client/create-sync-client.ts';
import { registerTill } from '../../../sync/client/register-till.ts';
import type { SyncClient } from '../../../sync/client/sync-client.ts';
import { realTime } from '../../sync/client/virtual-time.ts';
import { CASHIER, FACE_SETTING } from '../face-desk.ts';
import { faceSeen } from '../face-till.ts';
import { must } from '../must.ts';
import { openStoreFolder, type StoreFolder, TEST_PLACE } from '../store-folder.ts';
import { atTheEnd, type FaceChain, newFolder } from './chain.ts';

const random = (bytes: number) => randomBytes(bytes);

/**
 * A till as the program composes it: database, key file outside of its folder, consents, gallery thread and sync. Only
 * camera and screens are missing; `person` stands for what a camera would have seen.
 */
export interface ChainTill {
  readonly tillId: string;
  readonly store: StoreFolder;
  readonly keysFile: string;
  keys(): TemplateKeys;
  faces(): ComposedFaces;
  online(): void;
  offline(): Promise<void>;
  /** Ends the program, runs `work` on what lies on the disk, and starts it, offline. */
  restart(work?: () => void): Promise<void>;
  /** Copies the data folder while the program does not run. @returns where to */
  image(): Promise<string>;
  /** Starts over an image of the data folder; the keys are not in it. */
  restore(image: string): Promise<void>;
  /** Tells and asks headquarters at once. */
  poke(): void;
  enrol(memberId: MemberId, person: number): Promise<FaceTemplate>;
  withdraw(memberId: MemberId): Promise<FaceWithdrawal>;
  /** Whom the gallery takes a person for. */
  recognises(person: number): Promise<MemberId | undefined>;
}

export async function openChainTill(
  chain: FaceChain,
  tillId: string,
  storeId: string,
): Promise<ChainTill> {
  const place = {
    ...TEST_PLACE,
    tillId: tillId as never,
    store: { ...TEST_PLACE.store, storeId: storeId as never },
  };
  const store = openStoreFolder({ place });
  const ticket = must(await chain.hq.ticket(tillId, storeId));
  const { incarnation } = store.store.sync;
  const registered = await registerTill({ ticket, incarnation, version: '0', random, ...realTime });
  store.store.sync.register(must(registered));
  const keysFile = join(newFolder(), 'till.key.faces');
  const key = (): Uint8Array => store.keyStore.key ?? new Uint8Array();
  let client: SyncClient | undefined;
  let disconnect = async (): Promise<void> => undefined;

  function open() {
    const { keys } = openTemplateKeys(keysFile, key());
    const faces = composeFaces({
      store: store.store,
      keys,
      manifest: DEFAULT_MODEL,
      clock: realTime.clock,
      timers: realTime.timers as never,
      random,
      place: () => place,
      log: () => undefined,
      onWritten: () => client?.notify(),
    });
    return { keys, faces };
  }

  async function close(): Promise<void> {
    await till.offline();
    await running.faces.close();
    running.keys.close();
    store.store.close();
  }

  let running = open();
  const till: ChainTill = {
    tillId,
    store,
    keysFile,
    keys: () => running.keys,
    faces: () => running.faces,
    online() {
      const snapshot = createSnapshotPort({
        dataDir: store.dataDir,
        key: key(),
        storeId,
        store: store.store,
        clock: realTime.clock,
        random,
      });
      client = createSyncClient({
        ...realTime,
        store: store.store.sync,
        random,
        version: '0.0.0-test',
        log: () => undefined,
        onApplied: () => void running.faces.desk.switch.look(),
        installDocument: () => ({ ok: true, value: undefined }),
        localPoints: () => 0,
        snapshot,
        faces: running.faces.desk.sync,
      });
      client.start();
      const { stop } = client;
      disconnect = async () => {
        await stop();
        await snapshot.close();
      };
    },
    async offline() {
      const ending = disconnect;
      client = undefined;
      disconnect = async () => undefined;
      await ending();
    },
    async restart(work) {
      await close();
      work?.();
      store.reopen();
      running = open();
    },
    async image() {
      const folder = newFolder();
      await till.restart(() => cpSync(store.dataDir, folder, { recursive: true }));
      return folder;
    },
    restore: (image) =>
      till.restart(() => {
        rmSync(store.dataDir, { recursive: true });
        cpSync(image, store.dataDir, { recursive: true });
      }),
    poke: () => client?.headquarters.syncNow(),
    async enrol(memberId, person) {
      const { templateId } = must(
        await running.faces.desk.enrolments.enrol({
          memberId,
          scope: 'chain',
          textVersion: FACE_SETTING.textVersion,
          language: 'zh-CN',
          witnessId: CASHIER,
          agreedAtMs: Date.now(),
          model: { modelId: DEFAULT_MODEL.id, modelVersion: DEFAULT_MODEL.version },
          captures: [0, 0.05, 0.1].map((distance) => faceSeen(person, distance)),
        }),
      );
      const row = store.store.faces.find(templateId);
      if (row === undefined) throw new Error('an enrolled template has a row');
      return row.template;
    },
    withdraw: async (memberId) =>
      must(
        await running.faces.desk.enrolments.withdraw({
          memberId,
          channel: 'customer-screen',
          staffId: CASHIER,
        }),
      ),
    async recognises(person) {
      const near = await running.faces.deps?.gallery.nearest(faceSeen(person, 0.1), 1);
      const [best] = near ?? [];
      if (best === undefined || best.distance > 0.49) return undefined;
      return aliveId({ store: store.store }, best.memberId);
    },
  };
  till.online();
  atTheEnd(async () => {
    await close();
    rmSync(store.dataDir, { recursive: true, force: true });
  });
  return till;
}
