import { type Text, text } from './text.ts';

/** A full-volume check that has ended, as a till or headquarters tells of it. */
export interface EndedCheck {
  readonly kind: 'compare' | 'walk' | 'scrub' | 'ledger';
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
  check: Pick<EndedCheck, 'missing' | 'extra' | 'stale' | 'damaged'>,
): number {
  return check.missing + check.extra + check.stale + check.damaged;
}

/** What a check found and did, in one sentence. @param number a number as the reader's language writes it */
export function foundText(check: EndedCheck, number: (value: number) => string): Text {
  const { mended, outcome, failure } = check;
  if (outcome === 'failed' && failure !== WALK_TO_COME)
    return text(
      `没有做完，稍后自动再做（${failure ?? '-'}）`,
      `It did not come to its end and is done again by itself (${failure ?? '-'})`,
    );
  const said = wordsOf(check, number);
  if (mended === 0) return said;
  return text(
    `${said['zh-CN']}；查找用的索引修好 ${number(mended)} 处`,
    `${said.en}; ${number(mended)} indexes mended`,
  );
}

function wordsOf(check: EndedCheck, number: (value: number) => string): Text {
  const { kind, outcome, failure } = check;
  const drift = driftOf(check);
  const parts = KINDS_OF_DRIFT.filter(([name]) => check[name] > 0);
  const zhParts = parts.map(([name, zh]) => `${zh} ${number(check[name])}`).join('，');
  const enParts = parts.map(([name, , en]) => `${number(check[name])} ${en}`).join(', ');
  const all = number(check.rows);
  const differed = number(drift);
  const repaired = number(check.repaired);
  switch (kind) {
    case 'walk':
      if (outcome === 'reloaded')
        return text(
          `${all} 条中差异过多（${differed} 条），已换用总部的完整副本`,
          `Of ${all} rows too many differed (${differed}); a whole copy from headquarters took their place`,
        );
      if (drift > 0) {
        const stays = outcome === 'stays';
        return text(
          `${all} 条中有 ${differed} 条有差异（${zhParts}），按总部的内容改正了 ${repaired} 条${stays ? '；仍有与总部不同的数据' : ''}`,
          `${differed} of ${all} rows differed (${enParts}); ${repaired} put right from headquarters${stays ? '; some still differ' : ''}`,
        );
      }
      // As where more differ than are put right one by one.
      if (outcome === 'stays')
        return text(
          `${all} 条中仍有与总部不同的数据`,
          `Some of ${all} rows still differ from headquarters`,
        );
      return text(`${all} 条全部与总部一致`, `All ${all} rows as headquarters has them`);
    case 'scrub': {
      if (drift === 0) return text(`读了 ${all} 条，没有损坏`, `${all} rows read, none damaged`);
      const waits = failure === WALK_TO_COME;
      return text(
        `读了 ${all} 条，${differed} 条可疑，${waits ? '等待' : '已'}由总部核对`,
        `${all} rows read, ${differed} suspect; headquarters ${waits ? 'is still to say' : 'has said'} what is right`,
      );
    }
    case 'ledger':
      if (drift > 0)
        return text(
          `${all} 笔中有 ${differed} 笔不符（${zhParts}），补齐或改正了 ${repaired} 笔`,
          `${differed} of ${all} entries did not fit (${enParts}); ${repaired} sent again or put right`,
        );
      // As where headquarters is ahead of the till.
      if (outcome === 'stays')
        return text(
          `读了 ${all} 笔账，与总部对不上`,
          `${all} entries read; they do not fit those of headquarters`,
        );
      return text(
        `${all} 笔账总部都有，一笔不少，一字不差`,
        `Headquarters holds all ${all} entries, word for word; none is lost`,
      );
    case 'compare':
      return text(
        '两边的总和不同，随后做了逐条比对',
        'The sums of both sides differed; a full comparison followed',
      );
  }
}
