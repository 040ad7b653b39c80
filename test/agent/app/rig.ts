import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { defaultTillConfig } from '../../../agent/app/config.ts';
import { createTill } from '../../../agent/app/create-till.ts';
import type {
  DevicePort,
  PinHasher,
  RegistrationPort,
  Repair,
  TillConfig,
  TillDeps,
} from '../../../agent/app/deps.ts';
import type { FaceDeps } from '../../../agent/app/faces/ports.ts';
import { noHeadquarters } from '../../../agent/app/no-headquarters.ts';
import { createSelfAllowance } from '../../../agent/app/self-allowance.ts';
import type { Caller, LiveEvent, Till } from '../../../agent/app/till.ts';
import {
  articleSchema,
  assert,
  type BasketId,
  type ClientId,
  type DeviceView,
  type EvaluateReply,
  type EvaluateRequest,
  type EvaluationId,
  type Failure,
  type IdempotencyKey,
  type LineId,
  type LotId,
  type Member,
  type MemberId,
  memberSchema,
  type PointsLot,
  type Policy,
  type Result,
  type StaffId,
  type StaffRole,
  toInstant,
} from '../../../agent/contract/index.ts';
import { defaultPolicy } from '../../../agent/domain/auth-policy/default-policy.ts';
import { createCredentialCrypto } from '../../../agent/store/credential-crypto.ts';
import { createLedgerCrypto } from '../../../agent/store/ledger-crypto.ts';
import type { Store } from '../../../agent/store/store.ts';
import { createVoucherCrypto } from '../../../agent/store/voucher-crypto.ts';
import type { DriverEvent } from '../../../drivers/contract/event.ts';
import type { HeadquartersPort } from '../../../sync/client/ports.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import { noDevices } from '../../support/no-devices.ts';
import { openTestStore, TEST_NOW_MS, TEST_PLACE, type TestStore } from '../../support/store.ts';

export const POS: Caller = {
  kind: 'client',
  clientId: 'pos-1',
  scopes: ['identify', 'basket', 'ledger:read', 'scanner'],
};
export const SCREEN: Caller = { kind: 'screen' };
export const CASHIER = 'cashier-1';
export const MANAGER = 'manager-1';
export const PIN = '2468';

/** Member price, coupons, points spent (one point pays 10 fen) and points earned (one for each yuan). */
export const RULES = `
ruleSet: test
version: 1
currency: CNY
points: { lotValidDays: 365 }
rules:
  - id: gold-drinks
    name: { zh-CN: 金卡饮料九折, en: Gold 10 % off drinks }
    lane: price
    when: member.tier == "gold"
    target: { category: [drinks] }
    effect: { kind: percent-off-items, percentBp: 1000 }
  - id: single-coupon
    name: { zh-CN: 五元券, en: 5 yuan coupon }
    lane: coupon
    when: '"CP-5" in codes'
    effect: { kind: fixed-off-order, amountMinor: 500 }
    coupon: { code: CP-5, uses: single }
  - id: leaflet-coupon
    name: { zh-CN: 传单一元券, en: 1 yuan leaflet coupon }
    lane: coupon
    when: '"CP-LEAF" in codes'
    effect: { kind: fixed-off-order, amountMinor: 100 }
    coupon: { code: CP-LEAF, uses: unlimited }
  - id: redeem
    name: { zh-CN: 积分抵现, en: Pay with points }
    lane: points-spend
    effect: { kind: points-redeem, minorPerPoint: 10 }
  - id: earn
    name: { zh-CN: 消费积分, en: Points earned }
    lane: points-earn
    effect: { kind: points-earn, perMinor: 100, points: 1 }
`;

/** Also three yuan off for fifty shoppers, out of a campaign's money. */
export const RULES_WITH_BUDGET = `${RULES}
  - id: welcome
    name: { zh-CN: 满减三元, en: 3 yuan off }
    lane: basket
    effect: { kind: fixed-off-order, amountMinor: 300 }
    limits: [{ scope: total, max: 50 }]
    budget: { id: march, limitMinor: 90000 }
`;

const ARTICLES = [
  {
    sku: 'tea',
    gtin: '2000000000015',
    name: { 'zh-CN': '乌龙茶', en: 'Oolong tea' },
    category: 'drinks',
    priceMinor: 1_000,
  },
  { sku: 'rice', name: { 'zh-CN': '大米', en: 'Rice' }, category: 'food', priceMinor: 5_000 },
].map((article) => articleSchema.parse(article));

/** A member of the test chain; cards in the default pattern are not needed, any known card is found. */
export function member(id: string, more: Partial<Record<keyof Member, unknown>> = {}): Member {
  return memberSchema.parse({
    memberId: id,
    name: '王小明',
    phone: '13800000001',
    cards: [`CARD-${id}`],
    tier: 'gold',
    updatedAt: toInstant(TEST_NOW_MS),
    ...more,
  });
}

export const ANNA = 'anna' as MemberId;
export const BO = 'bo' as MemberId;

const MEMBERS = [
  member(ANNA, { name: '王小明', phone: '13800001234' }),
  member(BO, { name: 'Bo Li', phone: '13900005678', tier: 'silver' }),
];

