import type { MemberFaces } from '../../app/faces/keeping.ts';
import { text } from '../../contract/index.ts';
import { both } from './io.ts';

const NOTHING = text('本机没有这位会员的人脸', 'This till holds nothing of this face');

/** `till face member` for a terminal. */
export function memberText({ memberId, servedAs, held, receipts }: MemberFaces): string {
  const merged = servedAs !== null && servedAs !== memberId ? ` (now ${servedAs})` : '';
  const head = `${memberId}${merged}${servedAs === null ? ' (not known here)' : ''}`;
  const lines = [
    head,
    ...held.templates.map(
      (one) =>
        `template ${one.templateId}: ${one.scope}, ${one.model.modelId} ${one.model.modelVersion}, enrolled ${one.enrolledAt} at ${one.enrolledInStore}/${one.enrolledAtTill}, last seen ${one.lastSeenOn ?? 'never'}, ${one.hasKey ? 'key here' : 'no key here'}, ${one.comparisons} distances noted`,
    ),
    ...held.consents.map(
      (one) =>
        `consent ${one.consentId}: ${one.scope}, text ${one.textVersion} (${one.language}), ${one.at} at ${one.storeId}/${one.tillId}, ${one.channel}, witness ${one.witnessId}`,
    ),
    ...receipts.map(
      (one) =>
        `receipt ${one.withdrawalId} (${one.reason}${one.isWaiting ? ', headquarters has yet to hear of it' : ''}): ${both(one.text)}`,
    ),
    ...(held.templates.length === 0 && receipts.length === 0 ? [both(NOTHING)] : []),
  ];
  return lines.join('\n');
}
