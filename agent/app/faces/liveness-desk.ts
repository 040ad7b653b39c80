import type { LivenessDriver, LivenessQuestion } from '../../../drivers/contract/liveness.ts';
import { type FaceSessionId, livenessAnswerSchema } from '../../contract/index.ts';
import type { Clock, Log, Timers } from '../deps.ts';
import type { LivenessVendor, LivenessVerdict } from './ports.ts';

/** A detector has so long for an answer; the member stands there meanwhile. In milliseconds. */
export const LIVENESS_ANSWER_MS = 4_000;
/** Refused answers that are logged, of one run: a detector that talks on and on fills no disk. */
export const LIVENESS_REFUSALS_LOGGED = 20;
const NONCE_BYTES = 16;

/** Why an answer of a detector counts for nothing. */
export type LivenessRefusal = 'malformed' | 'late' | 'twice' | 'not-asked';

export interface LivenessDeskParts {
  /** Makes the detector of this till, by its adapter; whatever it says comes to the sink. */
  readonly make: (sink: (answer: unknown) => void) => LivenessDriver;
  readonly clock: Pick<Clock, 'monoMs'>;
  readonly timers: Timers;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
}

/** A detector that is asked and not believed beyond its question. */
export interface LivenessDesk extends LivenessVendor {
  /** Answers that counted for nothing since the start. */
  refused(): number;
  close(): Promise<void>;
}

interface OpenQuestion extends LivenessQuestion {
  readonly untilMs: number;
  readonly settle: (verdict: LivenessVerdict) => void;
}

const UNKNOWN: LivenessVerdict = { kind: 'unknown' };

/**
 * Asks the detector, one question at a time, and takes the first answer that is in time and to this question. Everything
 * else is refused and counted. One that says both of the same person is not asked again before the till starts anew: the
 * face then counts as without it. Whether its product and class are certified is the policy's to say, not asked here.
 */
export function createLivenessDesk(parts: LivenessDeskParts): LivenessDesk {
  const { clock, timers, random, log } = parts;
  const driver = parts.make(take);
  let open: OpenQuestion | undefined;
  /** The question before, by which a second or late answer is told from one that nobody asked for. */
  let last: { readonly nonce: string; readonly said: string | null } | undefined;
  let contradicted = false;
  let refused = 0;
  driver.start();

  function refuse(why: LivenessRefusal): void {
    refused += 1;
    if (refused <= LIVENESS_REFUSALS_LOGGED)
      log('warn', 'an answer of the liveness detector was refused', { why });
  }

  /** Ends the open question; further answers to it are late or the second. */
  function close(verdict: LivenessVerdict, said: string | null): void {
    if (open === undefined) return;
    const { nonce, settle } = open;
    open = undefined;
    last = { nonce, said };
    settle(verdict);
  }

  function take(raw: unknown): void {
    const read = livenessAnswerSchema.safeParse(raw);
    if (!read.success) return refuse('malformed');
    const { sessionId, nonce, verdict, level } = read.data;
    if (open !== undefined && open.nonce === nonce && open.sessionId === sessionId) {
      // A timer may come late, after the computer slept.
      if (clock.monoMs() >= open.untilMs) {
        close(UNKNOWN, null);
        return refuse('late');
      }
      const detector = { product: driver.product, level };
      return close(verdict === 'live' ? { kind: 'live', detector } : { kind: verdict }, verdict);
    }
    if (last?.nonce !== nonce) return refuse('not-asked');
    if (last.said === null) return refuse('late');
    if (last.said !== verdict && !contradicted) {
      contradicted = true;
      log('error', 'the liveness detector contradicts itself and is not asked again', {});
    }
    refuse('twice');
  }

  function broke(error: unknown): void {
    // By name and never by its words, which may be about the person.
    log('error', 'the liveness detector broke', {
      error: error instanceof Error ? error.name : typeof error,
    });
  }

  /** An adapter that throws against its contract is as one that cannot be asked. */
  function ask(question: LivenessQuestion): boolean {
    try {
      const asked = driver.ask(question);
      if (!asked.ok)
        log('warn', 'the liveness detector cannot be asked', { code: asked.error.code });
      return asked.ok;
    } catch (error) {
      broke(error);
      return false;
    }
  }

  return {
    verdict(sessionId: FaceSessionId): Promise<LivenessVerdict> {
      close(UNKNOWN, null);
      if (contradicted) return Promise.resolve(UNKNOWN);
      const nonce = Buffer.from(random(NONCE_BYTES)).toString('hex');
      const question = { sessionId, nonce, withinMs: LIVENESS_ANSWER_MS };
      return new Promise((resolve) => {
        const timer = timers.set(LIVENESS_ANSWER_MS, () => {
          if (open?.nonce === nonce) close(UNKNOWN, null);
        });
        const settle = (verdict: LivenessVerdict): void => {
          timers.clear(timer);
          resolve(verdict);
        };
        open = { ...question, untilMs: clock.monoMs() + LIVENESS_ANSWER_MS, settle };
        if (!ask(question)) close(UNKNOWN, null);
      });
    },
    cancel(sessionId) {
      if (open?.sessionId !== sessionId) return;
      try {
        driver.cancel();
      } catch (error) {
        broke(error);
      }
      close(UNKNOWN, null);
    },
    refused: () => refused,
    async close() {
      close(UNKNOWN, null);
      await driver.stop();
    },
  };
}
