import { noFaceSessions } from '../../../agent/app/faces/sessions.ts';
import type { Caller, LiveEvent, Till } from '../../../agent/app/till.ts';
import {
  type EntryReply,
  type EvaluateReply,
  err,
  failure,
  GENESIS_HASH,
  type Identification,
  ok,
  PAIRING_CODE_TRIES,
  POS_SCOPES,
  type Scope,
  type SyncView,
  type TillEvent,
  text,
} from '../../../agent/contract/index.ts';

const AT = '2026-11-21T08:30:00.000Z';
const LATER = '2026-11-21T08:32:00.000Z';
const HASH = 'a'.repeat(64);

/** The text that the fake till knows as a member's card. */
export const MEMBER_CARD = '2900000000018';
/** The member whose wallet the fake till knows. */
export const WALLET_MEMBER = 'member-wallet';
/** A manager's PIN at the fake till. */
export const MANAGER_PIN = '2468';
export const PAIRING_CODE = '135790';

const NOT_SYNCED: SyncView = {
  state: 'not-configured',
  since: AT,
  reason: null,
  troubles: [],
  works: [],
  waits: [],
  url: null,
  transport: 'none',
  timeline: null,
  pos: 0,
  headPos: null,
  lastHeardAt: null,
  lastAppliedAt: null,
  waiting: 0,
  oldestWaitingAt: null,
  ledgerSeq: 0,
  receivedSeq: 0,
  backedUpSeq: 0,
  clockOffsetMs: null,
  snapshot: { state: 'none', rowsDone: 0, rowsAll: 0 },
  attempts: 0,
  nextAttemptAt: null,
};

export interface FakeTill extends Till {
  /** Puts an event into the stream. */
  emit(body: TillEvent['body'], paymentText?: string): void;
  /** Pairs a program without a window. */
  pairDirectly(scopes: readonly Scope[], origin?: string): { clientId: string; token: string };
  openWindow(): void;
  screenToken(): string;
  /** What was asked last, for tests that look at how a request arrived. */
  readonly asked: { caller?: Caller; request?: unknown };
  /** Makes the next identify throw or answer outside the contract. */
  broken: 'no' | 'throws' | 'off-contract';
  readersOpen(): number;
  /** Ends each reader after its next event, as a slow one is ended. */
  endReaders(): void;
}

