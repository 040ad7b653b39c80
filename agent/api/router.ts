import { implement } from '@orpc/server';
import type { Answer, Caller, Till } from '../app/till.ts';
import { type Failure, failure, type Result, text, tillContract } from '../contract/index.ts';
import type { ApiLog } from './api-log.ts';
import type { ApiContext } from './context.ts';
import { deliverEvents, resumeAfter } from './event-stream.ts';
import { toBody } from './pipeline.ts';
import { invalidField, throwFailure, WireError } from './wire-error.ts';

/**
 * The one router of the till: each procedure of the contract calls its use case. Message port, WebSocket and HTTP all
 * serve this object; who may call what is decided in front of it, see pipeline and scopes.
 */
export function createRouter(till: Till, log: ApiLog) {
  const os = implement(tillContract).$context<ApiContext>();

  /** The value of an answer; a failure leaves through the transport it came by. */
  async function give<T>(context: ApiContext, answer: Answer<T>): Promise<T> {
    const result: Result<T, Failure> = await answer;
    return result.ok ? result.value : throwFailure(result.error, context.transport);
  }

  /** The pipeline lets only callers in where one is needed; this states it. */
  function callerOf(context: ApiContext): Caller {
    return context.caller ?? throwFailure(failure('unauthenticated'), context.transport);
  }

  const { pos, screen, capture } = os;

  return os.router({
    pos: {
      status: pos.status.handler(({ context }) => give(context, till.status())),
      pairings: {
        create: pos.pairings.create.handler(async ({ context, input }) => {
          const paired = await give(context, till.pair(input));
          return { ...paired, clientId: paired.clientId, scopes: [...paired.scopes] };
        }),
      },
      identifications: {
        create: pos.identifications.create.handler(({ context, input }) =>
          give(context, till.identify(callerOf(context), input)),
        ),
        get: pos.identifications.get.handler(({ context, input }) =>
          give(context, till.identification(input.id)),
        ),
        choose: pos.identifications.choose.handler(({ context, input }) =>
          give(context, till.chooseCandidate(callerOf(context), input.id, input.handle)),
        ),
        release: pos.identifications.release.handler(({ context, input }) =>
          give(context, till.releaseIdentification(callerOf(context), input.id)),
        ),
      },
      baskets: {
        evaluate: pos.baskets.evaluate.handler(({ context, input }) =>
          give(context, till.evaluate(callerOf(context), input)),
        ),
      },
      evaluations: {
        hold: pos.evaluations.hold.handler(({ context, input }) =>
          give(context, till.hold(callerOf(context), input)),
        ),
        commit: pos.evaluations.commit.handler(({ context, input }) =>
          give(
            context,
            till.commit(callerOf(context), {
              id: input.params.id,
              key: input.headers['idempotency-key'],
              body: input.body,
            }),
          ),
        ),
        void: pos.evaluations.void.handler(({ context, input }) =>
          give(
            context,
            till.voidEvaluation(callerOf(context), {
              id: input.params.id,
              key: input.headers['idempotency-key'],
              body: input.body,
            }),
          ),
        ),
        why: pos.evaluations.why.handler(({ context, input }) => give(context, till.why(input))),
      },
      commits: {
        get: pos.commits.get.handler(({ context, input }) =>
          give(context, till.commitByKey(callerOf(context), input.key)),
        ),
      },
      returns: {
        create: pos.returns.create.handler(({ context, input }) =>
          give(context, till.returnGoods(callerOf(context), input)),
        ),
        quote: pos.returns.quote.handler(({ context, input }) =>
          give(context, till.quoteReturn(callerOf(context), input)),
        ),
      },
      sales: {
        get: pos.sales.get.handler(({ context, input }) => give(context, till.soldSale(input.id))),
        find: pos.sales.find.handler(async ({ context, input }) => ({
          sales: [...(await give(context, till.salesByReference(input.referenceId)))],
        })),
      },
      exchanges: {
        create: pos.exchanges.create.handler(({ context, input }) =>
          give(
            context,
            till.exchange(callerOf(context), {
              key: input.headers['idempotency-key'],
              body: input.body,
            }),
          ),
        ),
      },
      events: pos.events.handler(async ({ context, input, signal, lastEventId }) => {
        const after = resumeAfter(input.after, lastEventId);
        if (after === null) {
          throw new WireError(
            invalidField('Last-Event-ID', text('应为事件的序号', 'must be the seq of an event')),
            context.transport,
          );
        }
        const opened = context.openStream();
        if (!opened.ok) throwFailure(opened.error, context.transport);
        const end =
          signal === undefined ? context.closing : AbortSignal.any([signal, context.closing]);
        const events = till.events(after, end, context.caller ?? undefined);
        if (!events.ok) {
          opened.value();
          throwFailure(events.error, context.transport);
        }
        // A reader that leaves before the first event never runs the generator's `finally`.
        end.addEventListener('abort', opened.value, { once: true });
        return inOurShape(deliverEvents(context, events.value, opened.value, log), context, log);
      }),
      members: {
        get: pos.members.get.handler(({ context, input }) =>
          give(context, till.memberGlance(input.id)),
        ),
        wallet: pos.members.wallet.handler(({ context, input }) =>
          give(context, till.wallet(input.id)),
        ),
        create: pos.members.create.handler(({ context, input }) =>
          give(context, till.join(callerOf(context), input)),
        ),
      },
      consent: { get: pos.consent.get.handler(({ context }) => give(context, till.joinConsent())) },
      articles: {
        search: pos.articles.search.handler(async ({ context, input }) => ({
          articles: [...(await give(context, till.searchArticles(input.query, input.limit)))],
        })),
      },
    },
    screen: {
      staff: {
        list: screen.staff.list.handler(async ({ context }) => ({
          staff: [...(await give(context, till.staffList()))],
        })),
        session: screen.staff.session.handler(({ context }) => give(context, till.staffSession())),
        signIn: screen.staff.signIn.handler(({ context, input }) =>
          give(context, till.signIn(input.staffId, input.pin)),
        ),
        signOut: screen.staff.signOut.handler(({ context }) => give(context, till.signOut())),
        lock: screen.staff.lock.handler(({ context }) => give(context, till.lock())),
        unlock: screen.staff.unlock.handler(({ context, input }) =>
          give(context, till.unlock(input.pin)),
        ),
        touch: screen.staff.touch.handler(({ context }) => give(context, till.touch())),
      },
      baskets: {
        listOpen: screen.baskets.listOpen.handler(async ({ context }) => ({
          baskets: [...(await give(context, till.openBaskets()))],
        })),
        show: screen.baskets.show.handler(({ context, input }) =>
          give(context, till.showBasket(input.basketId)),
        ),
      },
      identifications: {
        pending: screen.identifications.pending.handler(async ({ context }) => ({
          identification: await give(context, till.pendingIdentification()),
        })),
      },
      passes: {
        link: screen.passes.link.handler(({ context, input }) =>
          give(context, till.linkPass(input.identificationId)),
        ),
      },
      decisions: {
        override: screen.decisions.override.handler(({ context, input }) =>
          give(context, till.override(callerOf(context), input)),
        ),
      },
      devices: {
        list: screen.devices.list.handler(async ({ context }) => ({
          devices: [...(await give(context, till.devices()))],
        })),
        wedge: screen.devices.wedge.handler(({ context, input }) =>
          give(context, till.wedgeScan(input.text, input.reader)),
        ),
        simulate: screen.devices.simulate.handler(({ context, input }) =>
          give(context, till.simulateScan(input.deviceId, input.text)),
        ),
        plug: screen.devices.plug.handler(({ context, input }) =>
          give(context, till.plugDevice(input.deviceId, input.plugged)),
        ),
        discover: screen.devices.discover.handler(({ context }) =>
          give(context, till.discoverDevices()),
        ),
        bindRole: screen.devices.bindRole.handler(({ context, input }) =>
          give(context, till.bindDevice(input.role, input.foundId)),
        ),
        unbindRole: screen.devices.unbindRole.handler(({ context, input }) =>
          give(context, till.unbindDevice(input.role)),
        ),
        undoBinding: screen.devices.undoBinding.handler(({ context, input }) =>
          give(context, till.undoBinding(input.role, input.seen)),
        ),
        check: screen.devices.check.handler(({ context, input }) =>
          give(context, till.checkDevice(input.deviceId, input.level)),
        ),
        statistics: screen.devices.statistics.handler(async ({ context, input }) => {
          const { rows, next } = await give(context, till.deviceDays(input.days, input.offset));
          return { rows: [...rows], next };
        }),
      },
      clients: {
        list: screen.clients.list.handler(async ({ context }) => {
          const { clients, window } = await give(context, till.clients());
          return { clients: [...clients], window };
        }),
        openPairing: screen.clients.openPairing.handler(({ context, input }) =>
          give(context, till.openPairing(input.managerId, input.pin, input.scopes)),
        ),
        revoke: screen.clients.revoke.handler(({ context, input }) =>
          give(context, till.revokeClient(input.clientId)),
        ),
      },
      till: {
        confirmTime: screen.till.confirmTime.handler(({ context, input }) =>
          give(context, till.confirmTime(input.managerId, input.pin)),
        ),
      },
      lane: { board: screen.lane.board.handler(({ context }) => give(context, till.laneBoard())) },
      sync: {
        show: screen.sync.show.handler(({ context }) => give(context, till.showSync())),
        now: screen.sync.now.handler(({ context }) => give(context, till.syncNow())),
        verify: screen.sync.verify.handler(({ context, input }) =>
          give(context, till.startCheck(input.deep)),
        ),
        staying: screen.sync.staying.handler(async ({ context }) => ({
          rows: [...(await give(context, till.stayingRows()))],
        })),
        register: screen.sync.register.handler(({ context, input }) =>
          give(context, till.register(input.ticket)),
        ),
      },
      sales: {
        recent: screen.sales.recent.handler(async ({ context, input }) => ({
          sales: [...(await give(context, till.recentSales(input.limit)))],
        })),
      },
      faces: {
        link: screen.faces.link.handler(() => ({ code: till.issueCaptureCode() })),
        watch: screen.faces.watch.handler(({ context, input, signal }) =>
          give(context, till.faces.watch(input.seen, untilClosing(context, signal))),
        ),
        consent: screen.faces.consent.handler(({ context }) => give(context, till.faces.consent())),
        start: screen.faces.start.handler(({ context, input }) =>
          give(context, till.faces.start(input)),
        ),
        agree: screen.faces.agree.handler(({ context, input }) =>
          give(context, till.faces.agree(input)),
        ),
        cancel: screen.faces.cancel.handler(({ context, input }) =>
          give(context, till.faces.cancel(input.sessionId)),
        ),
        withdraw: screen.faces.withdraw.handler(({ context, input }) =>
          give(context, till.faces.withdraw(input)),
        ),
        own: screen.faces.own.handler(({ context, input }) => give(context, till.faces.own(input))),
        overview: screen.faces.overview.handler(({ context }) =>
          give(context, till.faceKeeping.overview()),
        ),
        pause: screen.faces.pause.handler(({ context, input }) =>
          give(context, till.faceKeeping.pause(input.paused)),
        ),
        erase: screen.faces.erase.handler(({ context }) => give(context, till.faceKeeping.erase())),
      },
    },
    capture: {
      wanted: capture.wanted.handler(({ context, input, signal }) =>
        give(context, till.faces.wanted(input.seen, untilClosing(context, signal))),
      ),
      open: capture.open.handler(({ context, input }) =>
        give(context, till.faces.open(input.sessionId)),
      ),
      send: capture.send.handler(({ context, input }) => give(context, till.faces.send(input))),
    },
  });
}
export type TillRouter = ReturnType<typeof createRouter>;

/** A question that waits ends with its caller, and with the server. */
function untilClosing({ closing }: ApiContext, signal: AbortSignal | undefined): AbortSignal {
  return signal === undefined ? closing : AbortSignal.any([signal, closing]);
}

/** An error in the middle of a stream leaves in the same shape as any other. */
async function* inOurShape<T>(
  events: AsyncGenerator<T, void, void>,
  context: ApiContext,
  log: ApiLog,
): AsyncGenerator<T, void, void> {
  try {
    yield* events;
  } catch (error) {
    throw new WireError(toBody(error, 'pos.events', log), context.transport);
  }
}
