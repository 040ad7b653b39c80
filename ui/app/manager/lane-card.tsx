import { IconCake } from '@tabler/icons-react';
import type { LaneMember } from '../../../agent/contract/index.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useNames } from '../i18n/use-names.ts';
import css from './lane-card.module.css';

/** A member of the priority lane: who, since when, and whether they were served. */
export function LaneCard({
  member,
  nowMs,
}: {
  readonly member: LaneMember;
  readonly nowMs: number;
}) {
  const { t } = useLanguage();
  const names = useNames();
  const format = useFormat();
  const { servedAt } = member;
  return (
    <li className={`${css['card']} ${servedAt === undefined ? '' : css['served']}`}>
      <div className={css['who']}>
        <p className={css['name']}>{member.maskedName}</p>
        <p className={css['tier']}>
          {names.tier(member.tier)}
          {member.birthdayToday ? (
            <span className={css['birthday']}>
              <IconCake size={20} aria-hidden="true" /> {t('lane.birthday')}
            </span>
          ) : null}
        </p>
      </div>
      <div className={css['when']}>
        <p className={css['state']}>
          {servedAt === undefined
            ? t('lane.waited', { age: format.duration(nowMs - Date.parse(member.firstSeenAt)) })
            : t('lane.servedAt', { time: format.time(servedAt) })}
        </p>
        <p className={css['since']}>{t('lane.since', { time: format.time(member.firstSeenAt) })}</p>
      </div>
    </li>
  );
}
