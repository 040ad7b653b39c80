import {
  err,
  type FaceModel,
  type FaceOverview,
  type FaceSetting,
  type FaceUse,
  type FaceWithdrawal,
  type Failure,
  failure,
  type MemberId,
  ok,
  type Policy,
  type Result,
  type Store,
  type TillId,
  toInstant,
} from '../../contract/index.ts';
import { facesFiled } from '../../domain/face-consent/filing-limit.ts';
import type { HeldFaceData } from '../../domain/face-consent/held-face-data.ts';
import type { WithdrawalReceipt } from '../../domain/face-consent/withdrawal-receipt.ts';
import type { FacePair } from '../../store/repositories/face-pairs.ts';
import type { TillContext } from '../context.ts';
import type { StaffSessions } from '../staff-session.ts';
import { ATTEMPTS_PER_TILL, ATTEMPTS_WINDOW_MS, failedAttempts } from './attempts.ts';
import { faceSettingOf } from './consent.ts';
import { endsWaiting, type FacesKept, lookAtFaces } from './faces-kept.ts';
import { faceErasure, facePause, keepFacePause, noteFaceErasure } from './pause.ts';
import type { FaceDeps, FaceModelFacts } from './ports.ts';
import type { FaceSessionsRun } from './sessions.ts';

/** Each template is looked at once in so long, in milliseconds, however often a screen asks. */
export const FACES_LOOKED_AT_MS = 60_000;
const NOTHING: FacesKept = {
  templates: { usable: 0, withoutKey: 0, damaged: 0, otherModel: 0 },
  keys: { kept: 0, erased: 0 },
  unfinished: 0,
};

/** What this till holds of one member's face, and the receipts of what has ended. */
export interface MemberFaces {
  readonly memberId: MemberId;
  /** Whom the account belongs to by now; null = this till does not know the member. */
  readonly servedAs: MemberId | null;
  readonly held: HeldFaceData;
  /** Of ends that this till has told headquarters of, or will; older ones are asked there. */
  readonly receipts: readonly (WithdrawalReceipt & {
    readonly reason: FaceWithdrawal['reason'];
    readonly isWaiting: boolean;
  })[];
}

/** The faces of a till for whoever keeps it: how many there are, whether they are used, and their end. */
export interface FaceKeeping {
  overview(): Promise<Result<FaceOverview, Failure>>;
  /**
   * Stops or allows faces at this till alone; headquarters switches whole stores. Sessions end and the gallery is emptied
   * before it answers; templates stay. Fails with `staff-required`, `face-off` where the till has nothing that faces need,
   * and as the disk does.
   */
  pause(paused: boolean): Promise<Result<FaceOverview, Failure>>;
  /**
   * Pauses and destroys every template that lies here, see `FaceSwitch.erase`. Answers once it has begun: the overview
   * says how far it is, and a restart goes on with it. Fails as {@link FaceKeeping.pause}.
   */
  erase(): Promise<Result<FaceOverview, Failure>>;
  /** For the operator's tool alone: no screen shows it. */
  member(memberId: MemberId): Result<MemberFaces, Failure>;
  facts(): Promise<Result<FaceFacts, Failure>>;
  /** For the operator's tool alone. Fails with `face-off` where the till compares no faces. */
  pairs(after: number): Result<FacePairsPage, Failure>;
}

/** What is in force at this till, for whoever assesses its impact: settings and figures, and nobody by name. */
export interface FaceFacts {
  readonly at: ReturnType<typeof toInstant>;
  readonly store: Pick<Store, 'storeId' | 'name' | 'currency'>;
  readonly tillId: TillId;
  readonly overview: FaceOverview;
  /** What members agree to; null = headquarters has set nothing. */
  readonly setting: FaceSetting | null;
  /** What a face may do; null = no rules are here yet. */
  readonly policy: Policy | null;
  /** Whether a certified vendor tells a living face from a picture. */
  readonly hasLivenessVendor: boolean;
  /** Null = no model can be used. */
  readonly model:
    | (FaceModel & Pick<FaceModelFacts, 'thresholds' | 'openSet'> & { readonly isPack: boolean })
    | null;
}

/** A page of confirmed pairs; an empty one = there are no more. */
export interface FacePairsPage {
  /** That the till compares by now; pairs of an earlier one may be among them. */
  readonly model: FaceModel;
  /** Distance up to which this till takes a claimed member's face as theirs. */
  readonly acceptedUpTo: number;
  readonly pairs: readonly (FacePair & { readonly no: number })[];
}

export interface FaceKeepingRun {
  readonly useCases: FaceKeeping;
  /** Stops a destruction between two templates; the next start goes on with it. */
  close(): void;
}

export interface FaceKeepingParts {
  readonly context: TillContext;
  readonly deps: FaceDeps | undefined;
  readonly sessions: FaceSessionsRun | undefined;
  readonly staff: StaffSessions;
  readonly policy: () => Policy | undefined;
}

