import type { EvaluateReply } from '../../../agent/contract/index.ts';

/** Pause after a change before the basket is evaluated, so that quick key presses cost one call. */
export const EVALUATE_PAUSE_MS = 60;

/** Asks for the figures of a basket that keeps changing. */
export interface Evaluator {
  /** The basket changed: its figures are wanted. */
  ask(): void;
  /** Nothing is wanted any more; an answer under way is dropped. */
  cancel(): void;
}

/** Calls `evaluate` after each change; only the answer to the latest change is handed on. */
export function createEvaluator(ports: {
  readonly evaluate: () => Promise<EvaluateReply>;
  readonly onReply: (reply: EvaluateReply) => void;
  readonly onError: (error: unknown) => void;
}): Evaluator {
  let latest = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  async function run(turn: number): Promise<void> {
    try {
      const reply = await ports.evaluate();
      if (turn === latest) ports.onReply(reply);
    } catch (error) {
      if (turn === latest) ports.onError(error);
    }
  }
  return {
    ask() {
      latest += 1;
      const turn = latest;
      clearTimeout(timer);
      timer = setTimeout(() => void run(turn), EVALUATE_PAUSE_MS);
    },
    cancel() {
      latest += 1;
      clearTimeout(timer);
    },
  };
}
