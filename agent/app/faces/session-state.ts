import {
  type BasketId,
  type CameraTrouble,
  type ChallengeStep,
  ERRORS,
  type ErrorCode,
  type FaceAgreement,
  type FaceOutcome,
  type FacePurpose,
  type FaceReason,
  type FaceSession,
  type FaceSessionId,
  type FrameFault,
  type IdentificationId,
  JUDGED_FRAMES_MIN,
  type MemberId,
  type StaffId,
  type Text,
  text,
  toInstant,
} from '../../contract/index.ts';
import type { CaptureChannel } from './capture-channel.ts';
import type { Captures } from './captures.ts';
import {
  FAULT_WORDS,
  OUTCOME_WORDS,
  REASON_WORDS,
  STEP_WORDS,
  TROUBLE_WORDS,
} from './session-words.ts';

/** What a session begins with. */
export interface SessionPlan {
  readonly sessionId: FaceSessionId;
  readonly purpose: FacePurpose;
  /** Whom it is about; null for `identify`. */
  readonly subject: {
    readonly identificationId: IdentificationId;
    readonly memberId: MemberId;
  } | null;
  readonly basketId: BasketId | null;
  /** Movements to ask for, in this order; none = no challenge. */
  readonly challenge: readonly ChallengeStep[];
  readonly expiresAtMs: number;
}

/** How it ended. */
export interface SessionEnd {
  readonly outcome: FaceOutcome;
  readonly reason?: FaceReason | undefined;
  /** Where the result was not taken: why. */
  readonly problem?: ErrorCode | undefined;
  readonly identificationId?: IdentificationId | undefined;
}

/** One session as the till holds it, in memory only. */
export interface OpenSession extends SessionPlan {
  readonly captures: Captures;
  /** The member's own words; null = not given yet. */
  agreement: (FaceAgreement & { readonly staffId: StaffId; readonly atMs: number }) | null;
  moved: 'not-asked' | 'asked' | 'passed' | 'timed-out';
  channel: CaptureChannel | null;
  /** The camera was heard of. */
  looking: boolean;
  /** Messages so far, refused ones included. */
  messages: number;
  opens: number;
  /** Times that the frames were judged. */
  rounds: number;
  /** Takes the attempt back; null = none was counted yet. */
  forgive: (() => void) | null;
  fault: FrameFault | null;
  step: ChallengeStep | null;
  trouble: CameraTrouble | null;
  end: SessionEnd | null;
}

/** A session that has just begun. */
export function beginSession(plan: SessionPlan, captures: Captures): OpenSession {
  return {
    ...plan,
    captures,
    agreement: null,
    moved: plan.challenge.length === 0 ? 'not-asked' : 'asked',
    channel: null,
    looking: false,
    messages: 0,
    opens: 0,
    rounds: 0,
    forgive: null,
    fault: null,
    step: null,
    trouble: null,
    end: null,
  };
}

/** Whether the camera is to run: while the session is open, and for an enrolment once the member has agreed. */
export function wantsCamera({ end, purpose, agreement }: OpenSession): boolean {
  return end === null && (purpose !== 'enrol' || agreement !== null);
}

/** The session in words. */
export function viewOf(session: OpenSession): FaceSession {
  const { purpose, fault, step, trouble, end, basketId } = session;
  const identificationId = end?.identificationId ?? session.subject?.identificationId;
  return {
    sessionId: session.sessionId,
    purpose,
    phase: phaseOf(session),
    sentence: sentenceOf(session),
    guidance: guidanceOf(session),
    ...(end === null && trouble !== null ? { trouble, remedy: TROUBLE_WORDS[trouble].remedy } : {}),
    ...(end === null && fault !== null ? { fault } : {}),
    ...(end === null && step !== null ? { step } : {}),
    frames: {
      good: Math.min(session.captures.all.length, JUDGED_FRAMES_MIN),
      needed: JUDGED_FRAMES_MIN,
    },
    challenge: session.moved,
    ...(end === null ? {} : { outcome: end.outcome }),
    ...(end?.reason === undefined ? {} : { reason: end.reason }),
    ...(identificationId === undefined ? {} : { identificationId }),
    ...(basketId === null ? {} : { basketId }),
    expiresAt: toInstant(session.expiresAtMs),
  };
}

function phaseOf(session: OpenSession): FaceSession['phase'] {
  if (session.end !== null) return 'done';
  if (!wantsCamera(session)) return 'consent';
  return session.looking && session.trouble === null ? 'looking' : 'waiting';
}

function sentenceOf(session: OpenSession): Text {
  const { end, trouble } = session;
  if (end !== null) return endWords(end);
  if (trouble !== null) return TROUBLE_WORDS[trouble].what;
  switch (phaseOf(session)) {
    case 'consent':
      return text('等待会员在顾客屏上同意', 'Waiting for the member to agree on their screen');
    case 'looking':
      return text('正在看镜头', 'The camera is looking');
    default:
      return text('等待摄像头', 'Waiting for the camera');
  }
}

function endWords({ outcome, reason, problem }: SessionEnd): Text {
  if (problem !== undefined) return ERRORS[problem].message;
  if (outcome === 'refused' || outcome === 'ended') return REASON_WORDS[reason ?? 'cancelled'];
  return OUTCOME_WORDS[outcome];
}

/** The member is told one thing at a time: what is wrong with the picture before what to do next. */
function guidanceOf(session: OpenSession): Text {
  const { fault, step, trouble, end } = session;
  if (end !== null)
    return end.outcome === 'recognised' || end.outcome === 'enrolled'
      ? text('好了，谢谢', 'Done, thank you')
      : text('请出示会员卡或报手机号', 'Please show your card or say your phone number');
  if (trouble !== null) return text('请稍等', 'One moment, please');
  if (!wantsCamera(session)) return text('请阅读并选择', 'Please read and choose');
  if (fault !== null) return FAULT_WORDS[fault];
  if (step !== null) return STEP_WORDS[step];
  return session.looking
    ? text('请看镜头', 'Please look at the camera')
    : text('请稍等', 'One moment, please');
}
