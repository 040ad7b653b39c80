import type {
  EnrolRequest,
  FaceDeps,
  FaceGallery,
  FaceModelFacts,
} from '../../../../agent/app/faces/ports.ts';
import {
  type CaptureTaken,
  err,
  type FaceFrame,
  type FacePurpose,
  type FaceScope,
  type FaceSession,
  type FaceSessionId,
  type FaceSetting,
  type FaceStart,
  type FaceWithdrawal,
  type Failure,
  failure,
  type IdentificationId,
  type Member,
  type MemberId,
  ok,
  type Result,
  type TemplateId,
  toInstant,
} from '../../../../agent/contract/index.ts';
import { createGallery, type Gallery } from '../../../../agent/domain/face/gallery.ts';
import {
  createFrameSealer,
  type FrameSealer,
} from '../../../../ui/app/face-capture/seal-frames.ts';
import { TEST_NOW_MS } from '../../../support/store.ts';
import {
  ANNA,
  BO,
  CASHIER,
  member,
  openTill,
  PIN,
  type Rig,
  type RigOptions,
  SCREEN,
  value,
} from '../rig.ts';

export const DIMENSIONS = 16;
export const MODEL: FaceModelFacts = {
  model: { modelId: 'test-model', modelVersion: '1' },
  dimensions: DIMENSIONS,
  normalisation: 'none',
  thresholds: { fmr1e3: 0.48, fmr1e2: 0.6 },
  openSet: { threshold: 0.5, margin: 0.08 },
  scoreMilliNats: (distance) => Math.round((0.6 - distance) * 10_000),
};

export const SETTING: FaceSetting = {
  textVersion: 'face-1',
  storeText: { 'zh-CN': '本店识别', en: 'Recognise me here' },
  chainText: { 'zh-CN': '其他门店', en: 'And in other stores' },
  offInStores: [],
  retentionDays: 365,
  ageMin: 14,
};

const GOOD = {
  widthPx: 180,
  score: 0.9,
  yawDegrees: 0,
  pitchDegrees: 0,
  rollDegrees: 0,
  grey: 120,
  sharpness: 300,
};

/** Somebody's face; different people lie far apart. */
export function faceOf(person: number): Float32Array {
  return Float32Array.from({ length: DIMENSIONS }, (_, at) => (at === person ? 1 : 0));
}

/** The face of a person as a camera sees it: so far from their template. */
export function seenAs(person: number, distance = 0.2): Float32Array {
  const seen = faceOf(person);
  seen[DIMENSIONS - 1] = distance;
  return seen;
}