/** Timers that fire when a test lets time pass. */
export interface ManualTime {
  wallMs: number;
  monoMs: number;
  now(): number;
  set(delayMs: number, run: () => void): number;
  clear(handle: unknown): void;
  /** Lets both clocks run and fires what falls due. */
  pass(ms: number): void;
}

export function manualTime(
  startMs = TEST_NOW_MS,
): ManualTime & { readonly clock: { now(): number; monoMs(): number } } {
  const due = new Map<number, { readonly atMs: number; readonly run: () => void }>();
  let lastHandle = 0;
  const time = {
    wallMs: startMs,
    monoMs: 1_000,
    clock: { now: () => time.wallMs, monoMs: () => time.monoMs },
    now: () => time.wallMs,
    set(delayMs: number, run: () => void) {
      lastHandle += 1;
      due.set(lastHandle, { atMs: time.monoMs + delayMs, run });
      return lastHandle;
    },
    clear: (handle: unknown) => void due.delete(handle as number),
    pass(ms: number) {
      const untilMs = time.monoMs + ms;
      for (;;) {
        const next = [...due]
          .filter(([, timer]) => timer.atMs <= untilMs)
          .sort(([, a], [, b]) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        const [handle, { atMs, run }] = next;
        due.delete(handle);
        time.wallMs += atMs - time.monoMs;
        time.monoMs = atMs;
        run();
      }
      time.wallMs += untilMs - time.monoMs;
      time.monoMs = untilMs;
    },
  };
  return time;
}

/** PINs in clear: argon2 has a test of its own. */
const PLAIN_PINS: PinHasher = {
  hash: (pin) => Promise.resolve(`plain:${pin}`),
  verify: (pin, pinHash) => Promise.resolve(pinHash === `plain:${pin}`),
};

export interface RigOptions {
  readonly rules?: string | null;
  /** The store's day ends at this minute. */
  readonly dayEndsAtMinute?: number;
  readonly policy?: Policy | null;
  readonly config?: Partial<TillConfig>;
  readonly pins?: PinHasher;
  readonly vouchers?: TillDeps['vouchers'];
  readonly headquarters?: (store: Store) => HeadquartersPort;
  readonly repair?: Repair | undefined;
  readonly registration?: RegistrationPort;
  readonly faces?: FaceDeps;
  /** Without anybody on the staff list. */
  readonly unstaffed?: true;
  readonly devices?: readonly DeviceView[];
  readonly devicePort?: Partial<DevicePort>;
  /** Stands between the till and its store, for faults. */
  readonly wrapStore?: (store: Store) => Store;
}

export interface Rig {
  till: Till;
  readonly files: TestStore;
  store: Store;
  readonly time: ReturnType<typeof manualTime>;
  readonly logged: unknown[];
  /** What a driver would report. */
  report(event: DriverEvent): void;
  /** A till on the same files, as after a restart. */
  restart(): Till;
  /** Every event in the database. */
  events(): ReturnType<Store['events']['after']>;
  givePoints(memberId: MemberId, points: number, more?: Partial<PointsLot>): void;
}

/** A till on a real store, with a small chain, manual time and no devices. */
export function openTill(options: RigOptions = {}): Rig {
  const files = openTestStore();
  const time = manualTime();
  const logged: unknown[] = [];
  const listeners = new Set<(event: DriverEvent) => void>();
  fill(files.store, options);

  const build = (): Till => {
    const store = options.wrapStore?.(files.store) ?? files.store;
    const deps: TillDeps = {
      store,
      clock: time.clock,
      timers: { set: time.set, clear: time.clear },
      random: (bytes) => new Uint8Array(randomBytes(bytes)),
      crypto: createLedgerCrypto(randomBytes),
      vouchers: options.vouchers ?? createVoucherCrypto(),
      credentials: createCredentialCrypto(),
      pins: options.pins ?? PLAIN_PINS,
      place: {
        ...TEST_PLACE,
        store: { ...TEST_PLACE.store, dayEndsAtMinute: options.dayEndsAtMinute ?? 0 },
      },
      config: { ...defaultTillConfig, ...options.config },
      headquarters:
        options.headquarters?.(store) ??
        noHeadquarters({
          sinceMs: TEST_NOW_MS,
          allowance: createSelfAllowance(store, time.clock, TEST_PLACE.store.timeZone),
        }),
      registration: options.registration,
      faces: options.faces,
      devices: {
        ...noDevices(),
        list: () => options.devices ?? [],
        ...options.devicePort,
        onEvent(listener) {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      },
      log: (...line) => void logged.push(line),
      version: '0.0.0-test',
      demo: false,
      repair: options.repair,
      language: 'zh-CN',
    };
    return createTill(deps);
  };

  const rig: Rig = {
    till: build(),
    files,
    store: files.store,
    time,
    logged,
    report(event) {
      for (const listener of listeners) listener(event);
    },
    restart() {
      rig.till.close();
      rig.store = files.reopen();
      rig.till = build();
      return rig.till;
    },
    events: () => rig.store.events.after(0, 10_000),
    givePoints(memberId, points, more = {}) {
      const lotId = (more.lotId ?? `lot-${randomBytes(6).toString('hex')}`) as LotId;
      const lot: PointsLot = {
        lotId,
        memberId,
        points,
        earnedAt: toInstant(TEST_NOW_MS),
        channel: 'store',
        bucket: 'base',
        source: 'test',
        ...more,
      };
      rig.store.points.upsertLots([lot]);
    },
  };
  onTestFinished(() => rig.till.close());
  return rig;
}

function fill(
  store: Store,
  { rules = RULES, policy = defaultPolicy, unstaffed }: RigOptions,
): void {
  store.members.upsert(MEMBERS);
  store.articles.upsert(ARTICLES);
  const staff: readonly (readonly [string, StaffRole])[] =
    unstaffed === true
      ? []
      : [
          [CASHIER, 'cashier'],
          [MANAGER, 'manager'],
        ];
  for (const [id, role] of staff)
    store.staff.upsert({ staffId: id as StaffId, name: id, role, active: true }, `plain:${PIN}`);
  if (rules !== null) {
    const published = publishRules(rules);
    assert(published.ok, `the test rules publish: ${JSON.stringify(published)}`);
    const { policy: _published, ...bare } = published.value.ruleSet;
    const ruleSet = policy === null ? bare : { ...bare, policy };
    store.documents.install({
      kind: 'rule-set',
      version: ruleSet.version,
      body: JSON.stringify(ruleSet),
      installedAtMs: TEST_NOW_MS,
    });
  }
}

/** A headquarters that says what the test needs, and nothing else. */
export function headquartersPort(over: Partial<HeadquartersPort>): HeadquartersPort {
  return { ...noHeadquarters({ sinceMs: TEST_NOW_MS }), ...over };
}

/** The value of a result that a test expects to succeed. */
export function value<T>(result: Result<T, Failure>): T {
  assert(result.ok, `expected a value, got ${JSON.stringify(result)}`);
  return result.value;
}

/** The failure of a result that a test expects to fail. */
export function failed<T>(result: Result<T, Failure>): Failure {
  assert(!result.ok, `expected a failure, got ${JSON.stringify(result)}`);
  return result.error;
}

export interface Line {
  readonly sku: string;
  readonly qty?: number;
  readonly unitPriceMinor: number;
}

/** A basket as a POS sends it. */
export function basket(
  id: string,
  lines: readonly Line[],
  more: Partial<EvaluateRequest> = {},
): EvaluateRequest {
  return {
    id: id as BasketId,
    currency: 'CNY',
    lines: lines.map((line, index) => ({ lineId: `l${index + 1}` as LineId, qty: 1, ...line })),
    codes: [],
    channel: 'store',
    ...more,
  };
}

export const TEA: Line = { sku: 'tea', unitPriceMinor: 1_000 };
export const RICE: Line = { sku: 'rice', unitPriceMinor: 5_000 };

let keys = 0;
/** A fresh idempotency key. */
export function freshKey(): IdempotencyKey {
  keys += 1;
  return `key-${String(keys).padStart(8, '0')}` as IdempotencyKey;
}

/** Scans a member's card and evaluates a basket for them. */
export async function ringUp(
  rig: Rig,
  memberId: MemberId | null,
  request: EvaluateRequest,
): Promise<EvaluateReply> {
  const identified =
    memberId === null
      ? undefined
      : value(await rig.till.identify(POS, { text: `CARD-${memberId}` }));
  const bound = identified === undefined ? {} : { identificationId: identified.identificationId };
  return value(await rig.till.evaluate(POS, { ...request, ...bound }));
}

export async function hold(rig: Rig, reply: EvaluateReply): Promise<void> {
  value(
    await rig.till.hold(POS, {
      id: reply.evaluationId,
      basketHash: reply.basketHash,
      staffId: CASHIER,
    }),
  );
}

export function commitOf(
  reply: EvaluateReply,
  more: Partial<Parameters<Till['commit']>[1]['body']> = {},
  key: string = freshKey(),
) {
  return {
    id: reply.evaluationId as string,
    key,
    body: { basketHash: reply.basketHash as string, referenceId: 'R-1', staffId: CASHIER, ...more },
  };
}

/** Rings up, holds and commits. */
export async function sell(rig: Rig, memberId: MemberId | null, request: EvaluateRequest) {
  const reply = await ringUp(rig, memberId, request);
  await hold(rig, reply);
  return value(await rig.till.commit(POS, commitOf(reply)));
}

/** Live events as they come; `stop` ends the reading. */
export function listen(
  till: Till,
  after?: number,
  reader?: Caller,
): { readonly seen: LiveEvent[]; readonly ended: Promise<void>; stop(): void } {
  const seen: LiveEvent[] = [];
  const abort = new AbortController();
  const stream = value(till.events(after, abort.signal, reader));
  const ended = (async () => {
    for await (const event of stream) seen.push(event);
  })();
  onTestFinished(() => abort.abort());
  return { seen, ended, stop: () => abort.abort() };
}

export type { ClientId, EvaluationId };
