import type { CheckFacts } from '../../sync/client/check-ports.ts';
import { foundText } from '../contract/check-found.ts';
import { type SyncChecksView, type SyncCheckView, type Text, text } from '../contract/index.ts';

const STATES: Readonly<Record<CheckFacts['state'], Text>> = {
  off: text(
    '总部版本较旧，不做全量校验',
    'Headquarters is of an earlier version; nothing is compared in full',
  ),
  making: text('正在为第一次校验做准备', 'Getting ready for the first check'),
  idle: text('没有校验在进行', 'No check is under way'),
  comparing: text('正在与总部比较', 'Comparing with headquarters'),
  walking: text('正在查找与总部的差异', 'Looking for what differs from headquarters'),
  repairing: text('正在修复有差异的记录', 'Repairing rows that differ'),
  reloading: text(
    '差异较多，正在旁边下载完整副本',
    'Much differs; a whole copy is being fetched beside',
  ),
  scrubbing: text('正在逐行深度校验', 'Reading every row again'),
};

/** Full-volume checks as screens and the operator's tool show them. */
export function showChecks(facts: CheckFacts): SyncChecksView {
  const show = (record: CheckFacts['history'][number]): SyncCheckView => ({
    ...record,
    found: foundText(record, String),
  });
  const showLast = (record: CheckFacts['lastWalk']): SyncCheckView | null =>
    record === null ? null : show(record);
  return {
    state: facts.state,
    text: STATES[facts.state],
    progress: facts.progress === null ? null : { ...facts.progress },
    leftMs: facts.leftMs,
    lastWalk: showLast(facts.lastWalk),
    lastScrub: showLast(facts.lastScrub),
    lastLedger: showLast(facts.lastLedger),
    history: facts.history.map(show),
    staying: facts.staying,
  };
}