export function base64Of(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

export function described(values: Float32Array, more: Partial<typeof GOOD> = {}): FaceFrame {
  const { model } = MODEL;
  return { kind: 'described', model, descriptor: base64Of(values), quality: { ...GOOD, ...more } };
}

/** A real search on this thread, and templates in memory. */
export interface TestFaces extends FaceDeps {
  readonly people: Gallery;
  readonly scopes: Map<MemberId, FaceScope>;
  readonly enrolled: EnrolRequest[];
  readonly withdrawals: FaceWithdrawal[];
  readonly seenToday: MemberId[];
  /** Says something else than the gallery's count. */
  claimedSize?: number;
  /** Runs between the search and its answer. */
  meanwhile: () => void;
  enrol(memberId: MemberId, face: Float32Array): void;
}

export function testFaces(more: Partial<FaceDeps> = {}): TestFaces {
  const people = createGallery(DIMENSIONS);
  const scopes = new Map<MemberId, FaceScope>();
  const gallery: FaceGallery = {
    async put({ memberId, descriptor }) {
      return people.add(memberId, descriptor) ? ok(undefined) : err(failure('internal'));
    },
    async remove(memberId) {
      people.delete(memberId);
    },
    async nearest(probe, count) {
      const near = people.shortlist(probe, count);
      faces.meanwhile();
      return near.map(({ person, distance }) => ({ memberId: person as MemberId, distance }));
    },
    async distance(memberId, probe) {
      return people.distanceTo(memberId, probe);
    },
    size: async () => faces.claimedSize ?? people.size,
    async close() {
      people.clear();
    },
  };
  const faces: TestFaces = {
    people,
    scopes,
    gallery,
    model: MODEL,
    deviceId: 'camera-1',
    enrolled: [],
    withdrawals: [],
    seenToday: [],
    meanwhile: () => undefined,
    enrol(memberId, face) {
      people.add(memberId, face);
      scopes.set(memberId, 'store');
    },
    templates: {
      openAll: () => [],
      enrolledScope: (memberId) => scopes.get(memberId),
      seen: (memberId) => void faces.seenToday.push(memberId),
      count: () => scopes.size,
    },
    enrolments: {
      async enrol(request) {
        faces.enrolled.push({
          ...request,
          captures: request.captures.map((one) => one.slice()),
        });
        faces.enrol(request.memberId, request.captures[0] ?? faceOf(0));
        faces.meanwhile();
        return ok({ templateId: 'a'.repeat(32) as TemplateId });
      },
      async withdraw({ memberId, channel, staffId }) {
        const had = scopes.delete(memberId);
        people.delete(memberId);
        const withdrawal = {
          withdrawalId: `withdrawal-${faces.withdrawals.length + 1}`,
          memberId,
          templateIds: had ? ['a'.repeat(32) as TemplateId] : [],
          reason: 'withdrawn',
          channel,
          staffId,
          storeId: 'store-1',
          tillId: 'till-1',
          at: toInstant(TEST_NOW_MS),
        } as unknown as FaceWithdrawal;
        faces.withdrawals.push(withdrawal);
        return ok(withdrawal);
      },
    },
    ...more,
  };
  return faces;
}

export interface FaceRig extends Rig {
  readonly faces: TestFaces;
  /** Feeds the setting as headquarters would. */
  set(setting: Partial<FaceSetting>): void;
  start(purpose: FacePurpose, more?: Partial<FaceStart>): Result<FaceSession, Failure>;
  /** Card shown: the identification that names the member. */
  claim(memberId: MemberId): Promise<IdentificationId>;
  session(): Promise<FaceSession | null>;
}

export const ADULT = { birthday: '1990-05-05' };

/** A till with faces, Anna (person 1) and Bo (person 2) enrolled, and a cashier who is signed in. */
export async function openFaceTill(
  options: RigOptions & { readonly deps?: Partial<FaceDeps> } = {},
): Promise<FaceRig> {
  const faces = testFaces(options.deps);
  const rig = openTill({ ...options, faces });
  let version = 0;
  const set = (setting: Partial<FaceSetting>): void => {
    version += 1;
    const body = JSON.stringify({ ...SETTING, ...setting });
    rig.till.applied(rig.store.sync.apply([['setting', 'face', version, body]]).changed);
  };
  set({});
  change(rig, ANNA, { name: '王小明', phone: '13800001234', ...ADULT });
  change(rig, BO, { name: 'Bo Li', phone: '13900005678', tier: 'silver', ...ADULT });
  faces.enrol(ANNA, faceOf(1));
  faces.enrol(BO, faceOf(2));
  value(await rig.till.signIn(CASHIER, PIN));
  return Object.assign(rig, {
    faces,
    set,
    start(purpose: FacePurpose, more: Partial<FaceStart> = {}): Result<FaceSession, Failure> {
      const started = rig.till.faces.start({ purpose, by: 'cashier', ...more });
      if (!started.ok) return started;
      if (started.value.outcome !== 'started') throw new Error('expected a session');
      return ok(started.value.session);
    },
    async claim(memberId: MemberId) {
      const found = value(await rig.till.identify(SCREEN, { text: `CARD-${memberId}` }));
      return found.identificationId;
    },
    session: async () => value(await rig.till.faces.watch(undefined)).session,
  });
}

/** Writes a member's row anew. */
export function change(
  rig: Rig,
  memberId: MemberId,
  more: Partial<Record<keyof Member, unknown>>,
): void {
  const row = rig.store.members.byId(memberId);
  rig.store.members.upsert([member(memberId, { ...row, ...more })]);
}

/** A capture page at its best: every frame goes out sealed, in order. */
export interface TestPage {
  readonly sessionId: FaceSessionId;
  readonly sealer: FrameSealer;
  send(...frames: FaceFrame[]): Promise<Result<CaptureTaken, Failure>>;
}

export async function openPage(rig: Rig, sessionId: FaceSessionId): Promise<TestPage> {
  const { publicKey } = value(await rig.till.faces.open(sessionId));
  const sealer = await createFrameSealer(sessionId, publicKey);
  return {
    sessionId,
    sealer,
    async send(...frames) {
      let last: Result<CaptureTaken, Failure> = ok({ next: 0, wanted: true });
      for (const frame of frames) last = await rig.till.faces.send(await sealer.seal(frame));
      return last;
    },
  };
}

export const PASSED: FaceFrame = { kind: 'challenge', result: 'passed' };

/** Three good frames of somebody. */
export function three(person: number, distance?: number): FaceFrame[] {
  return Array.from({ length: 3 }, () => described(seenAs(person, distance)));
}
