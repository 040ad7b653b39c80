import { err, failure, type MemberId, ok, type SaleId } from '../contract/index.ts';
import { memberGlance } from '../domain/identify/member-glance.ts';
import { createBaskets } from './baskets.ts';
import { createCheckPin } from './check-pin.ts';
import { clockMemory, createClockGuard } from './clock-guard.ts';
import { createCommit } from './commit.ts';
import { createConfirmTime } from './confirm-time.ts';
import { createContext } from './context.ts';
import { createDecisions } from './decisions.ts';
import type { TillDeps } from './deps.ts';
import { createDeviceDays } from './device-days.ts';
import { createDevices } from './devices.ts';
import { createEvaluate } from './evaluate.ts';
import { createEvaluations } from './evaluations.ts';
import { createEventBus } from './event-bus.ts';
import { createExchange } from './exchange.ts';
import { createFaceKeeping } from './faces/keeping.ts';
import { createSessionRules } from './faces/session-rules.ts';
import {
  createFaceSessions,
  type FaceSessionsRun,
  noFaceSessions,
  offersFace,
} from './faces/sessions.ts';
import { createHeadquartersReport } from './headquarters-report.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createHold } from './hold.ts';
import { createHoldsIndex } from './holds-index.ts';
import { createIdempotency, keyOwner } from './idempotency.ts';
import { createIdentifications } from './identifications.ts';
import { createIdentify } from './identify.ts';
import { createJoin } from './join.ts';
import { showLaneBoard } from './lane-board.ts';
import { createLeaveKiosk } from './leave-kiosk.ts';
import { createLinkPass } from './link-pass.ts';
import { createLiveUpdates } from './live-updates.ts';
import { memberNow } from './member-now.ts';
import { createOverride } from './override.ts';
import { createPairing } from './pairing.ts';
import { createPosSilence } from './pos-silence.ts';
import { createRegisterTill } from './register-till.ts';
import { createKeptRules } from './replay.ts';
import { createReturnGoods } from './return-goods.ts';
import { createReturnQuotes } from './return-quote.ts';
import { createRulesSource } from './rules-source.ts';
import { safeAnswers } from './safe-answers.ts';
import { salesByReference } from './sales-by-reference.ts';
import { createScannerEvents, PAGE_READERS } from './scanner-events.ts';
import { createScreenLinks } from './screen-links.ts';
import { createSoldSales } from './sold-sales.ts';
import { createStaffSessions } from './staff-session.ts';
import { showStatus } from './status.ts';
import { showStaying } from './staying-rows.ts';
import { showSync } from './sync-view.ts';
import type { Caller, Till } from './till.ts';
import { createVoid } from './void.ts';
import { createWallet } from './wallet.ts';
import { createWhy } from './why.ts';
import { createWriter } from './work.ts';

