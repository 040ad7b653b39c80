import type {
  FaceReason,
  FaceSession,
  FaceWatch,
  Identification,
  Text,
} from '../../../../agent/contract/index.ts';
import type { Tone } from '../../../kit/status-mark.tsx';
import { isLive } from '../till-view.ts';

/** What the cashier's screen calls the state of the face; each has a word in the catalogue. */
export type FaceMark =
  | 'off'
  | 'ready'
  | 'consent'
  | 'starting'
  | 'trouble'
  | 'looking'
  | 'sure'
  | 'doubtful'
  | 'counts'
  | 'withdrawn'
  | 'maybe'
  | 'unknown'
  | 'refused'
  | 'enrolled'
  | 'ended';

/** What the cashier does next where the face alone is not enough. */
export type FaceMissing = 'digits' | 'second-proof' | 'card-or-phone' | 'again' | 'help' | 'later';

/** The one state of the face, as the cashier's screen shows it: words alone, and nobody but the member. */
export interface FaceScene {
  readonly mark: FaceMark;
  readonly tone: Tone;
  /** As the till says it; absent = the mark says all. */
  readonly sentence?: Text | undefined;
  /** What the member is to do: to be read out to them. */
  readonly tell?: Text | undefined;
  readonly remedy?: Text | undefined;
  readonly missing?: FaceMissing | undefined;
  /** Good frames so far, while the camera looks. */
  readonly frames?: FaceSession['frames'] | undefined;
  /** The session that may be cancelled. */
  readonly open: FaceSession | null;
  /** What may be asked for: the claimed member's face, or whose face it is; `null` = nothing now. */
  readonly ask: 'verify' | 'identify' | null;
}

/** What helps after each refusal. */
const AFTER: Readonly<Record<FaceReason, FaceMissing | undefined>> = {
  'no-match': 'second-proof',
  unsure: 'second-proof',
  challenge: 'digits',
  'not-live': 'second-proof',
  'other-person': 'again',
  'consent-withdrawn': 'card-or-phone',
  attempts: 'card-or-phone',
  blocked: 'help',
  'expired-member': 'help',
  minor: 'card-or-phone',
  'member-changed': 'again',
  'proof-gone': 'second-proof',
  'not-taken': 'again',
  cancelled: undefined,
  'timed-out': 'again',
  'signed-out': undefined,
  'switched-off': 'card-or-phone',
  'sale-ended': undefined,
  'too-many-frames': 'again',
  storage: 'later',
};

/** Ends that nobody has to do anything about: said quietly. */
const QUIET: readonly FaceReason[] = ['cancelled', 'sale-ended', 'signed-out', 'timed-out'];

/**
 * The face beside the identification. Nothing where the till has never used faces.
 * @param shown the identification on show; a session about another shopper's is not told
 */
export function faceScene(watch: FaceWatch, shown: Identification | null): FaceScene | null {
  if (!watch.on)
    return watch.off === undefined ? null : { mark: 'off', tone: 'idle', open: null, ask: null };
  const live = isLive(shown) ? shown : null;
  const { session } = watch;
  if (session !== null && session.outcome === undefined) return openScene(session);
  const ask = askFor(live);
  if (session !== null && isAbout(session, live)) return { ...endScene(session, live), ask };
  return readyScene(live, ask);
}

function askFor(live: Identification | null): FaceScene['ask'] {
  if (live === null || live.outcome === 'unknown') return 'identify';
  return live.outcome === 'identified' ? 'verify' : null;
}

/** A result that went to an identification is shown beside that one alone; that of a stranger until somebody is named. */
function isAbout({ identificationId }: FaceSession, live: Identification | null): boolean {
  if (identificationId === undefined) return live === null || live.outcome === 'unknown';
  return identificationId === live?.identificationId;
}

function readyScene(live: Identification | null, ask: FaceScene['ask']): FaceScene {
  if (live !== null && isSuggestedByFace(live))
    return { mark: 'maybe', tone: 'warn', missing: 'digits', open: null, ask };
  const counts = live?.outcome === 'identified' && live.means.includes('face');
  return counts
    ? { mark: 'counts', tone: 'ok', open: null, ask }
    : { mark: 'ready', tone: 'idle', open: null, ask };
}

function openScene(session: FaceSession): FaceScene {
  const { phase, sentence, guidance, remedy, trouble, frames } = session;
  const common = { open: session, ask: null } as const;
  if (trouble !== undefined)
    return { ...common, sentence, mark: 'trouble', tone: 'warn', remedy, missing: 'card-or-phone' };
  if (phase === 'consent') return { ...common, mark: 'consent', tone: 'info' };
  if (phase === 'waiting') return { ...common, mark: 'starting', tone: 'info' };
  return { ...common, mark: 'looking', tone: 'info', tell: guidance, frames };
}

function endScene(session: FaceSession, live: Identification | null): Omit<FaceScene, 'ask'> {
  const { outcome, reason, sentence, challenge } = session;
  const common = { open: null } as const;
  switch (outcome) {
    case 'recognised':
      if (live !== null && !live.means.includes('face'))
        return { ...common, mark: 'withdrawn', tone: 'warn', missing: 'card-or-phone' };
      return challenge === 'timed-out'
        ? { ...common, mark: 'doubtful', tone: 'warn', missing: 'digits' }
        : { ...common, mark: 'sure', tone: 'ok' };
    case 'shortlist':
      // Another proof has settled it meanwhile.
      if (live?.outcome === 'identified')
        return live.means.includes('face')
          ? { ...common, mark: 'counts', tone: 'ok' }
          : { ...common, mark: 'ready', tone: 'idle' };
      if (live?.outcome !== 'ambiguous')
        return { ...common, mark: 'withdrawn', tone: 'warn', missing: 'card-or-phone' };
      return { ...common, mark: 'maybe', tone: 'warn', missing: 'digits' };
    case 'enrolled':
      return { ...common, mark: 'enrolled', tone: 'ok' };
    case 'unknown':
      return { ...common, mark: 'unknown', tone: 'idle', missing: 'card-or-phone' };
    default: {
      const missing = reason === undefined ? undefined : AFTER[reason];
      if (reason !== undefined && QUIET.includes(reason))
        return { ...common, sentence, mark: 'ended', tone: 'idle', missing };
      return { ...common, sentence, mark: 'refused', tone: 'bad', missing };
    }
  }
}

/**
 * Whether the members on offer were suggested by a face: another proof settles it, no hand. Those who were claimed by digits
 * show digits; those whom a face suggests never do.
 */
export function isSuggestedByFace({ outcome, candidates }: Identification): boolean {
  return (
    outcome === 'ambiguous' &&
    candidates.length > 0 &&
    candidates.every(({ phoneLast4 }) => phoneLast4 === undefined)
  );
}
