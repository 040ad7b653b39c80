import type { AllowancePort, HeadquartersPort, SyncFacts } from '../../sync/client/ports.ts';
import { err } from '../contract/index.ts';
import { createNoAllowance } from './self-allowance.ts';

/** What is true of a till that belongs to no headquarters. */
export function standAloneFacts(sinceMs: number): SyncFacts {
  return {
    state: 'not-configured',
    sinceMs,
    transport: 'none',
    url: null,
    timeline: null,
    pos: 0,
    headPos: null,
    lastHeardMs: null,
    lastAppliedMs: null,
    waiting: 0,
    oldestWaitingMs: null,
    receivedSeq: 0,
    backedUpSeq: 0,
    clockOffsetMs: null,
    snapshot: { state: 'none', rowsDone: 0, rowsAll: 0 },
    attempts: 0,
    nextAttemptMs: null,
  };
}

/**
 * The port of a till that belongs to no headquarters: nobody to ask for members, nothing to sync.
 * @param options.allowance who may say that points can be spent; absent = nobody
 */
export function noHeadquarters(options: {
  readonly sinceMs: number;
  readonly allowance?: AllowancePort;
}): HeadquartersPort {
  const { sinceMs, allowance = createNoAllowance() } = options;
  return {
    state: () => ({ state: 'not-configured', sinceMs }),
    allowance,
    lookup: { find: () => Promise.resolve(err({ code: 'lookup-unreachable' })) },
    sales: {
      find: () => Promise.resolve(err({ code: 'sale-unreachable' })),
      claim: () => Promise.resolve(err({ code: 'sale-unreachable' })),
      release: () => {},
      kept: () => Promise.resolve(err({ code: 'sale-unreachable' })),
    },
    passes: { code: () => Promise.resolve(err({ code: 'pass-unreachable' })) },
    facts: () => standAloneFacts(sinceMs),
    syncNow: () => {},
  };
}
