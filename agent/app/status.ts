import { type Status, type Text, text, toInstant } from '../contract/index.ts';
import { facesFiled } from '../domain/face-consent/filing-limit.ts';
import type { TillContext } from './context.ts';
import type { Repair } from './deps.ts';
import { clockAheadMs } from './heartbeat.ts';
import type { RulesSource } from './rules-source.ts';
import { cashierWarning, syncReason } from './sync-words.ts';

const HEADQUARTERS: Readonly<Record<Status['headquarters']['state'], Text>> = {
  'not-configured': text(
    '未连接总部，本机独立运行',
    'No headquarters is set up; this till works by itself',
  ),
  online: text('已连接总部', 'Connected to headquarters'),
  offline: text(
    '与总部断开；识别、权益和入账照常，积分与单次券暂不能使用',
    'Headquarters is out of reach; identification, benefits and sales go on, points and single-use coupons wait',
  ),
};

/** So long after its database was brought back the cashier is told of it, in milliseconds: whoever was away comes by. */
export const REPAIR_TOLD_MS = 24 * 60 * 60_000;

function repairText({ lostEntries }: Repair): Text {
  if (lostEntries === 0)
    return text(
      '本机数据曾损坏，已自动修复，交易没有丢失；照常收银',
      "This till's data was damaged and has been repaired; no sale was lost. Selling goes on",
    );
  return text(
    `本机数据曾损坏，已自动修复，有 ${lostEntries} 笔未能恢复，请通知店长核对收银小票；照常收银`,
    `This till's data was damaged and has been repaired; ${lostEntries} ${lostEntries === 1 ? 'entry' : 'entries'} could not be brought back: tell the manager, who checks the receipts. Selling goes on`,
  );
}

/** What this till is and how it is; answers from memory and four small reads. */
export function showStatus(context: TillContext, rules: RulesSource, startedAtMs: number): Status {
  const { deps, store } = context;
  const headquarters = deps.headquarters.state();
  const facts = deps.headquarters.facts();
  const reason = syncReason(facts);
  const warning = cashierWarning(facts);
  const place = deps.place.store;
  const aheadMs = clockAheadMs(context);
  const { repair } = deps;
  const faces = store.faces.count();
  return {
    name: 'tillside',
    version: deps.version,
    tillId: deps.place.tillId,
    storeId: place.storeId,
    storeName: place.name,
    currency: place.currency,
    timeZone: place.timeZone,
    language: deps.language,
    demo: deps.demo,
    now: toInstant(context.nowMs()),
    startedAt: toInstant(startedAtMs),
    ruleSetVersion: rules.current()?.ruleSet.version ?? 0,
    headquarters: {
      state: headquarters.state,
      since: toInstant(headquarters.sinceMs),
      waitingEntries: store.outbox.waiting(),
      text: HEADQUARTERS[headquarters.state],
      ...(reason === null ? {} : { reason }),
      ...(facts.oldestWaitingMs === null
        ? {}
        : { oldestWaitingAt: toInstant(facts.oldestWaitingMs) }),
      ...(warning === undefined ? {} : { warning }),
    },
    ...(repair === undefined || context.nowMs() - repair.atMs >= REPAIR_TOLD_MS
      ? {}
      : { repair: { at: toInstant(repair.atMs), text: repairText(repair) } }),
    clockTrusted: context.clock.trusted(),
    ...(aheadMs === 0 ? {} : { clockAheadMs: aheadMs }),
    ...(faces === 0 ? {} : { faces: facesFiled(faces) }),
    devices: deps.devices.list().map(({ deviceId, state }) => ({ deviceId, state })),
    head: { seq: store.ledger.head().seq, eventSeq: store.events.head() },
  };
}