/** Goes on with a destruction that was cut off. */
export function createFaceKeeping(parts: FaceKeepingParts): FaceKeepingRun {
  const { context, deps, sessions, staff, policy } = parts;
  const { store, deps: tillDeps } = context;
  const { meta } = store;
  const keeper = deps?.keeper;
  let closed = false;
  let isDestroying = false;
  let looked: { readonly atMs: number; readonly kept: Promise<FacesKept> } | undefined;

  function use(): FaceUse {
    if (keeper === undefined) return 'absent';
    if (facePause(meta) !== undefined) return 'paused';
    const setting = faceSettingOf(context);
    if (setting === undefined) return 'not-set';
    return setting.offInStores.includes(tillDeps.place.store.storeId) ? 'store-off' : 'on';
  }

  /** Never resolves once the till is closed: what waits then ends with it. */
  const breathe = (): Promise<void> =>
    new Promise((resolve) => {
      tillDeps.timers.set(0, () => {
        if (!closed) resolve();
      });
    });

  function kept(): Promise<FacesKept> {
    if (deps === undefined) return Promise.resolve(NOTHING);
    const atMs = tillDeps.clock.monoMs();
    if (looked === undefined || atMs - looked.atMs >= FACES_LOOKED_AT_MS)
      looked = {
        atMs,
        kept: lookAtFaces(deps, breathe).catch((error: unknown) => {
          looked = undefined;
          throw error;
        }),
      };
    return looked.kept;
  }

  async function destroy(): Promise<void> {
    const staffId = faceErasure(meta);
    if (keeper === undefined || staffId === undefined) return;
    const done = await keeper.erase(staffId, breathe);
    if (!done.ok) {
      // The note stays: the next start goes on, and the next look at what is kept.
      tillDeps.log('error', 'face templates could not be destroyed', { code: done.error.code });
      return;
    }
    const noted = context.work(() => {
      noteFaceErasure(meta, null);
      const detail = { templates: done.value };
      store.audit.append({ atMs: context.nowMs(), staffId, action: 'faces-erased', detail });
    });
    if (noted.ok) sessions?.onApplied();
  }

  /** Nothing where nothing is to be destroyed. */
  function goOn(): void {
    if (isDestroying || faceErasure(meta) === undefined) return;
    isDestroying = true;
    void destroy().finally(() => {
      isDestroying = false;
      looked = undefined;
    });
  }

  async function overview(): Promise<Result<FaceOverview, Failure>> {
    goOn();
    const watched = await sessions?.useCases.watch(undefined);
    const seen = watched?.ok === true ? watched.value : undefined;
    const paused = facePause(meta);
    const session = seen?.session ?? null;
    const { unfinished, ...counted } = await kept();
    return ok({
      use: use(),
      ...(paused === undefined ? {} : { pausedAt: toInstant(paused.atMs) }),
      erasing: faceErasure(meta) !== undefined,
      ...(deps === undefined ? {} : { model: deps.model.model }),
      ...facesFiled(store.faces.count()),
      ...counted,
      ends: { ...endsWaiting(store), unfinished },
      session: session && {
        purpose: session.purpose,
        phase: session.phase,
        expiresAt: session.expiresAt,
      },
      attempts: {
        failed: failedAttempts(meta, context.nowMs()),
        limit: ATTEMPTS_PER_TILL,
        windowSeconds: ATTEMPTS_WINDOW_MS / 1_000,
      },
      refusedMessages: seen?.refused ?? 0,
    });
  }

  /** @param next the pause to be; `erase` notes the destruction in the same transaction */
  async function turn(paused: boolean, erase: boolean): Promise<Result<FaceOverview, Failure>> {
    if (keeper === undefined) return err(failure('face-off'));
    const staffId = staff.forEntry({ kind: 'screen' }, undefined);
    if (!staffId.ok) return staffId;
    const atMs = context.nowMs();
    const written = context.work(() => {
      // Since when stays what it was.
      if (!paused) keepFacePause(meta, null);
      else if (facePause(meta) === undefined) keepFacePause(meta, { atMs, staffId: staffId.value });
      if (erase) noteFaceErasure(meta, staffId.value);
      const action = erase ? 'faces-erase' : paused ? 'faces-paused' : 'faces-resumed';
      store.audit.append({ atMs, staffId: staffId.value, action, detail: {} });
    });
    if (!written.ok) return written;
    looked = undefined;
    sessions?.onApplied();
    await keeper.look();
    if (erase) goOn();
    return overview();
  }

  goOn();
  return {
    close() {
      closed = true;
    },
    useCases: {
      overview,
      async pause(paused) {
        // What is being destroyed must not be used meanwhile.
        if (!paused && faceErasure(meta) !== undefined) return err(failure('face-busy'));
        return turn(paused, false);
      },
      erase: () => turn(true, true),
      async facts() {
        const seen = await overview();
        if (!seen.ok) return seen;
        const { store: here, tillId } = tillDeps.place;
        const { model, thresholds, openSet } = deps?.model ?? {};
        return ok({
          at: toInstant(context.nowMs()),
          store: { storeId: here.storeId, name: here.name, currency: here.currency },
          tillId,
          overview: seen.value,
          setting: faceSettingOf(context) ?? null,
          policy: policy() ?? null,
          hasLivenessVendor: deps?.liveness !== undefined,
          model:
            model === undefined || thresholds === undefined || openSet === undefined
              ? null
              : { ...model, thresholds, openSet, isPack: deps?.isPack === true },
        });
      },
      pairs(after) {
        if (deps === undefined || keeper === undefined) return err(failure('face-off'));
        const { model, thresholds } = deps.model;
        return ok({ model, acceptedUpTo: thresholds.fmr1e3, pairs: keeper.pairs(after) });
      },
      member(memberId) {
        if (keeper === undefined) return err(failure('face-off'));
        const receipts = store.faces.endsOf(memberId).map(({ withdrawal, isWaiting }) => ({
          ...keeper.receiptOf(withdrawal, null),
          reason: withdrawal.reason,
          isWaiting,
        }));
        const row = store.members.byId(memberId);
        return ok({
          memberId,
          servedAs: row === undefined ? null : (row.mergedInto ?? row.memberId),
          held: keeper.heldOf(memberId),
          receipts,
        });
      },
    },
  };
}
