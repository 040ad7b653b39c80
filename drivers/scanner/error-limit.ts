import type { DriverEnv, TimerHandle } from '../contract/env.ts';
import type { DriverSink, ErrorEvent } from '../contract/event.ts';

/** After an error event, others of its kind are told together at the end of this time. */
export const ERROR_INTERVAL_MS = 1_000;

/** A sink that tells few of many like errors; everything else passes as it comes. */
export type ErrorLimit = {
  readonly emit: DriverSink;
  /** No timer is left. What was held back is told with the next error of its kind. */
  rest(): void;
};

/** One kind of error: how many like `last` have not been told since `toldAtMs`. */
type Kind = { toldAtMs: number; held: number; last: ErrorEvent; timer: TimerHandle | null };

/**
 * Tells the first error of a kind at once, then at most one in `ERROR_INTERVAL_MS`, with the
 * number that it stands for. A broken reader sends hundreds of reports a second, and each event
 * goes through two processes to a screen. A kind is an error code and the reason of a drop.
 */
export const limitErrors = (env: DriverEnv, sink: DriverSink): ErrorLimit => {
  // Both parts of a key come from closed lists, and so the map stays small.
  const kinds = new Map<string, Kind>();

  const stopTimer = (kind: Kind): void => {
    if (kind.timer !== null) env.timers.clear(kind.timer);
    kind.timer = null;
  };

  const tell = (kind: Kind): void => {
    stopTimer(kind);
    const { held, last } = kind;
    kind.toldAtMs = env.clock.monoMs();
    kind.held = 0;
    sink(held === 1 ? last : { ...last, count: held });
  };

  const takeError = (event: ErrorEvent): void => {
    const name = `${event.code}|${event.drop ?? ''}`;
    const kind = kinds.get(name) ?? {
      toldAtMs: Number.NEGATIVE_INFINITY,
      held: 0,
      last: event,
      timer: null,
    };
    kinds.set(name, kind);
    kind.last = event;
    kind.held += 1;
    const waitMs = kind.toldAtMs + ERROR_INTERVAL_MS - env.clock.monoMs();
    if (waitMs <= 0) return tell(kind);
    kind.timer ??= env.timers.set(() => tell(kind), Math.ceil(waitMs));
  };

  return {
    emit: (event) => (event.type === 'error' ? takeError(event) : sink(event)),
    rest() {
      for (const kind of kinds.values()) stopTimer(kind);
    },
  };
};
