import { createPrivateKey } from 'node:crypto';
import { toInstant } from '../../agent/contract/time.ts';
import {
  KEY_QUESTIONS_CALL_MAX,
  KEY_STATE_MAX,
  type KeyAnswer,
  type KeyAnswered,
  type KeyQuestion,
  type KeyState,
  type KeyWanted,
} from '../protocol/face.ts';
import type { HqCall, HqInput, HqReply } from '../protocol/hq-api.ts';
import { failureText } from './call-failure.ts';
import type { SyncDeps } from './deps.ts';
import { answerKey } from './faces/answer-key.ts';
import { createKeyQuestions } from './faces/key-questions.ts';
import { createSettleFaces } from './faces/settle-faces.ts';
import type { HqClock } from './hq-clock.ts';
import { createPause } from './pause.ts';
import type { Applied, FacePorts } from './ports.ts';
import type { Session } from './session.ts';
import { tryStorage, tryStorageLater } from './storage-failure.ts';
import type { Troubles } from './troubles.ts';

/** While a question of this till is open, headquarters is asked for the answer so often, in milliseconds ... */
export const POST_BUSY_MS = 2_000;
/** ... and else, for questions of other tills, so often. */
export const POST_IDLE_MS = 20_000;
/** After a question that came to nothing, the template waits so long for the next one, in milliseconds. */
export const ASK_AGAIN_MS = 60_000;

export interface FaceKeysParts {
  readonly deps: SyncDeps;
  readonly faces: FacePorts;
  readonly session: Pick<Session, 'call'>;
  /** Of the till: Ed25519, PKCS8 PEM. */
  readonly privateKey: string;
  readonly hqClock: HqClock;
  readonly troubles: Troubles;
}

/** Face templates that come down the feed, and their keys, which travel from till to till. */
export interface FaceKeys {
  /** Before the feed is followed: what a crash may have left between the feed and the keys is put right. */
  begin(): void;
  /** Rows were applied; those of faces take effect at once. */
  applied(changed: Applied['changed']): void;
  /** Tells and asks headquarters at once. */
  notify(): void;
  /** Runs while a session is open. */
  run(signal: AbortSignal): Promise<void>;
}