/** A till over its store, clock, devices and headquarters: the use cases, wired. Starts its heartbeat; `close` ends it. */
export function createTill(deps: TillDeps): Till {
  const { store } = deps;
  const clock = createClockGuard(deps.clock, clockMemory(store.meta));
  const readers = createEventBus(store.events);
  let faces: FaceSessionsRun | undefined;
  const bus = {
    ...readers,
    publish(events: Parameters<typeof readers.publish>[0]) {
      readers.publish(events);
      for (const { event } of events) faces?.onEvent(event.body);
    },
  };
  const { timers, log } = deps;
  const { onWritten } = deps;
  const writer = createWriter({ store, bus, nowMs: clock.now, timers, log, onWritten });
  const { work } = writer;
  const context = createContext(deps, clock, writer);
  const { nowMs, newId, hash } = context;
  const { random } = deps;

  const rules = createRulesSource(store);
  const checkPin = createCheckPin(store, deps.pins, nowMs, deps.clock.monoMs);
  const staff = createStaffSessions({
    store,
    work,
    checkPin,
    nowMs,
    clock: deps.clock,
    idleLockMs: deps.config.idleLockMs,
  });
  const pairing = createPairing({
    store,
    work,
    checkPin,
    nowMs,
    newId,
    hash,
    random,
    signedIn: () => staff.show().staff?.staffId ?? null,
    onRevoked: bus.endOf,
  });
  const screens = createScreenLinks({ store, work, nowMs, hash, random });
  const captures = createScreenLinks({ store, work, nowMs, hash, random }, 'capture');

  const sessionRules = createSessionRules(context, deps.faces?.templates);
  const decideFor = createDecisions(context, rules, (member) => offersFace(sessionRules, member));
  const identifications = createIdentifications(context, decideFor, () => faces?.onIdentified());
  const holds = createHoldsIndex(store.holds);
  const isHeld = (basketId: string): boolean => holds.ofBasket(basketId) !== undefined;
  const identify = createIdentify({ context, identifications, rules, staff, isHeld });
  const confirmTime = createConfirmTime({ context, checkPin, identifications });
  const override = createOverride({ context, identifications, rules, decideFor, checkPin, staff });

  const evaluations = createEvaluations();
  const evaluate = createEvaluate({
    context,
    rules,
    identify,
    identifications,
    decideFor,
    evaluations,
    holds,
    staff,
  });
  const hold = createHold({ context, evaluations, evaluate, holds, identifications, staff });
  const baskets = createBaskets(context, evaluations, evaluate);
  const idempotency = createIdempotency(context);
  const settling = { context, idempotency, evaluations, holds, identifications, staff };
  const { commit, prepare: prepareCommit } = createCommit({
    ...settling,
    lotValidDays: rules.lotValidDays,
    onCommitted: baskets.noteCommitted,
  });
  const voidEvaluation = createVoid(settling);
  const rulesOf = createKeptRules(store.documents);
  const sales = createSoldSales(context, rulesOf);
  const returns = createReturnGoods({ context, idempotency, sales, staff });
  const returnQuotes = createReturnQuotes({ context, sales, staff });
  const scanner = createScannerEvents(context, identify, rules);

  const live = createLiveUpdates({ context, identifications, staff, isHeld });
  const linkPass = createLinkPass({ context, identifications, decideFor });
  const joining = createJoin({ context, identify, staff });
  if (deps.faces !== undefined)
    faces = createFaceSessions({
      context,
      deps: deps.faces,
      sessionRules,
      identifications,
      identify,
      rules,
      decideFor,
      staff,
    });
  const keeping = createFaceKeeping({
    context,
    deps: deps.faces,
    sessions: faces,
    staff,
    policy: () => rules.policy(),
  });
  const reportHeadquarters = createHeadquartersReport(context);

  const startedAtMs = nowMs();
  identify.restore();
  const started = work((emit) => emit({ kind: 'till', what: 'started' }));
  if (!started.ok)
    deps.log('error', 'the start could not be reported', { code: started.error.code });
  const heartbeat = startHeartbeat(context, { identify, hold, staff });
  heartbeat.beat();
  const devices = createDevices(context, () => staff.show().staff?.staffId ?? null);
  const days = createDeviceDays(context);
  const stopDevices = deps.devices.onEvent(scanner.onDriverEvent);
  const stopCounts = deps.devices.onCounted(days.take);

  const pos = createPosSilence(deps.clock.monoMs);
  const useCases = safeAnswers({
    status: () => ok(showStatus(context, rules, startedAtMs)),
    pair: pairing.pair,
    openScreen: screens.open,
    openCapture: captures.open,

    identify: identify.identify,
    identification: identify.show,
    chooseCandidate: identify.choose,
    releaseIdentification: identify.release,
    pendingIdentification() {
      identify.sweep();
      const pending = identifications.pending();
      return ok(pending === undefined ? null : identifications.view(pending));
    },
    memberGlance(id: string) {
      const member = store.members.byId(id as MemberId);
      if (member === undefined) return err(failure('member-unknown', 'id'));
      return ok(
        memberGlance(
          memberNow(context, member),
          store.points.lots(member.memberId),
          context.local(),
        ),
      );
    },
    wallet: createWallet(context, rules),

    evaluate: evaluate.evaluate,
    hold: hold.hold,
    commit,
    voidEvaluation,
    why: createWhy({ context, evaluations, rulesOf }),
    commitByKey(caller, key) {
      const stored = store.replies.get(keyOwner(caller), key);
      return stored === undefined ? err(failure('key-unknown', 'key')) : ok(stored.reply);
    },
    returnGoods: returns.returnGoods,
    quoteReturn: returnQuotes.quote,
    soldSale: (id: string) => returnQuotes.sale(id as SaleId),
    salesByReference: (referenceId: string) => ok(salesByReference(context, referenceId)),
    exchange: createExchange({ context, idempotency, staff, returns, prepareCommit }),
    openBaskets: () => ok(baskets.open()),
    showBasket: baskets.show,
    recentSales: (limit: number) => ok(baskets.recentSales(limit)),
    searchArticles: (query: string, limit: number) => ok(store.articles.search(query, limit)),

    linkPass,
    joinConsent: joining.consent,
    join: joining.join,

    showSync: () => ok(showSync(context)),
    syncNow() {
      deps.headquarters.syncNow();
      return ok(showSync(context));
    },
    startCheck(deep) {
      // Never rejects; how it ends stands in the records that the view shows.
      void deps.headquarters.checks?.verify({ deep });
      return ok(showSync(context));
    },
    stayingRows: () => ok(showStaying(store.sync.checks.staying())),
    async verifySync(deep) {
      const { checks } = deps.headquarters;
      if (checks === undefined)
        return err({ code: 'not-configured', detail: 'this till has no headquarters' });
      return checks.verify({ deep });
    },
    register: createRegisterTill(context, () => staff.show().staff?.staffId ?? null),

    events: (after: number | undefined, signal: AbortSignal, reader?: Caller) =>
      bus.read(after, signal, reader?.kind === 'client' ? reader.clientId : undefined),

    staffList: () =>
      ok(
        store.staff
          .list()
          .filter(({ active }) => active)
          .map(({ staffId, name, role }) => ({ staffId, name, role })),
      ),
    staffSession: () => ok(staff.show()),
    signIn: staff.signIn,
    signOut: staff.signOut,
    lock: staff.lock,
    unlock: staff.unlock,
    touch: () => ok(staff.touch()),
    override,

    devices: () => ok(devices.list()),
    discoverDevices: devices.discover,
    bindDevice: devices.bind,
    unbindDevice: devices.unbind,
    undoBinding: devices.undo,
    checkDevice: devices.check,
    plugDevice: devices.plug,
    deviceDays: days.read,
    wedgeScan(text: string, reader: 'wedge' | 'camera' = 'wedge') {
      const taken = scanner.take({ ...PAGE_READERS[reader], text });
      return taken.ok ? ok({ accepted: taken.value }) : taken;
    },
    async simulateScan(deviceId: string, text: string) {
      const done = await deps.devices.simulate(deviceId, text);
      return done.ok ? ok({ accepted: true }) : err(failure(done.error, 'deviceId'));
    },

    clients: () => ok(pairing.list()),
    openPairing: pairing.open,
    revokeClient: pairing.revoke,
    laneBoard: () => ok(showLaneBoard(context)),
    confirmTime,
    leaveKiosk: createLeaveKiosk(context, checkPin),
    reloadRules() {
      const changed = rules.reload();
      const ruleSetVersion = rules.current()?.ruleSet.version ?? 0;
      if (!changed) return ok({ ruleSetVersion, changed });
      const told = work((emit) =>
        emit({ kind: 'till', what: 'rules-installed', detail: String(ruleSetVersion) }),
      );
      return told.ok ? ok({ ruleSetVersion, changed }) : told;
    },
  } satisfies Partial<Till>);

  return {
    ...pos.watch(useCases),
    authenticate: pairing.authenticate,
    pairedOrigins: pairing.origins,
    screenMay: (role) => staff.allows({ kind: 'screen' }, role),
    issueScreenCode: screens.issue,
    screenTokenValid: screens.valid,
    issueCaptureCode: captures.issue,
    captureTokenValid: captures.valid,
    faces: safeAnswers({ ...(faces?.useCases ?? noFaceSessions(timers)) }),
    faceKeeping: safeAnswers({ ...keeping.useCases }),
    applied(changed) {
      live.applied(changed);
      if (changed.some(({ table }) => table === 'face' || table === 'setting')) faces?.onApplied();
    },
    joined: live.joined,
    isIdle: () => !hold.isUnderWay() && pos.isSilent(),
    headquartersChanged: reportHeadquarters,
    close() {
      faces?.close();
      keeping.close();
      heartbeat.stop();
      stopDevices();
      stopCounts();
      days.stop();
      writer.settle();
      bus.close();
    },
  };
}
