import { type FaceOverview, type FaceUse, type Text, text } from '../../contract/index.ts';
import { both } from './io.ts';

/** What people call the state of use. */
export const USES: Readonly<Record<FaceUse, Text>> = {
  on: text('使用中', 'in use'),
  paused: text('店长已在本机暂停', 'paused at this till by a manager'),
  'store-off': text('总部已停用本店', 'switched off for this store by headquarters'),
  'not-set': text('总部没有设置', 'headquarters has set nothing'),
  absent: text('本机没有所需的密钥文件，不能使用', 'this till has no key file for faces'),
};

/** `till face status` for a terminal: one fact a line. */
export function overviewText(overview: FaceOverview): string {
  const { templates, keys, ends, session, attempts, model, warning } = overview;
  const since = overview.pausedAt === undefined ? '' : `, ${overview.pausedAt}`;
  const minutes = Math.round(attempts.windowSeconds / 60);
  const lines: readonly (string | undefined)[] = [
    `use: ${both(USES[overview.use])}${since}${overview.erasing ? ' (being destroyed)' : ''}`,
    model && `model: ${model.modelId} ${model.modelVersion}`,
    `templates: ${overview.stored} of ${overview.limit} (filing limit); ${templates.usable} usable, ${templates.withoutKey} without key, ${templates.damaged} damaged, ${templates.otherModel} of another model`,
    warning && both(warning),
    `keys: ${keys.kept} kept, ${keys.erased} destroyed`,
    `session: ${session === null ? 'none' : `${session.purpose}, ${session.phase}, until ${session.expiresAt}`}`,
    `attempts without success: ${attempts.failed} of ${attempts.limit} in ${minutes} min`,
    `messages refused: ${overview.refusedMessages}`,
    `ends that headquarters has yet to hear of: ${ends.waitingInAll}; cut off: ${ends.unfinished}`,
    ...ends.waiting.map(
      ({ at, reason, channel, destroyed, withdrawalId }) =>
        `  ${at} ${reason} (${channel}), ${destroyed} destroyed, ${withdrawalId}`,
    ),
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}
