/** When the loop of {@link startPoll} looks, and whether it may rest. */
export interface PollPace {
  /** From one answer to the next question, in milliseconds. */
  readonly everyMs: number;
  /** While there is no answer the pause doubles up to this, in milliseconds. */
  readonly slowestMs: number;
}

/** Whether anybody can see the page, as {@link Document} tells it. */
export type Sight = Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>;

/** A running loop. */
export interface Poll {
  /** Asks at once, whatever pause is under way. */
  again(): void;
  /** An answer came by another way: that of a question under way no longer counts, the next one waits its pause. */
  settle(): void;
  end(): void;
}

/**
 * Asks again and again, one question at a time. A page that nobody sees asks nothing, and asks at once when it is seen.
 * @param ask answers whether an answer came; what it throws goes to the page's error handler and counts as none
 */
export function startPoll(
  ask: (isLatest: () => boolean) => Promise<boolean>,
  { everyMs, slowestMs }: PollPace,
  sight: Sight,
): Poll {
  let pauseMs = everyMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The question whose answer counts; an older one that comes late is dropped. */
  let round = 0;
  let ended = false;

  async function look(): Promise<void> {
    round += 1;
    const mine = round;
    const isLatest = (): boolean => mine === round;
    let answered = false;
    try {
      answered = await ask(isLatest);
    } catch (error) {
      // A screen's own mistake; the loop goes on.
      reportError(error);
    }
    if (isLatest()) rest(answered ? everyMs : Math.min(pauseMs * 2, slowestMs));
  }

  function rest(ms: number): void {
    pauseMs = ms;
    if (sight.visibilityState !== 'hidden') timer = setTimeout(() => void look(), pauseMs);
  }

  function again(): void {
    if (ended) return;
    clearTimeout(timer);
    void look();
  }

  function onSight(): void {
    if (sight.visibilityState === 'hidden') clearTimeout(timer);
    else again();
  }

  sight.addEventListener('visibilitychange', onSight);
  if (sight.visibilityState !== 'hidden') void look();
  return {
    again,
    settle() {
      if (ended) return;
      round += 1;
      clearTimeout(timer);
      rest(everyMs);
    },
    end() {
      ended = true;
      round += 1;
      clearTimeout(timer);
      sight.removeEventListener('visibilitychange', onSight);
    },
  };
}
