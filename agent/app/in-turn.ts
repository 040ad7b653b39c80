/**
 * Makes a queue of one: each work begins when the one before has ended, well or badly. What waits is bounded by
 * whoever asks; a work that never ends holds all after it.
 */
export function createInTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    // Whoever asked is told of a failure; those behind only wait for the end.
    last = done.catch(() => undefined);
    return done;
  };
}
