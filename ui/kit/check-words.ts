import type { EndedCheck } from '../../agent/contract/check-found.ts';
import { type Text, text } from '../../agent/contract/text.ts';
import type { Tone } from './status-mark.tsx';

/** A full-volume check that has ended, with why and when. */
export interface ShownCheck extends EndedCheck {
  readonly why: 'asked' | 'daily' | 'root' | 'snapshot' | 'restored' | 'start';
  readonly startedAt: string;
  readonly endedAt: string;
}

interface KindWords {
  readonly name: Text;
  /** What is compared with what, for whoever runs the store. */
  readonly about: Text;
}

export const CHECK_KINDS: Readonly<Record<ShownCheck['kind'], KindWords>> = {
  walk: {
    name: text('逐条比对', 'Full comparison'),
    about: text(
      '收银台存的会员、商品、员工和设置，每一条都与总部比对',
      'Every row of members, articles, staff and settings at the till against headquarters',
    ),
  },
  scrub: {
    name: text('深度校验', 'Deep check'),
    about: text(
      '把收银台存的每一条重新读一遍，看有没有损坏',
      'Every row at the till is read again, to see whether any is damaged',
    ),
  },
  ledger: {
    name: text('账目校验', 'Proof of the ledger'),
    about: text(
      '收银台记过的每一笔账，总部是否都收到、是否一字不差',
      'Whether headquarters holds every entry of the till, word for word',
    ),
  },
  compare: {
    name: text('随时校验', 'Running comparison'),
    about: text(
      '每次收到总部的变更后，比对两边的总和',
      'The sums of both sides, after each change that comes from headquarters',
    ),
  },
};

export const CHECK_WHYS: Readonly<Record<ShownCheck['why'], Text>> = {
  asked: text('手动开始', 'asked for'),
  daily: text('每天一次', 'daily'),
  root: text('发现差异', 'a difference showed'),
  snapshot: text('重新复制数据之后', 'after a fresh copy'),
  restored: text('总部恢复备份之后', 'headquarters was restored'),
  start: text('首次校验', 'first check'),
};

export const CHECK_OUTCOMES: Readonly<
  Record<ShownCheck['outcome'], { readonly tone: Tone; readonly name: Text }>
> = {
  clean: { tone: 'ok', name: text('全部一致', 'All the same') },
  repaired: { tone: 'info', name: text('已改正', 'Put right') },
  reloaded: { tone: 'warn', name: text('已重新复制', 'Copied anew') },
  stays: { tone: 'bad', name: text('仍有差异', 'Still differs') },
  failed: { tone: 'warn', name: text('没有完成', 'Not finished') },
};

/** Heads of the history and what else its parts say. */
export const CHECK_WORDS = {
  at: text('时间', 'When'),
  kind: text('校验', 'Check'),
  found: text('结果', 'Found'),
  outcome: text('结论', 'Outcome'),
  never: text('还没有做过', 'Not done yet'),
  history: text('校验记录', 'History of checks'),
  days: text('每天的校验', 'Checks by day'),
  unchecked: text('没有校验', 'not checked'),
} as const;
