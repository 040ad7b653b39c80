import type { CheckFacts } from '../../sync/client/check-ports.ts';
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

/** What a check found, in one sentence. */
export function foundBy({
  kind,
  outcome,
  failure,
  rows,
  missing,
  extra,
  stale,
  damaged,
  mended,
  repaired,
}: Omit<SyncCheckView, 'found'>): Text {
  const kinds = text(
    `缺少 ${missing}、多余 ${extra}、过期 ${stale}、损坏 ${damaged}`,
    `${missing} missing, ${extra} extra, ${stale} stale, ${damaged} damaged`,
  );
  switch (outcome) {
    case 'clean':
      return kind === 'ledger'
        ? text(`${rows} 条账目与总部一致`, `${rows} ledger entries are at headquarters as here`)
        : text(`${rows} 行全部一致`, `All ${rows} rows are as they should be`);
    case 'repaired':
      return text(
        `${rows} 行中有差异（${kinds['zh-CN']}），修复 ${repaired} 行，另更正 ${mended} 处索引或摘要`,
        `Of ${rows} rows some differed (${kinds.en}); ${repaired} repaired, ${mended} indexes or digests put right`,
      );
    case 'reloaded':
      return text(
        `${rows} 行中差异过多，已换用完整副本`,
        `Of ${rows} rows too many differed; a whole copy took their place`,
      );
    case 'stays':
      return text(
        `有记录修复后仍有差异（${kinds['zh-CN']}），修复 ${repaired} 行`,
        `Rows differ again after their repair (${kinds.en}); ${repaired} repaired`,
      );
    case 'failed':
      return text(`未能完成：${failure ?? ''}`, `It did not come to its end: ${failure ?? ''}`);
  }
}

/** Full-volume checks as screens and the operator's tool show them. */
export function showChecks(facts: CheckFacts): SyncChecksView {
  const show = (record: CheckFacts['history'][number]): SyncCheckView => ({
    ...record,
    found: foundBy(record),
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
