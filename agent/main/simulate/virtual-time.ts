/** Turns of the event loop without anything happening after which nothing is under way any more. */
const IDLE_TURNS = 4;
/** Turns that one event may keep the loop busy: beyond, something asks itself for ever. */
const TURNS_MAX = 2_000_000;

/** What an event began does not come to rest: something waits for what no event brings. */
export class NoRest extends Error {
  override readonly name = 'NoRest';
}

/** A machine as far as time is concerned: it can be off by hours, and it can die. */
export interface MachineTime {
  readonly clock: { now(): number; monoMs(): number };
  readonly timers: {
    set(delayMs: number, run: () => void): unknown;
    every(intervalMs: number, run: () => void): unknown;
    clear(handle: unknown): void;
    immediate(run: () => void): void;
  };
  /** How far its wall clock is ahead of the world's, in milliseconds. */
  skewMs: number;
  /** Its process stands still for so long, in milliseconds: its clock goes on, and what is due waits. */
  stall(ms: number): void;
  /** How long it still stands still, in milliseconds. */
  readonly stalledMs: number;
  /** Nothing of it runs any more. */
  kill(): void;
  readonly isAlive: boolean;
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

/** A timer that comes later or again: whichever turn is next. */
interface Turns {
  turn: Event | undefined;
}

/** Time that moves only where nothing is under way, from one event to the next. */
export interface VirtualTime {
  /** Milliseconds since the world began. */
  nowMs(): number;
  /** Epoch milliseconds of the world. */
  wallMs(): number;
  after(delayMs: number, run: () => void): unknown;
  clear(handle: unknown): void;
  machine(skewMs?: number): MachineTime;
  /** Work that no event stands for is under way: a statement of the database, a request at its server. */
  begin(): void;
  end(): void;
  /** Waits until nothing is under way; throws {@link NoRest}. */
  settle(): Promise<void>;
  /** Runs the next event and what follows from it; false = there is none at or before `untilMs`. */
  step(untilMs: number): Promise<boolean>;
  /** All machines sleep until then: what was due meanwhile is due when they wake. */
  sleepUntil(ms: number): void;
  readonly events: number;
}

/**
 * @param startMs epoch milliseconds at which the world begins
 * @param onThrown something of a living machine threw out of a timer, or an event did
 */
export function createVirtualTime(
  startMs: number,
  onThrown: (error: unknown) => void,
): VirtualTime {
  let now = 0;
  let order = 0;
  let events = 0;
  let pending = 0;
  let activity = 0;
  const heap: Event[] = [];

  function add(atMs: number, run: () => void): Event {
    const event: Event = { atMs, order: order++, run };
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
    return event;
  }

  function take(): Event | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event))
        child += 1;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  /** The next event that was not cleared. */
  function peek(): Event | undefined {
    while (heap[0] !== undefined && heap[0].run === null) take();
    return heap[0];
  }

  const after = (delayMs: number, run: () => void): Event =>
    add(now + Math.max(0, Math.ceil(delayMs)), run);
  const clear = (handle: unknown): void => {
    if (typeof handle !== 'object' || handle === null) return;
    const event = 'turn' in handle ? (handle as Turns).turn : (handle as Event);
    if (event !== undefined) event.run = null;
  };

  async function settle(): Promise<void> {
    let seen = -1;
    let idle = 0;
    for (let turn = 0; idle < IDLE_TURNS || pending > 0; turn += 1) {
      if (turn >= TURNS_MAX)
        throw new NoRest(`${pending} things are under way and none of them ends, at ${now} ms`);
      await new Promise<void>((resolve) => setImmediate(resolve));
      idle = seen === activity ? idle + 1 : 0;
      seen = activity;
    }
  }

  function machine(skewMs = 0): MachineTime {
    let alive = true;
    let stalledUntilMs = 0;
    const stalledMs = (): number => Math.max(0, stalledUntilMs - now);
    /** At the machine's own time, and not while it stands still. */
    function later(delayMs: number, run: () => void, turns: Turns = { turn: undefined }): Turns {
      turns.turn = after(delayMs + stalledMs(), due);
      function due(): void {
        if (stalledMs() === 0) run();
        else turns.turn = after(stalledMs(), due);
      }
      return turns;
    }
    const guarded = (run: () => void) => (): void => {
      if (!alive) return;
      try {
        run();
      } catch (error) {
        if (alive) onThrown(error);
      }
    };
    const made: MachineTime = {
      skewMs,
      get isAlive() {
        return alive;
      },
      get stalledMs() {
        return alive ? stalledMs() : 0;
      },
      stall(ms) {
        stalledUntilMs = Math.max(stalledUntilMs, now) + ms;
      },
      clock: {
        now: () => startMs + now + stalledMs() + made.skewMs,
        monoMs: () => now + stalledMs(),
      },
      timers: {
        set: (delayMs, run) => later(delayMs, guarded(run)),
        every(intervalMs, run) {
          const repeat = later(intervalMs, again);
          function again(): void {
            if (!alive) return;
            later(intervalMs, again, repeat);
            guarded(run)();
          }
          return repeat;
        },
        clear,
        immediate(run) {
          activity += 1;
          setImmediate(guarded(run));
        },
      },
      kill() {
        alive = false;
      },
    };
    return made;
  }

  return {
    nowMs: () => now,
    wallMs: () => startMs + now,
    after,
    clear,
    machine,
    begin() {
      pending += 1;
      activity += 1;
    },
    end() {
      pending -= 1;
      activity += 1;
    },
    settle,
    async step(untilMs) {
      const next = peek();
      if (next === undefined || next.atMs > untilMs) {
        now = Math.max(now, untilMs);
        return false;
      }
      take();
      now = Math.max(now, next.atMs);
      events += 1;
      try {
        next.run?.();
      } catch (error) {
        onThrown(error);
      }
      await settle();
      return true;
    },
    sleepUntil(ms) {
      now = Math.max(now, ms);
    },
    get events() {
      return events;
    },
  };
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
