import type { ByteLink } from '../contract/byte-link.ts';
import type { DriverEnv } from '../contract/env.ts';
import type { Result } from '../contract/result.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import type { TimeLimitError } from '../time-limit.ts';

/** How long one word to the trigger may take. */
export const TRIGGER_TIMEOUT_MS = 1_000;

/** The trigger of a scanner in the hands of the program. */
export type SoftTrigger = {
  /** Has the scanner read as if a hand held its trigger; null where it has none that is safe to pull. */
  pull(): Promise<Result<Result<void, string>, TimeLimitError> | null>;
  /** Lets go of a trigger that was pulled; says nothing to a scanner whose trigger was not. Never fails. */
  release(): Promise<void>;
};

/**
 * @param writing runs one word at a time, so that one that hangs takes no second thread
 * @param watch wraps a word, to tell of one that hangs
 */
export const createSoftTrigger = (
  link: ByteLink,
  env: DriverEnv,
  writing: OneAtATime,
  watch: <T>(work: () => Promise<T>) => () => Promise<T>,
): SoftTrigger => {
  /** The scanner reads because of us, or may do so. */
  let pulled = false;
  /** The last word; the one after it waits, or a release could overtake the pull that it ends. */
  let last: Promise<unknown> = Promise.resolve();

  const say = (trigger: NonNullable<ByteLink['trigger']>, on: boolean) => {
    const said = writing(
      TRIGGER_TIMEOUT_MS,
      watch(() => trigger.call(link, on)),
      // A pull that was taken after its time, when nobody waits for its code any more.
      () => void (on && !pulled && say(trigger, false)),
    );
    last = said;
    return said;
  };

  return {
    async pull() {
      const { trigger } = link;
      if (trigger === undefined) return null;
      await last;
      pulled = true;
      const said = await say(trigger, true);
      // What was refused holds nothing; what gave no answer may have been taken.
      if (said.ok ? !said.value.ok : said.error.code === 'threw') pulled = false;
      return said;
    },
    async release() {
      const { trigger } = link;
      if (trigger === undefined || !pulled) return;
      await last;
      if (!pulled) return;
      pulled = false;
      const said = await say(trigger, false);
      // Unplugged, or it reads until its own time is over.
      if (!said.ok || !said.value.ok) env.log('info', 'a scanner was not told to stop reading');
    },
  };
};
