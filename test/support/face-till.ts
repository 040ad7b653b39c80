import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { WebSocket } from 'ws';
import { createPinHasher } from '../../agent/app/pin-hash.ts';
import {
  assert,
  type FaceFrame,
  type FaceSessionId,
  type FaceSetting,
  type IdentificationId,
  type MemberId,
} from '../../agent/contract/index.ts';
import { loadChainPackage } from '../../agent/main/chain-package.ts';
import { tillConfigSchema } from '../../agent/main/config.ts';
import { type HeadlessTill, startHeadless } from '../../agent/main/headless.ts';
import { systemRandom } from '../../agent/main/system.ts';
import { DEFAULT_MODEL } from '../../drivers/face/default-model.ts';
import { publishRules } from '../../sync/hq/publish/publish-rules.ts';
import { createFrameSealer, type FrameSealer } from '../../ui/app/face-capture/seal-frames.ts';
import { createTillLink } from '../../ui/app/link.ts';
import type { LinkSocket } from '../../ui/app/link-environment.ts';
import { FACE_SETTING } from './face-desk.ts';
import { must } from './hq-database.ts';
import { cardOf, MANAGER, SMALL_RULES, smallChain } from './small-chain.ts';

const SCREEN = { kind: 'screen' } as const;
const { dimensions } = DEFAULT_MODEL;

/** The face of the nth member, as the shipped model would describe it: different people lie far apart. */
export function faceSeen(person: number, distance = 0): Float32Array {
  const face = new Float32Array(dimensions);
  face[person] = 1;
  face[dimensions - 1] = distance;
  return face;
}

/** A good frame of somebody. */
export function frameSeen(person: number, distance = 0.1): FaceFrame {
  const descriptor = faceSeen(person, distance);
  return {
    kind: 'described',
    model: { modelId: DEFAULT_MODEL.id, modelVersion: DEFAULT_MODEL.version },
    descriptor: Buffer.from(descriptor.buffer).toString('base64'),
    quality: {
      widthPx: 180,
      score: 0.9,
      yawDegrees: 0,
      pitchDegrees: 0,
      rollDegrees: 0,
      grey: 120,
      sharpness: 300,
    },
  };
}

/** Three good frames of somebody. */
export function threeSeen(person: number, distance?: number): FaceFrame[] {
  return Array.from({ length: 3 }, () => frameSeen(person, distance));
}

/** A capture page without a camera: waits for orders, and sends sealed frames as the real one does. */
export interface FakeCamera {
  /** The page is open and waits; the till then knows that there is a camera. */
  wait(): void;
  /** Opens the session that is wanted now. */
  begin(): Promise<FaceSessionId>;
  send(...frames: FaceFrame[]): Promise<void>;
  close(): void;
}

