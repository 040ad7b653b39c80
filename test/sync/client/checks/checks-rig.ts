import { err, ok } from '../../../../agent/contract/result.ts';
import type { CallFailure } from '../../../../sync/client/call-failure.ts';
import { type Checks, createChecks } from '../../../../sync/client/checks/create-checks.ts';
import { createTroubles } from '../../../../sync/client/troubles.ts';
import {
  type CheckRecord,
  checkReportSchema,
  checkRequestSchema,
} from '../../../../sync/protocol/check.ts';
import { packReply, unpackQuestion } from '../../../../sync/protocol/pack-check.ts';
import type { SessionReply } from '../../../../sync/protocol/session.ts';
import { createVirtualTime } from '../virtual-time.ts';
import { createCheckHq, createMemoryChecks, type MemoryChecks, TEST_KEY } from './check-model.ts';
import { bodyOf, keyOf } from './walk-rig.ts';

/** A session at a headquarters that does checks. */
export const open: SessionReply = {
  token: 't'.repeat(20),
  expiresInMs: 900_000,
  at: '2026-03-02T09:00:00.000Z',
  timeline: 'timeline-1',
  protocol: 4,
  received: { seq: 0, hash: '0'.repeat(64), outboxNo: 0, backedUpSeq: 0 },
  digestKey: TEST_KEY,
};

/** The checks of a till with headquarters and a disk in memory, on virtual time; `is` says how things are around them. */
export function createChecksRig(till: MemoryChecks = createMemoryChecks(), rows = 40) {
  const time = createVirtualTime();
  till.nowMs = () => time.clock.now();
  const hq = createCheckHq();
  for (let n = 0; n < rows; n++) {
    hq.put('member', keyOf(n), n + 1, bodyOf(n));
    till.put('member', keyOf(n), n + 1, bodyOf(n));
  }
  const kinds: string[] = [];
  const reported: CheckRecord[][] = [];
  const troubles = createTroubles(
    time.clock,
    () => {},
    () => {},
  );
  const is = {
    online: true,
    behind: 0 as number | null,
    session: open as SessionReply | null,
    failure: null as CallFailure | null,
    reportFails: null as CallFailure | null,
    brings: true,
    yields: 0,
  };
  const parts: Parameters<typeof createChecks>[0] = {
    deps: {
      store: {
        checks: till,
        cursor: () => till.place,
        incarnation: 'incarnation-1',
        received: () => ({ seq: 0, outboxNo: 0, backedUpSeq: 0 }),
        // Nothing was sold: the upward proof has nothing to say.
        ledger: {
          range: () => ({ from: 0, base: 0, head: { seq: 0, hash: '0'.repeat(64) } }),
          contents: () => [],
          entries: () => [],
        },
      } as never,
      clock: time.clock,
      timers: time.timers,
      random: (bytes) => Buffer.alloc(bytes),
      log: () => {},
      version: '0.0.0-test',
    },
    session: {
      current: () => is.session,
      withToken: (run: (token: string) => unknown) => run('token'),
      async call(name: string, input: { readonly t?: string }) {
        if (name !== 'reportChecks') return ok({ t: input.t, headSeq: 0, differ: [] });
        if (is.reportFails !== null) return err(is.reportFails);
        reported.push([...checkReportSchema.parse(input).records]);
        return ok({});
      },
    } as never,
    transport: {
      async callBytes(_path: string, body: Uint8Array) {
        const question = checkRequestSchema.parse(unpackQuestion(body));
        kinds.push(question.t);
        if (is.failure !== null) return err(is.failure);
        return ok(packReply(question.t, hq.answer(question as never) as never));
      },
    } as never,
    troubles,
    online: () => is.online,
    behind: () => is.behind,
    yieldNow: async () => {
      is.yields += 1;
    },
    makeRoom: async () => {},
    onApplied: () => {},
    reload: async () => (is.brings ? { changed: 1 } : null),
    onChange: () => {},
  };
  const ending = new AbortController();
  const running: Promise<void>[] = [];
  return {
    time,
    till,
    hq,
    kinds,
    reported,
    troubles,
    is,
    codes: () => troubles.list().map(({ code }) => code),
    walks: () => till.records(200).filter(({ kind }) => kind === 'walk'),
    begin(): Checks {
      const checks = createChecks(parts);
      running.push(checks.run(ending.signal));
      return checks;
    },
    async end() {
      ending.abort();
      await time.advance(0);
      await Promise.all(running);
    },
  };
}

/** Lets a check run to its end on virtual time. */
export async function settle<T>(
  time: ReturnType<typeof createChecksRig>['time'],
  asked: Promise<T>,
): Promise<T> {
  let done = false;
  void asked.finally(() => {
    done = true;
  });
  for (let turns = 0; !done && turns < 500; turns++) await time.advance(200);
  return asked;
}