export function createFaceKeys(parts: FaceKeysParts): FaceKeys {
  const { deps, faces, session, hqClock, troubles } = parts;
  const { store, clock, timers, log } = deps;
  const key = createPrivateKey(parts.privateKey);
  const settled = createSettleFaces({ deps, faces });
  const questions = createKeyQuestions({ deps, faces, key });
  const pause = createPause(timers);
  /** When a template may be asked for again, by the clock that never goes back. */
  const askAgainMs = new Map<string, number>();
  let unsettled = false;
  let toldAll = false;

  /** Where the disk fails, the whole is looked at again in the next round. */
  function onDisk(work: () => void): void {
    const done = tryStorage(work);
    if (done.ok) return;
    unsettled = true;
    troubles.raise('storage-failed', done.error.detail);
  }

  function settleAll(): void {
    unsettled = false;
    onDisk(() => settled.settleAll());
  }

  /** Calls headquarters; undefined = it did not succeed, and the round is over. */
  async function call<Call extends HqCall>(
    name: Call,
    input: HqInput<Call>,
    signal: AbortSignal,
  ): Promise<HqReply<Call> | undefined> {
    const reply = await session.call(name, input, { signal });
    if (reply.ok) return reply.value;
    if (reply.error.code !== 'cancelled')
      log('info', 'keys of faces wait for headquarters', { why: failureText(reply.error) });
    return undefined;
  }

  /**
   * All keys that are here and all that were ever destroyed, once in a session; then what was destroyed since.
   * @returns whether headquarters heard it all, as do the others
   */
  async function tell(signal: AbortSignal): Promise<boolean> {
    const { keys } = faces;
    const held = toldAll ? [] : [...keys.ids()];
    const gone = toldAll ? [...settled.gone] : [...keys.erasedIds()];
    while (held.length > 0 || gone.length > 0) {
      const said = gone.splice(0, KEY_STATE_MAX);
      const state = { held: held.splice(0, KEY_STATE_MAX), destroyed: said.flatMap(destroyedOf) };
      const reply = await call('sayFaceKeys', state as KeyState, signal);
      if (reply === undefined) return false;
      for (const id of said) settled.gone.delete(id);
      onDisk(() => settled.over(reply.over));
      onDisk(() => settled.unknown(reply.unknown));
    }
    toldAll = true;
    // What this reply made the till destroy is told at once.
    return settled.gone.size === 0 || tell(signal);
  }

  function destroyedOf(templateId: string) {
    const erased = faces.keys.erased(templateId);
    if (erased === undefined) return [];
    return [{ templateId, reason: erased.reason, at: toInstant(erased.atMs) }];
  }

  async function ask(signal: AbortSignal): Promise<boolean> {
    const hqNowMs = hqClock.nowMs();
    if (hqNowMs === null) return false;
    questions.expire();
    if (faces.wantsKeys?.() === false) {
      // What other tills answer meanwhile nothing opens any more.
      questions.clear();
      return true;
    }
    for (;;) {
      const asked = await nextQuestions(hqNowMs);
      if (asked.length === 0) return true;
      const reply = await call('askFaceKeys', { questions: asked }, signal);
      if (reply === undefined) {
        // Whether it was heard nobody knows: the next round asks anew.
        for (const { questionId } of asked) questions.refused(questionId);
        return false;
      }
      for (const { questionId, why } of reply.refused) {
        const id = questions.refused(questionId);
        if (id !== undefined) askAgainMs.set(id, clock.monoMs() + ASK_AGAIN_MS);
        log('info', 'a question for the key of a face was refused', { why });
      }
    }
  }

  async function nextQuestions(hqNowMs: number): Promise<KeyQuestion[]> {
    const asked: KeyQuestion[] = [];
    for (const id of settled.lacking) {
      if (asked.length >= KEY_QUESTIONS_CALL_MAX) break;
      if ((askAgainMs.get(id) ?? 0) > clock.monoMs()) continue;
      askAgainMs.delete(id);
      const question = await questions.ask(id, hqNowMs);
      if (question !== undefined) asked.push(question);
    }
    return asked;
  }

  /** Takes and gives keys until nothing waits at headquarters. */
  async function post(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const reply = await call('faceKeyPost', {}, signal);
      if (reply === undefined) return false;
      const { wanted, answered } = reply;
      for (const answer of answered) await take(answer);
      if (!(await answer(wanted, signal))) return false;
      if (answered.length === 0 && wanted.length < KEY_QUESTIONS_CALL_MAX) return true;
      if (answered.length > 0 && !(await ask(signal))) return false;
    }
  }

  async function answer(wanted: readonly KeyWanted[], signal: AbortSignal): Promise<boolean> {
    const hqNowMs = hqClock.nowMs() ?? clock.now();
    const answers: KeyAnswer[] = [];
    for (const question of wanted) {
      const answered = await answerKey(question, { tillId: store.tillId, faces, key, hqNowMs });
      if (answered.ok) answers.push(answered.value);
      else log('info', 'the key of a face was not given', { why: answered.error });
    }
    if (answers.length === 0) return wanted.length < KEY_QUESTIONS_CALL_MAX;
    return (await call('answerFaceKeys', { answers }, signal)) !== undefined;
  }

  async function take(answer: KeyAnswered): Promise<void> {
    const { templateId } = answer;
    const stored = await tryStorageLater(() => questions.take(answer));
    if (!stored.ok) troubles.raise('storage-failed', stored.error.detail);
    const why = stored.ok ? (stored.value.ok ? null : stored.value.error) : stored.error.detail;
    if (why === null) {
      settled.lacking.delete(templateId);
      faces.onKey?.(templateId);
      return;
    }
    log('warn', 'the answer to a question for the key of a face is not good', { why });
    askAgainMs.set(templateId, clock.monoMs() + ASK_AGAIN_MS);
  }

  async function round(signal: AbortSignal): Promise<void> {
    if (unsettled) settleAll();
    if ((await tell(signal)) && (await ask(signal))) await post(signal);
  }

  return {
    begin: settleAll,
    applied(changed) {
      const ids = changed.filter(({ table }) => table === 'face').map((row) => row.key);
      if (ids.length === 0) return;
      onDisk(() => settled.settle(ids));
      pause.wake();
    },
    notify: () => pause.wake(),
    async run(signal) {
      toldAll = false;
      questions.clear();
      settleAll();
      while (!signal.aborted) {
        await round(signal);
        await pause.wait(questions.open() > 0 ? POST_BUSY_MS : POST_IDLE_MS, signal);
      }
      questions.clear();
    },
  };
}
