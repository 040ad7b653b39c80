import type {
  FaceSession,
  FaceWatch,
  Identification,
  IdentificationId,
} from '../../../../agent/contract/index.ts';

/** What the customer's screen shows of faces. */
export type CustomerFaceScene =
  /** Nothing: the till uses no faces, or there is nothing to say to this shopper. */
  | { readonly kind: 'none' }
  /** A member is served: they may enrol, look at their own data, and withdraw. */
  | { readonly kind: 'offer'; readonly identificationId: IdentificationId }
  /** The member reads and decides. */
  | { readonly kind: 'consent'; readonly session: FaceSession }
  /** The camera looks, or is about to. */
  | { readonly kind: 'camera'; readonly session: FaceSession }
  /** It came to an end that the member has to know of. */
  | { readonly kind: 'done'; readonly session: FaceSession };

/** Ends that the member made themselves, or that say nothing about them. */
const SILENT = ['cancelled', 'signed-out', 'sale-ended', 'member-changed'] as const;

/**
 * Chooses what the shopper sees of faces: an open session before all else, then its end until they have read it, then what a
 * member may do.
 * @param dismissed id of the session whose end was read
 */
export function customerFaceScene(
  watch: FaceWatch | null,
  identification: Identification | null,
  dismissed: string | null,
): CustomerFaceScene {
  if (watch === null) return { kind: 'none' };
  const { session } = watch;
  if (session !== null && session.outcome === undefined)
    return { kind: session.phase === 'consent' ? 'consent' : 'camera', session };
  if (session !== null && session.sessionId !== dismissed && isForTheMember(session))
    return { kind: 'done', session };
  const member = identification?.outcome === 'identified' ? identification : null;
  // Own data and withdrawal stay within reach where faces are switched off.
  if (member === null || (!watch.on && watch.off === undefined)) return { kind: 'none' };
  return { kind: 'offer', identificationId: member.identificationId };
}

/**
 * An enrolment is told to the end. Of a comparison only that it was no success is: who was found is between cashier and member,
 * and a stranger is told nothing.
 */
function isForTheMember({ purpose, outcome, reason }: FaceSession): boolean {
  if (reason !== undefined && (SILENT as readonly string[]).includes(reason)) return false;
  return purpose === 'enrol' || (purpose === 'verify' && outcome !== 'recognised');
}

/** What the member does next at the camera. */
export type CameraAsk =
  | 'trouble'
  | 'starting'
  | 'turn-left'
  | 'turn-right'
  | 'blink'
  | 'nearer'
  | 'fault'
  | 'poses'
  | 'look';

/** One thing to do at a time: a camera that gives nothing, a movement, what the frame lacks, or to look. */
export function cameraAsk({ phase, trouble, step, fault, purpose }: FaceSession): CameraAsk {
  if (trouble !== undefined) return 'trouble';
  if (phase !== 'looking') return 'starting';
  if (step !== undefined) return step;
  if (fault !== undefined) return 'fault';
  return purpose === 'enrol' ? 'poses' : 'look';
}

/** Whole seconds until a session ends by itself, never negative. */
export function secondsLeft({ expiresAt }: Pick<FaceSession, 'expiresAt'>, nowMs: number): number {
  return Math.max(0, Math.ceil((Date.parse(expiresAt) - nowMs) / 1_000));
}
