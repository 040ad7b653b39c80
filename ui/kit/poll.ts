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
  end(): void;
}

/**
 * Asks again and again, one question at a time. A page that nobody sees asks nothing, and asks at once when it is seen.
 * @param ask answers whether an answer came; it does not throw
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

  async function look(): Promise<void> {
    round += 1;
    const mine = round;
    const isLatest = (): boolean => mine === round;
    const answered = await ask(isLatest);
    if (!isLatest()) return;
    pauseMs = answered ? everyMs : Math.min(pauseMs * 2, slowestMs);
    if (sight.visibilityState !== 'hidden') timer = setTimeout(() => void look(), pauseMs);
  }

  function again(): void {
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
    end() {
      round += 1;
      clearTimeout(timer);
      sight.removeEventListener('visibilitychange', onSight);
    },
  };
}
