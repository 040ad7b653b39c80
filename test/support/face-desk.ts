import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createFaceDesk, type FaceDesk } from '../../agent/app/faces/create-face-desk.ts';
import type { FaceModelInUse, FaceParts } from '../../agent/app/faces/face-parts.ts';
import type { EnrolRequest, FaceGallery } from '../../agent/app/faces/ports.ts';
import {
  type FaceEnrolment,
  type FaceSetting,
  type FaceWithdrawal,
  type Member,
  type MemberId,
  memberSchema,
  ok,
  type StaffId,
  toInstant,
} from '../../agent/contract/index.ts';
import { createGallery } from '../../agent/domain/face/gallery.ts';
import { openTemplateKeys } from '../../agent/store/template-keys/open-template-keys.ts';
import { openTestStore, TEST_NOW_MS, TEST_PLACE, type TestStore } from './store.ts';

export const FACE_MODEL = { modelId: 'test-8', modelVersion: '1' };
export const DIMENSIONS = 8;
export const ANNA = 'anna' as MemberId;
export const BO = 'bo' as MemberId;
export const CASHIER = 'cashier-1' as StaffId;

export const FACE_SETTING: FaceSetting = {
  textVersion: 'f1',
  storeText: { 'zh-CN': '本店识别……', en: 'Recognised in this store ...' },
  chainText: { 'zh-CN': '其他门店……', en: 'In other stores too ...' },
  offInStores: [],
  retentionDays: 365,
  ageMin: 14,
};

/** A face is a point; captures of one person lie close to it. */
export function captures(person: number, count = 3): Float32Array[] {
  return Array.from({ length: count }, (_, n) => face(person, n * 0.02));
}

export function face(person: number, off = 0): Float32Array {
  return Float32Array.from({ length: DIMENSIONS }, (_, at) => (at === 0 ? person + 1 : off));
}

export function faceMember(id: string, more: Partial<Record<keyof Member, unknown>> = {}): Member {
  return memberSchema.parse({
    memberId: id,
    name: '王小明',
    tier: 'gold',
    birthday: '1990-05-01',
    updatedAt: toInstant(TEST_NOW_MS),
    ...more,
  });
}

/** Searches as the real one, in this thread. */
function galleryOf(all: () => ReturnType<FaceDesk['templates']['openAll']>) {
  let made: ReturnType<typeof createGallery> | undefined;
  const there = () => {
    if (made !== undefined) return made;
    made = createGallery(DIMENSIONS);
    for (const one of all()) if (!('refused' in one)) made.add(one.memberId, one.descriptor);
    return made;
  };
  const gallery: FaceGallery = {
    async put(one) {
      there().add(one.memberId, one.descriptor);
      return ok(undefined);
    },
    async remove(id) {
      made?.delete(id);
    },
    nearest: async (probe, count) =>
      there()
        .shortlist(probe, count)
        .map(({ person, distance }) => ({ memberId: person as MemberId, distance })),
    distance: async (id, probe) => there().distanceTo(id, probe),
    size: async () => there().size,
    async close() {
      made = undefined;
    },
  };
  return gallery;
}

/** Consent, templates and keys over real files; the key file lies outside the data folder. */
export interface DeskRig extends TestStore {
  desk: FaceDesk;
  parts: FaceParts;
  readonly keyFile: string;
  readonly keyFolder: string;
  readonly logged: string[];
  /** As headquarters sends it. */
  feed(setting: FaceSetting | null): void;
  members(...members: Member[]): void;
  /** Ends the desk and begins anew over what is on the disk. */
  restart(): void;
  agree(memberId: MemberId, more?: Partial<EnrolRequest>): EnrolRequest;
  enrolments(): FaceEnrolment[];
  withdrawals(): FaceWithdrawal[];
}

export function openDesk(duplicateMax: (enrolled: number) => number = () => 0.3): DeskRig {
  const till = openTestStore();
  const keyFolder = mkdtempSync(join(tmpdir(), 'tillside-keys-'));
  const keyFile = join(keyFolder, 'till.key.faces');
  const logged: string[] = [];
  let ver = 0;

  function open(): { parts: FaceParts; desk: FaceDesk } {
    const key = till.keyStore.key ?? new Uint8Array();
    const { keys } = openTemplateKeys(keyFile, key);
    const gallery = galleryOf(() => desk.templates.openAll(FACE_MODEL));
    const inUse: FaceModelInUse = {
      facts: { model: FACE_MODEL, dimensions: DIMENSIONS, normalisation: 'none' },
      limits: { pairMax: 0.5, duplicateMax },
      gallery,
      forget: () => gallery.close(),
    };
    const parts: FaceParts = {
      store: till.store,
      keys,
      inUse: () => inUse,
      clock: till.clock,
      random: randomBytes,
      place: () => TEST_PLACE,
      log: (level, message, fields) => logged.push(JSON.stringify({ level, message, fields })),
    };
    const desk = createFaceDesk(parts);
    return { parts, desk };
  }

  const queued = (kind: string) =>
    rig.store.sync.nextUpload(200, 10_000_000).filter((item) => item.kind === kind);
  const rig: DeskRig = Object.assign(till, {
    ...open(),
    keyFile,
    keyFolder,
    logged,
    feed(setting: FaceSetting | null) {
      ver += 1;
      till.store.sync.apply([['setting', 'face', ver, setting && JSON.stringify(setting)]]);
    },
    members: (...members: Member[]) => till.store.members.upsert(members),
    restart() {
      rig.parts.keys.close();
      till.reopen();
      Object.assign(rig, open());
    },
    agree: (memberId: MemberId, more: Partial<EnrolRequest> = {}): EnrolRequest => ({
      memberId,
      scope: 'store',
      textVersion: 'f1',
      language: 'zh-CN',
      witnessId: CASHIER,
      agreedAtMs: till.clock.now(),
      model: FACE_MODEL,
      captures: captures(1),
      ...more,
    }),
    enrolments: () =>
      queued('face-enrolment').map((item) => (item as { enrolment: FaceEnrolment }).enrolment),
    withdrawals: () =>
      queued('face-withdrawal').map((item) => (item as { withdrawal: FaceWithdrawal }).withdrawal),
  });
  onTestFinished(() => {
    rig.parts.keys.close();
    rmSync(keyFolder, { recursive: true, force: true });
  });
  rig.feed(FACE_SETTING);
  rig.members(faceMember(ANNA), faceMember(BO, { name: 'Bo Li' }));
  return rig;
}