/** A real agent with faces, its screens served, a small chain and no headquarters. */
export interface FaceTill {
  headless: HeadlessTill;
  readonly dataDir: string;
  camera: FakeCamera;
  set(setting: Partial<FaceSetting> | null): void;
  /** Enrols the nth member of the small chain, with somebody signed in. */
  enrol(nth: number, scope?: 'store' | 'chain'): Promise<void>;
  /** Ends the agent and starts it over what is on the disk. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const pins = createPinHasher(systemRandom);
const hashes = new Map<string, Promise<string>>();

/** Made once for all tills of a test file: it costs as much as everything else. */
function hashOf(pin: string): Promise<string> {
  const made = hashes.get(pin) ?? pins.hash(pin);
  hashes.set(pin, made);
  return made;
}

/** Members of its chain, of age. */
const MEMBERS = 5;

/** @param options.browserScreens whether a browser gets the screens, which then have to be built */
export async function startFaceTill(
  options: { readonly browserScreens?: boolean; readonly isCameraSimulated?: boolean } = {},
): Promise<FaceTill> {
  const root = mkdtempSync(join(tmpdir(), 'tillside-face-'));
  const dataDir = join(root, 'data');
  const chain = smallChain(MEMBERS);
  const adults = chain.members.map((member) => ({ ...member, birthday: '1990-05-01' }));
  const start = async (fill: boolean): Promise<HeadlessTill> => {
    const started = await startHeadless({
      config: tillConfigSchema.parse({
        port: 0,
        ...(options.isCameraSimulated === true ? { faceCamera: { driver: 'sim-camera' } } : {}),
      }),
      dataDir,
      keyFile: join(root, 'keys', 'till.key'),
      logLevel: 'silent',
      ...options,
      async prepare(store) {
        if (!fill) return;
        await loadChainPackage(store, { ...chain, staff: [], members: adults }, systemRandom);
        for (const { pin, ...staff } of chain.staff) store.staff.upsert(staff, await hashOf(pin));
        const published = publishRules(SMALL_RULES);
        assert(published.ok, 'the rules of the small chain publish');
        const { ruleSet } = published.value;
        const body = canonicalize(ruleSet) ?? '';
        const installedAtMs = Date.now();
        store.documents.install({
          kind: 'rule-set',
          version: ruleSet.version,
          body,
          installedAtMs,
        });
      },
    });
    return must(started);
  };
  const first = await start(true);
  let version = 0;
  const till: FaceTill = {
    headless: first,
    dataDir,
    camera: await openFakeCamera(first),
    set(setting) {
      version += 1;
      const body = setting === null ? null : JSON.stringify({ ...FACE_SETTING, ...setting });
      const { changed } = till.headless.store.sync.apply([['setting', 'face', version, body]]);
      till.headless.till.applied(changed);
    },
    async enrol(nth, scope = 'store') {
      const identificationId = await claimOf(till.headless, nth);
      const { managerId, pin } = { managerId: MANAGER.staffId, pin: MANAGER.pin };
      const action = 'enrol-biometric';
      const reason = 'a test knows them';
      must(
        await till.headless.till.override(SCREEN, {
          identificationId,
          action,
          reason,
          managerId,
          pin,
        }),
      );
      till.camera.wait();
      const started = must(
        await till.headless.till.faces.start({
          purpose: 'enrol',
          by: 'customer',
          identificationId,
        }),
      );
      assert(started.outcome === 'started', 'a manager vouched');
      const { sessionId } = started.session;
      const { textVersion } = FACE_SETTING;
      must(
        await till.headless.till.faces.agree({ sessionId, textVersion, language: 'zh-CN', scope }),
      );
      await till.camera.begin();
      await till.camera.send(frameSeen(nth, 0), frameSeen(nth, 0.05), frameSeen(nth, 0.1));
      const { session } = must(await till.headless.till.faces.watch(undefined));
      assert(session?.outcome === 'enrolled', `enrolled, not ${session?.outcome}`);
      must(await till.headless.till.releaseIdentification(SCREEN, identificationId));
    },
    async restart() {
      till.camera.close();
      await till.headless.close();
      till.headless = await start(false);
      till.camera = await openFakeCamera(till.headless);
    },
    async close() {
      till.camera.close();
      await till.headless.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  till.set({});
  return till;
}

/** Somebody shows the card of the nth member. */
export async function claimOf({ till }: HeadlessTill, nth: number): Promise<IdentificationId> {
  return must(await till.identify(SCREEN, { text: cardOf(nth) })).identificationId;
}

/** The nth member of the small chain. */
export function memberOf(nth: number): MemberId {
  return `member-${nth}` as MemberId;
}

async function openFakeCamera({ address, till }: HeadlessTill): Promise<FakeCamera> {
  const kept = new Map<string, string>();
  let code: string | undefined = till.issueCaptureCode();
  let sealer: FrameSealer | undefined;
  const link = createTillLink({
    page: 'capture',
    openSocket: () =>
      new WebSocket(`${address.replace('http', 'ws')}/ws`, {
        origin: address,
      }) as unknown as LinkSocket,
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, text) => void kept.set(key, text),
      removeItem: (key) => void kept.delete(key),
    },
    code: () => code,
    forgetCode: () => {
      code = undefined;
    },
    random: () => 0.5,
    epochMs: () => 0,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  });
  await new Promise<void>((open) => {
    link.subscribe(() => {
      if (link.state().phase === 'open') open();
    });
  });
  const { capture } = link.client;
  let waiting: Promise<unknown> | undefined;
  return {
    wait() {
      // Answered once a session begins, or by the end of the test.
      waiting = capture.wanted({ seen: null }).catch(() => undefined);
    },
    async begin() {
      await waiting;
      const { session } = await capture.wanted({});
      assert(session !== null, 'a camera is wanted');
      const { publicKey } = await capture.open({ sessionId: session.sessionId });
      sealer = await createFrameSealer(session.sessionId, publicKey);
      return session.sessionId;
    },
    async send(...frames) {
      assert(sealer !== undefined, 'begun');
      for (const frame of frames) await capture.send(await sealer.seal(frame));
    },
    close: () => link.close(),
  };
}
