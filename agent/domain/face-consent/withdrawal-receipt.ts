import type { FaceWithdrawal } from '../../contract/face-facts.ts';
import { type Text, text } from '../../contract/text.ts';

/** What the member is given on paper or screen after a withdrawal. */
export interface WithdrawalReceipt {
  readonly withdrawalId: string;
  readonly at: string;
  /** Templates of this till whose keys are destroyed. */
  readonly destroyed: number;
  /** Tills that have yet to confirm; null = headquarters has to say, and is out of reach or has not heard of it yet. */
  readonly waitingTills: readonly string[] | null;
  /** Time, number and effect in one. */
  readonly text: Text;
  /** What is destroyed, and what is yet to be confirmed. */
  readonly effect: Text;
}

/** @param waitingTills as headquarters says; null = not known */
export function withdrawalReceipt(
  { withdrawalId, at, templateIds }: FaceWithdrawal,
  waitingTills: readonly string[] | null,
): WithdrawalReceipt {
  const destroyed = templateIds.length;
  const others = othersText(waitingTills);
  const effect = text(
    `本机已销毁 ${destroyed} 个人脸模板的密钥，无法再打开，备份也不能恢复。${others['zh-CN']}`,
    `This till has destroyed the keys of ${destroyed} face ${destroyed === 1 ? 'template' : 'templates'}: nothing opens them any more, and no backup brings them back. ${others.en}`,
  );
  return {
    withdrawalId,
    at,
    destroyed,
    waitingTills,
    effect,
    text: text(
      `已撤回人脸同意（${at}，回执 ${withdrawalId}）。${effect['zh-CN']}`,
      `The consent to use your face is withdrawn (${at}, receipt ${withdrawalId}). ${effect.en}`,
    ),
  };
}

function othersText(waitingTills: readonly string[] | null): Text {
  if (waitingTills === null)
    return text(
      '其他收银台由总部通知，各台确认后可向总部查询。',
      'Headquarters tells the other tills; which of them have confirmed can be asked there.',
    );
  if (waitingTills.length === 0)
    return text('其他收银台均已确认销毁。', 'All other tills have confirmed it.');
  const names = waitingTills.join(', ');
  return text(`尚待确认：${names}。`, `Yet to confirm: ${names}.`);
}
