import type { Caller } from './till.ts';

/**
 * After a POS was answered its next request may follow at once, as hold follows evaluate: so long it counts as busy, in
 * milliseconds. Where a person acts in between it takes longer, and that time is free.
 */
export const POS_SILENT_MS = 20;

type Method = (...args: never[]) => unknown;

/** Whether a POS may be in the middle of a checkout, by when it was last heard. */
export interface PosSilence {
  /** The same methods; calls by a POS program are noted when they come and when they are answered. */
  watch<Methods extends Record<string, Method>>(methods: Methods): Methods;
  /** Whether nothing was heard for {@link POS_SILENT_MS}. */
  isSilent(): boolean;
}

/** @param monoMs monotonic milliseconds */
export function createPosSilence(monoMs: () => number): PosSilence {
  let heardMs = Number.NEGATIVE_INFINITY;

  function note(): void {
    heardMs = monoMs();
  }

  function watched(method: Method): Method {
    return (...args) => {
      if (!isOfPos(args[0])) return method(...args);
      note();
      const answer = method(...args);
      if (answer instanceof Promise) return answer.finally(note);
      note();
      return answer;
    };
  }

  return {
    watch<Methods extends Record<string, Method>>(methods: Methods) {
      const entries = Object.entries(methods).map(([name, method]) => [name, watched(method)]);
      return Object.fromEntries(entries) as Methods;
    },
    isSilent: () => monoMs() - heardMs >= POS_SILENT_MS,
  };
}

/** A use case that a POS may ask for has its caller first. */
function isOfPos(first: unknown): boolean {
  return (
    typeof first === 'object' && first !== null && (first as Partial<Caller>).kind === 'client'
  );
}
