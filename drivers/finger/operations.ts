import { type DriverEnv, momentOf } from '../contract/env.ts';
import type { DriverSink } from '../contract/event.ts';
import {
  type FingerAct,
  type FingerCapability,
  type FingerFailure,
  type FingerReader,
  type FingerResults,
  LIBRARY_MARK_BYTES,
  MAX_CAPTURES,
  MAX_PLACE_MS,
  MAX_SEARCHED_PAGES,
  MIN_CAPTURES,
} from '../contract/finger.ts';
import { err, ok, type Result } from '../contract/result.ts';
import { createCaptures, type Sitting } from './captures.ts';
import { MAX_TEMPLATE_BYTES } from './exchange.ts';
import type { FingerModule } from './module.ts';

type Act<Name extends FingerAct['act']> = Extract<FingerAct, { act: Name }>;
type Answer<T> = Promise<Result<T, FingerFailure>>;
type Acts = {
  readonly [Name in FingerAct['act']]: (act: Act<Name>) => Answer<FingerResults[Name]>;
};

/** Two buffers of a module; every model has them. */
const FIRST = 1;
const SECOND = 2;

const bad = (detail: string): FingerFailure => ({ code: 'bad-request', detail });

/** What is wrong with a request; undefined = nothing. */
const problemOf = (
  act: FingerAct,
  { capacity, buffers }: FingerCapability,
): FingerFailure | undefined => {
  if ('page' in act && !(Number.isInteger(act.page) && act.page >= 0 && act.page < capacity))
    return { code: 'page-out-of-range', detail: `page ${act.page} of ${capacity}` };
  if ('placeMs' in act && !(act.placeMs > 0 && act.placeMs <= MAX_PLACE_MS))
    return bad(`placeMs ${act.placeMs}: above 0, at most ${MAX_PLACE_MS}`);
  if ('searchPages' in act && !(act.searchPages > 0 && act.searchPages <= MAX_SEARCHED_PAGES))
    return bad(`searchPages ${act.searchPages}: 1 to ${MAX_SEARCHED_PAGES}`);
  if ('captures' in act && !(act.captures >= MIN_CAPTURES && act.captures <= MAX_CAPTURES))
    return bad(`captures ${act.captures}: ${MIN_CAPTURES} to ${MAX_CAPTURES}`);
  if ('captures' in act && act.captures - 1 > buffers)
    return bad(`captures ${act.captures}: this module merges ${buffers} at most`);
  if ('template' in act && !(act.template.length > 0 && act.template.length <= MAX_TEMPLATE_BYTES))
    return bad(`a template of ${act.template.length} bytes: 1 to ${MAX_TEMPLATE_BYTES}`);
  if ('libraryMark' in act && act.libraryMark.length !== LIBRARY_MARK_BYTES)
    return bad(`a mark of ${act.libraryMark.length} bytes: ${LIBRARY_MARK_BYTES}`);
  return undefined;
};

/** A module that lost its power over the store has lost its buffers, and says only that there is nothing to store. */
const unconfirmed = (failure: FingerFailure): FingerFailure =>
  failure.code === 'page-empty' ? { ...failure, code: 'not-confirmed' } : failure;

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

export type Operations = FingerReader & {
  /** Another module may stand at the end of the line: what is known of this one is asked again. */
  forget(): void;
  /** As the module described itself; null until it was asked. */
  capability(): FingerCapability | null;
  isBusy(): boolean;
};

