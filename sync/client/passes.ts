import { err, ok } from '../../agent/contract/result.ts';
import { failureText } from './call-failure.ts';
import type { SyncDeps } from './deps.ts';
import { PASS_CODE_DEADLINE_MS, type PassesPort } from './ports.ts';
import type { Session } from './session.ts';

/** Questions under way at a time; a further one is answered as unreachable at once. */
export const PASS_CODES_ASKED_MAX = 4;

export interface Passes {
  readonly port: PassesPort;
  /** Settles once no question is under way. */
  settled(): Promise<void>;
}

export interface PassesParts {
  readonly deps: Pick<SyncDeps, 'timers' | 'log'>;
  readonly session: Session;
  readonly reachable: () => boolean;
}

/** Headquarters as the one that links members' phones. */
export function createPasses({ deps, session, reachable }: PassesParts): Passes {
  const { timers, log } = deps;
  const underWay = new Set<Promise<unknown>>();

  async function ask(memberId: Parameters<PassesPort['code']>[0]): ReturnType<PassesPort['code']> {
    const deadline = new AbortController();
    const timer = timers.set(PASS_CODE_DEADLINE_MS, () => deadline.abort());
    const reply = await session.call('issuePassCode', { memberId }, { signal: deadline.signal });
    timers.clear(timer);
    if (reply.ok) return ok(reply.value);
    log('info', 'headquarters gave no code for a pass', { why: failureText(reply.error) });
    if (reply.error.code !== 'refused') return err({ code: 'pass-unreachable' });
    const { refusal } = reply.error;
    return err(
      refusal === 'member-not-active' ||
        refusal === 'member-unknown' ||
        refusal === 'pass-codes-many' ||
        refusal === 'pass-page-missing'
        ? { code: 'pass-refused', refusal }
        : { code: 'pass-unreachable' },
    );
  }

  return {
    port: {
      async code(memberId) {
        if (!reachable() || underWay.size >= PASS_CODES_ASKED_MAX)
          return err({ code: 'pass-unreachable' });
        const asked = ask(memberId);
        underWay.add(asked);
        return asked.finally(() => underWay.delete(asked));
      },
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}
