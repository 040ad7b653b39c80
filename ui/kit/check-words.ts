import { type Text, text } from '../../agent/contract/text.ts';
import type { Tone } from './status-mark.tsx';

/** A full-volume check that has ended, as a till or headquarters tells of it. */
export interface ShownCheck {
  readonly kind: 'compare' | 'walk' | 'scrub' | 'ledger';
  readonly why: 'asked' | 'daily' | 'root' | 'snapshot' | 'restored' | 'start';
  readonly startedAt: string;
  readonly endedAt: string;
  readonly outcome: 'clean' | 'repaired' | 'reloaded' | 'stays' | 'failed';
  readonly rows: number;
  readonly missing: number;
  readonly extra: number;
  readonly stale: number;
  readonly damaged: number;
  readonly mended: number;
  readonly repaired: number;
  /** Code of a failure, for IT. */
  readonly failure: string | null;
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

/** Failure of a deep check whose suspects wait for the next comparison. */
const WALK_TO_COME = 'walk-to-come';

const KINDS_OF_DRIFT = [
  ['missing', '缺少', 'missing'],
  ['extra', '多出', 'too many'],
  ['stale', '过时', 'out of date'],
  ['damaged', '损坏', 'damaged'],
] as const;

/** Rows or entries that differed. */
export function driftOf(
  check: Pick<ShownCheck, 'missing' | 'extra' | 'stale' | 'damaged'>,
): number {
  return check.missing + check.extra + check.stale + check.damaged;
}

/** What a check found and did, in one sentence. @param number a number as the reader's language writes it */
export function foundText(check: ShownCheck, number: (value: number) => string): Text {
  const { kind, rows, repaired, mended, failure } = check;
  if (check.outcome === 'failed' && failure !== WALK_TO_COME)
    return text(
      `没有做完，稍后自动再做（${failure ?? '-'}）`,
      `It did not come to its end and is done again by itself (${failure ?? '-'})`,
    );
  const drift = driftOf(check);
  const parts = KINDS_OF_DRIFT.filter(([name]) => check[name] > 0);
  const zhParts = parts.map(([name, zh]) => `${zh} ${number(check[name])}`).join('，');
  const enParts = parts.map(([name, , en]) => `${number(check[name])} ${en}`).join(', ');
  const all = number(rows);
  const differed = number(drift);
  const sentences = {
    walk:
      drift === 0
        ? text(`${all} 条全部与总部一致`, `All ${all} rows as headquarters has them`)
        : text(
            `${all} 条中有 ${differed} 条有差异（${zhParts}），按总部的内容改正了 ${number(repaired)} 条`,
            `${differed} of ${all} rows differed (${enParts}); ${number(repaired)} put right from headquarters`,
          ),
    scrub:
      drift === 0
        ? text(`读了 ${all} 条，没有损坏`, `${all} rows read, none damaged`)
        : text(
            `读了 ${all} 条，${differed} 条可疑，${failure === WALK_TO_COME ? '等待' : '已'}由总部核对`,
            `${all} rows read, ${differed} suspect; headquarters ${failure === WALK_TO_COME ? 'is still to say' : 'has said'} what is right`,
          ),
    ledger:
      drift === 0
        ? text(
            `${all} 笔账总部都有，一笔不少，一字不差`,
            `Headquarters holds all ${all} entries, word for word; none is lost`,
          )
        : text(
            `${all} 笔中有 ${differed} 笔不符（${zhParts}），补齐或改正了 ${number(repaired)} 笔`,
            `${differed} of ${all} entries did not fit (${enParts}); ${number(repaired)} sent again or put right`,
          ),
    compare: text(
      `两边的总和不同，随后做了逐条比对`,
      'The sums of both sides differed; a full comparison followed',
    ),
  };
  const said = sentences[kind];
  if (mended === 0) return said;
  return text(
    `${said['zh-CN']}；查找用的索引修好 ${number(mended)} 处`,
    `${said.en}; ${number(mended)} indexes mended`,
  );
}

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