/** The acts of one module, put together from its instructions; one at a time. */
export const createOperations = (
  module: FingerModule,
  env: DriverEnv,
  deviceId: string,
  sink: DriverSink,
): Operations => {
  const captures = createCaptures(module, env, deviceId, sink);
  let running: { cancelled: boolean } | null = null;
  let known: FingerCapability | null = null;

  const describe = async (): Answer<FingerCapability> => {
    const said = await module.describe();
    if (said.ok) known = said.value;
    return said;
  };

  const sittingFor = (placeMs: number, count: number): Sitting => {
    const mine = running;
    return {
      captures: count,
      untilMs: env.clock.monoMs() + placeMs,
      isCancelled: () => mine?.cancelled !== false,
    };
  };

  /** One capture into a buffer, with the light on meanwhile. */
  const one = async (placeMs: number, buffer: number): Answer<null> => {
    const taken = await captures.take(sittingFor(placeMs, 1), 1, buffer);
    return taken.ok ? ok(null) : taken;
  };

  const tell = (step: 'stored', capture: number, of: number): void =>
    sink({ type: 'finger', deviceId, at: momentOf(env), step, capture, captures: of });

  /** Merges all captures but the last, each in a buffer of its own; the merged template is in the first then. */
  const merged = async (act: Act<'enrol'>): Answer<number> => {
    const taking = act.captures - 1;
    let retakes = 0;
    for (let capture = 1; capture <= taking; capture += 1) {
      const sitting = sittingFor(act.placeMs, act.captures);
      const taken = await captures.take(sitting, capture, capture);
      if (!taken.ok) return taken;
      retakes += taken.value;
      if (capture === 1) {
        const found = await module.search(FIRST, act.searchPages);
        if (!found.ok) return found;
        if (found.value !== null)
          return err({
            code: 'duplicate',
            detail: `the finger is in page ${found.value.page}`,
            page: found.value.page,
          });
      }
      const empty = await captures.lift(sitting, capture);
      if (!empty.ok) return empty;
    }
    const joined = await module.merge();
    return joined.ok ? ok(retakes) : joined;
  };

  /** What was stored has to be readable and to match the finger once more; else nothing of it stays. */
  const confirmed = async (
    act: Act<'enrol'>,
  ): Answer<{ template: Uint8Array; score: number; retakes: number }> => {
    const sitting = sittingFor(act.placeMs, act.captures);
    const loaded = await module.load(FIRST, act.page);
    if (!loaded.ok) return loaded;
    const template = await module.upload(FIRST);
    if (!template.ok) return template;
    const taken = await captures.take(sitting, act.captures, SECOND);
    if (!taken.ok) return taken;
    const again = await module.load(FIRST, act.page);
    if (!again.ok) return again;
    const said = await module.match();
    if (!said.ok) return said;
    if (!said.value.isMatch)
      return err({
        code: 'not-confirmed',
        detail: 'the last capture does not match what was stored',
      });
    return ok({ template: template.value, score: said.value.score, retakes: taken.value });
  };

  /**
   * Nothing of a failed enrolment stays. Where the removal fails too, whoever keeps the map of the library finds the page in
   * use and clears it.
   */
  const undone = async (page: number, failure: FingerFailure) => {
    await module.remove(page);
    return err(failure);
  };

  const acts: Acts = {
    describe,
    async enrol(act) {
      const retakes = await merged(act);
      if (!retakes.ok) return retakes;
      const stored = await module.store(FIRST, act.page);
      if (!stored.ok) return undone(act.page, unconfirmed(stored.error));
      tell('stored', act.captures - 1, act.captures);
      const done = await confirmed(act);
      return done.ok
        ? ok({ ...done.value, retakes: retakes.value + done.value.retakes })
        : undone(act.page, done.error);
    },
    async verify({ page, placeMs }) {
      const taken = await one(placeMs, SECOND);
      if (!taken.ok) return taken;
      const loaded = await module.load(FIRST, page);
      return loaded.ok ? module.match() : loaded;
    },
    async 'verify-template'({ template, placeMs }) {
      const taken = await one(placeMs, SECOND);
      if (!taken.ok) return taken;
      const sent = await module.download(FIRST, template);
      if (!sent.ok) return sent;
      const back = await module.upload(FIRST);
      if (!back.ok) return back;
      return isSame(back.value, template)
        ? module.match()
        : err({ code: 'template-refused', detail: 'the module gives another template back' });
    },
    async identify({ searchPages, placeMs }) {
      const taken = await one(placeMs, FIRST);
      if (!taken.ok) return taken;
      const found = await module.search(FIRST, searchPages);
      return found.ok ? ok({ hit: found.value }) : found;
    },
    async read({ page }) {
      const loaded = await module.load(FIRST, page);
      if (!loaded.ok) return loaded;
      const template = await module.upload(FIRST);
      return template.ok ? ok({ template: template.value }) : template;
    },
    async store({ page, template }) {
      const sent = await module.download(FIRST, template);
      if (!sent.ok) return sent;
      const stored = await module.store(FIRST, page);
      if (!stored.ok) return stored;
      const back = await acts.read({ act: 'read', page });
      if (!back.ok) return back;
      if (isSame(back.value.template, template)) return ok(null);
      await module.remove(page);
      return err({ code: 'not-confirmed', detail: 'what was stored is not what was sent' });
    },
    delete: ({ page }) => module.remove(page),
    clear: () => module.clear(),
    async index() {
      const pages = await module.index(known?.capacity ?? 0);
      return pages.ok ? ok({ pages: pages.value }) : pages;
    },
    async 'read-mark'() {
      const note = await module.readNote();
      return note.ok ? ok({ libraryMark: note.value.slice(0, LIBRARY_MARK_BYTES) }) : note;
    },
    'write-mark': ({ libraryMark }) => module.writeNote(libraryMark),
    'set-password': ({ password }) => module.setPassword(password),
  };

  const performed = async <A extends FingerAct>(act: A): Answer<FingerResults[A['act']]> => {
    const described = known === null ? await describe() : ok(known);
    if (!described.ok) return described;
    const problem = problemOf(act, described.value);
    if (problem !== undefined) return err(problem);
    const perform = acts[act.act] as (act: FingerAct) => Answer<FingerResults[A['act']]>;
    if (!('placeMs' in act)) return perform(act);
    const { light } = described.value;
    const isLit = await module.light(true, light);
    if (!isLit && light !== 'none') known = { ...described.value, light: 'none' };
    const done = await perform(act);
    if (isLit) await module.light(false, light);
    return done;
  };

  return {
    async run(act) {
      if (running !== null) return err({ code: 'busy', detail: 'another act is under way' });
      running = { cancelled: false };
      const done = await performed(act);
      running = null;
      return done;
    },
    cancel() {
      if (running !== null) running.cancelled = true;
    },
    forget() {
      known = null;
    },
    capability: () => known,
    isBusy: () => running !== null,
  };
};