/** A till in memory: enough behaviour to see that the API passes everything on, and nothing more. */
export function createFakeTill(): FakeTill {
  const clients = new Map<
    string,
    { clientId: string; scopes: readonly Scope[]; origin?: string }
  >();
  const screens = new Set<string>();
  const codes = new Set<string>();
  const events: LiveEvent[] = [];
  const wakers = new Set<() => void>();
  const readers = new Set<{ ended: boolean; readonly by: Caller | undefined }>();
  const evaluations = new Map<string, EvaluateReply>();
  const commits = new Map<string, { body: string; reply: EntryReply }>();
  let triesLeft = 0;
  let serial = 0;
  const asked: { caller?: Caller; request?: unknown } = {};
  const next = (prefix: string): string => `${prefix}-${++serial}`;

  const identification = (id: string, over: Partial<Identification> = {}): Identification => ({
    identificationId: id as Identification['identificationId'],
    outcome: 'identified',
    means: ['card'],
    candidates: [],
    sentence: text('已识别会员', 'Member identified'),
    notices: [],
    at: AT,
    expiresAt: LATER,
    ...over,
  });

  const till: FakeTill = {
    asked,
    broken: 'no',
    emit(body, paymentText) {
      events.push({
        event: { seq: events.length + 1, at: AT, body },
        ...(paymentText === undefined ? {} : { paymentText }),
      });
      for (const wake of [...wakers]) wake();
    },
    pairDirectly(scopes, origin) {
      const clientId = next('client');
      const token = `token-of-${clientId}-${'x'.repeat(32)}`;
      clients.set(token, { clientId, scopes, ...(origin === undefined ? {} : { origin }) });
      return { clientId, token };
    },
    openWindow() {
      triesLeft = PAIRING_CODE_TRIES;
    },
    screenToken() {
      const token = next('screen-token');
      screens.add(token);
      return token;
    },
    readersOpen: () => readers.size,
    endReaders() {
      for (const reader of readers) reader.ended = true;
      for (const wake of [...wakers]) wake();
    },

    status: () =>
      ok({
        name: 'tillside',
        version: '0.0.0-test',
        tillId: 'T1' as never,
        storeId: 'S1' as never,
        storeName: text('测试店', 'Test store'),
        currency: 'CNY',
        timeZone: 'Asia/Shanghai',
        language: 'zh-CN',
        demo: false,
        now: AT,
        startedAt: AT,
        ruleSetVersion: 1,
        headquarters: {
          state: 'not-configured',
          since: AT,
          waitingEntries: 0,
          text: text('未配置总部', 'No headquarters configured'),
        },
        clockTrusted: true,
        devices: [],
        head: { seq: 0, eventSeq: events.length },
      }),
    pair({ code, scopes = POS_SCOPES, origin }) {
      if (triesLeft === 0) return err(failure('pairing-closed'));
      if (code !== PAIRING_CODE) {
        triesLeft -= 1;
        return err(failure('pairing-code-wrong', 'code', { triesLeft }));
      }
      triesLeft = 0;
      return ok({ ...till.pairDirectly(scopes, origin), scopes });
    },
    authenticate: (token) => clients.get(token),
    pairedOrigins: () => [...clients.values()].flatMap(({ origin }) => origin ?? []),
    issueScreenCode() {
      const code = next('code');
      codes.add(code);
      return code;
    },
    openScreen(code) {
      if (!codes.delete(code)) return err(failure('ui-code-wrong', 'code'));
      return ok({ token: till.screenToken(), expiresAt: LATER });
    },
    screenTokenValid: (token) => screens.has(token),
    issueCaptureCode: () => next('capture-code'),
    openCapture: () => err(failure('ui-code-wrong', 'code')),
    captureTokenValid: () => false,
    faces: noFaceSessions({ set: () => 0, clear: () => undefined }),
    faceKeeping: {
      overview: async () => err(failure('face-off')),
      pause: async () => err(failure('face-off')),
      erase: async () => err(failure('face-off')),
      member: () => err(failure('face-off')),
      pairs: () => err(failure('face-off')),
      facts: async () => err(failure('face-off')),
    },
    screenMay: () => ok(undefined),

    identify(caller, request) {
      asked.caller = caller;
      asked.request = request;
      if (till.broken === 'throws') throw new Error('the phone 13800001234 of 张三 broke it');
      const found = identification(
        next('idn'),
        request.text === MEMBER_CARD
          ? {}
          : { outcome: 'unknown', sentence: text('未找到', 'Nobody found') },
      );
      if (till.broken === 'off-contract') return ok({ ...found, outcome: 'perhaps' as never });
      till.emit({ kind: 'identification', identification: found });
      return ok(found);
    },
    identification: (id) =>
      id.startsWith('idn-') ? ok(identification(id)) : err(failure('identification-unknown', 'id')),
    chooseCandidate: (_caller, id, handle) =>
      handle === 'a' ? ok(identification(id)) : err(failure('candidate-unknown', 'handle')),
    releaseIdentification: (_caller, id) => ok(identification(id, { outcome: 'released' })),
    pendingIdentification: () => ok(null),
    memberGlance: () => err(failure('member-unknown', 'id')),
    wallet: (id) =>
      id === WALLET_MEMBER
        ? ok({
            memberId: WALLET_MEMBER as never,
            maskedName: '王**',
            tier: 'gold',
            buckets: [{ bucket: 'base', available: 12, pending: 0, expiringSoon: 0 }],
            lots: [],
            coupons: [],
            entitlements: [],
          })
        : err(failure('member-unknown', 'id')),

    evaluate(caller, request) {
      asked.caller = caller;
      asked.request = request;
      const currencies = new Set(request.lines.flatMap((line) => line.currency ?? []));
      if (currencies.size > 0 && (currencies.size > 1 || !currencies.has(request.currency)))
        return err(failure('mixed-currency', 'lines'));
      const id = next('evl');
      const listMinor = request.lines.reduce(
        (sum, line) => sum + line.qty * line.unitPriceMinor,
        0,
      );
      const reply: EvaluateReply = {
        evaluationId: id as EvaluateReply['evaluationId'],
        basketId: request.id,
        basketHash: HASH,
        state: 'EVALUATED',
        ruleSetVersion: 1,
        expiresAt: LATER,
        decisions: [],
        evaluation: {
          currency: request.currency,
          ruleSetVersion: 1,
          lines: request.lines.map((line) => ({
            lineId: line.lineId,
            sku: line.sku,
            qty: line.qty,
            listMinor: line.qty * line.unitPriceMinor,
            discountMinor: 0,
            payableMinor: line.qty * line.unitPriceMinor,
            discounts: [],
            unitShares: [{ count: line.qty, paidMinor: line.unitPriceMinor }],
            pointsEarned: 0,
            pointsSpent: 0,
          })),
          listMinor,
          discountMinor: 0,
          payableMinor: listMinor,
          points: { spent: 0, spentMinor: 0, earned: 0, lots: [] },
          couponsUsed: [],
          claims: { budgets: [], allotments: [], uses: [] },
          gifts: [],
          entitlements: [],
          outcomes: [],
          notices: [],
        },
      };
      evaluations.set(id, reply);
      return ok(reply);
    },
    hold(_caller, { id, basketHash }) {
      const found = evaluations.get(id);
      if (found === undefined) return err(failure('evaluation-unknown', 'id'));
      if (basketHash !== found.basketHash) return err(failure('basket-changed', 'basketHash'));
      evaluations.set(id, { ...found, state: 'HELD' });
      return ok({
        evaluationId: found.evaluationId,
        state: 'HELD',
        payableMinor: found.evaluation.payableMinor,
        pointsReserved: 0,
        couponsReserved: [],
        deadline: LATER,
      });
    },
    commit(_caller, { id, key, body }) {
      const known = commits.get(key);
      if (known !== undefined)
        return known.body === JSON.stringify(body)
          ? ok(known.reply)
          : err(failure('key-reused', 'idempotency-key'));
      const found = evaluations.get(id);
      if (found === undefined) return err(failure('evaluation-unknown', 'id'));
      if (found.state !== 'HELD') return err(failure('not-held'));
      if (body.basketHash !== found.basketHash) return err(failure('basket-changed', 'basketHash'));
      evaluations.set(id, { ...found, state: 'COMMITTED' });
      return ok(book(key, body, 'sale', found));
    },
    voidEvaluation(_caller, { id, key, body }) {
      const found = evaluations.get(id);
      if (found === undefined) return err(failure('evaluation-unknown', 'id'));
      if (found.state === 'COMMITTED') return err(failure('evaluation-committed'));
      evaluations.set(id, { ...found, state: 'VOIDED' });
      return ok(book(key, body, 'void', found));
    },
    commitByKey: (_caller, key) => {
      const known = commits.get(key);
      return known === undefined ? err(failure('key-unknown', 'key')) : ok(known.reply);
    },
    why: () => err(failure('evaluation-unknown', 'id')),
    returnGoods: () => err(failure('sale-unknown', 'saleId')),
    quoteReturn: () => err(failure('sale-unknown', 'saleId')),
    salesByReference: () => ok([]),
    soldSale: () => err(failure('sale-unknown', 'id')),
    exchange: () => err(failure('sale-unknown', 'return.saleId')),
    openBaskets: () => ok([]),
    showBasket: () => err(failure('evaluation-unknown', 'basketId')),
    recentSales: () => ok([]),
    searchArticles: () => ok([]),

    events(after, signal, by) {
      const from = after ?? events.length;
      if (from > events.length) return err(failure('events-gone', 'after'));
      return ok(read(from, signal, by));
    },

    staffList: () => ok([{ staffId: 'C1' as never, name: '王敏', role: 'cashier' as const }]),
    staffSession: () => ok({ staff: null, locked: false, since: AT, idleLockMs: 300_000 }),
    signIn: (staffId, pin) =>
      pin === MANAGER_PIN
        ? ok({
            staff: { staffId: staffId as never, name: '王敏', role: 'cashier', active: true },
            locked: false,
            since: AT,
            idleLockMs: 300_000,
          })
        : err(failure('pin-wrong', 'pin')),
    signOut: () => till.staffSession(),
    lock: () => till.staffSession(),
    unlock: () => till.staffSession(),
    touch: () => till.staffSession(),
    override: () => err(failure('identification-unknown')),
    devices: () => ok([]),
    wedgeScan: () => ok({ accepted: true }),
    simulateScan: () => err(failure('device-unknown', 'deviceId')),
    plugDevice: () => err(failure('device-unknown', 'deviceId')),
    discoverDevices: () => ok({ found: [], unlisted: [] }),
    bindDevice: () => err(failure('device-gone', 'foundId')),
    unbindDevice: () => err(failure('binding-unknown', 'role')),
    undoBinding: () => err(failure('binding-unknown', 'role')),
    checkDevice: () => err(failure('device-unknown', 'deviceId')),
    deviceDays: () => ok({ rows: [], next: null }),
    clients: () => ok({ clients: [], window: null }),
    openPairing(_managerId, pin, scopes = POS_SCOPES) {
      if (pin !== MANAGER_PIN) return err(failure('pin-wrong', 'pin'));
      till.openWindow();
      return ok({ code: PAIRING_CODE, expiresAt: LATER, triesLeft, scopes: [...scopes] });
    },
    revokeClient(clientId) {
      const found = [...clients].find(([, client]) => client.clientId === clientId);
      if (found !== undefined) clients.delete(found[0]);
      for (const reader of readers)
        if (reader.by?.kind === 'client' && reader.by.clientId === clientId) reader.ended = true;
      for (const wake of [...wakers]) wake();
      return ok({ revoked: found !== undefined });
    },
    confirmTime(_managerId, pin) {
      return pin === MANAGER_PIN ? ok({ before: AT, now: AT }) : err(failure('pin-wrong', 'pin'));
    },
    leaveKiosk: (managerId, pin) =>
      pin === MANAGER_PIN ? ok({ staffId: managerId }) : err(failure('pin-wrong', 'pin')),
    linkPass: async () => err(failure('pass-offline')),
    joinConsent: () => err(failure('join-closed')),
    join: () => err(failure('join-closed')),
    showSync: () => ok(NOT_SYNCED),
    syncNow: () => ok(NOT_SYNCED),
    startCheck: () => ok(NOT_SYNCED),
    stayingRows: () => ok([]),
    verifySync: async () => err({ code: 'not-configured', detail: '' }),
    register: () =>
      ok({
        registered: true,
        tillId: 'T1' as never,
        storeId: 'S1' as never,
        storeName: text('测试店', 'Test store'),
      }),
    applied: () => undefined,
    joined: () => undefined,
    isIdle: () => true,
    headquartersChanged: () => undefined,
    laneBoard: () => ok({ asOf: AT, identifiedToday: 0, members: [] }),
    reloadRules: () => ok({ ruleSetVersion: 1, changed: false }),
    close: () => undefined,
  };

  function book(
    key: string,
    body: unknown,
    kind: 'sale' | 'void',
    found: EvaluateReply,
  ): EntryReply {
    const reply: EntryReply = {
      kind,
      state: kind === 'sale' ? 'COMMITTED' : 'VOIDED',
      evaluationId: found.evaluationId,
      saleId: `sale-${found.evaluationId}` as never,
      entryId: next('entry') as never,
      seq: commits.size + 1,
      hash: GENESIS_HASH,
      at: AT,
      payableMinor: found.evaluation.payableMinor,
      pointsEarned: 0,
      pointsSpent: 0,
      exception: null,
      receipt: { lines: [text('谢谢惠顾', 'Thank you')] },
    };
    commits.set(key, { body: JSON.stringify(body), reply });
    till.emit({
      kind: 'basket',
      basketId: found.basketId,
      evaluationId: found.evaluationId,
      state: reply.state,
      saleId: reply.saleId,
    });
    return reply;
  }

  async function* read(
    from: number,
    signal: AbortSignal,
    by: Caller | undefined,
  ): AsyncGenerator<LiveEvent> {
    const reader = { ended: false, by };
    readers.add(reader);
    let cursor = from;
    try {
      while (!signal.aborted) {
        const live = events[cursor];
        if (live !== undefined) {
          cursor += 1;
          yield live;
        } else {
          if (reader.ended) return;
          await new Promise<void>((resolve) => {
            wakers.add(resolve);
            signal.addEventListener('abort', () => resolve(), { once: true });
          });
        }
      }
    } finally {
      readers.delete(reader);
    }
  }

  return till;
}
