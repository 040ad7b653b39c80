import { IconCake, IconGift, IconHourglass, IconWallet } from '@tabler/icons-react';
import type { Decision, MemberGlance } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { KeyButton } from '../../kit/key-button.tsx';
import { Panel } from '../../kit/panel.tsx';
import { StatusMark, ToneShape } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useNames } from '../i18n/use-names.ts';
import css from './member-panel.module.css';
import { useFormat } from './use-format.ts';

/** A member as one glance takes them in: who, what they have, what they are owed, what is missing. */
export function MemberPanel(props: {
  readonly member: MemberGlance | undefined;
  /** What the present basket asked for; those not granted say what is missing. */
  readonly decisions: readonly Decision[];
  readonly onWallet: () => void;
}) {
  const { t } = useLanguage();
  const { member } = props;
  return (
    <Panel
      title={t('member.title')}
      fill
      aside={
        member === undefined ? null : (
          <div className={css['aside']}>
            {member.status === 'active' ? null : (
              <StatusMark tone="bad">{t(`member.status.${member.status}`)}</StatusMark>
            )}
            <KeyButton
              keyName="F11"
              variant="subtle"
              px={10}
              leftSection={<IconWallet size={20} />}
              onClick={props.onWallet}
            >
              {t('wallet.open')}
            </KeyButton>
          </div>
        )
      }
    >
      {member === undefined ? (
        <div className={css['guest']}>
          <p className={css['name']}>{t('member.none')}</p>
          <p className={css['quiet']}>{t('member.noneHint')}</p>
        </div>
      ) : (
        <Glance member={member} decisions={props.decisions} />
      )}
    </Panel>
  );
}

function Glance(props: { readonly member: MemberGlance; readonly decisions: readonly Decision[] }) {
  const { t } = useLanguage();
  const { now } = useEnv();
  const names = useNames();
  const format = useFormat();
  const { member } = props;
  const missing = props.decisions.filter(({ outcome }) => outcome !== 'enough');
  const { firstExpiryOn, pointsPending, firstAvailableOn } = member;
  return (
    <div className={css['glance']} data-testid="member">
      <div className={css['who']}>
        <p className={css['name']}>{member.maskedName}</p>
        <span className={css['tier']}>{names.tier(member.tier)}</span>
        {member.phoneLast4 === undefined ? null : (
          <p className={css['quiet']}>{t('identify.phoneEnds', { digits: member.phoneLast4 })}</p>
        )}
      </div>
      {missing.length > 0 ? <Missing decisions={props.decisions} /> : null}
      <dl className={css['figures']}>
        <div>
          <dt>{t('member.points')}</dt>
          <dd>{format.number(member.points)}</dd>
        </div>
        <div>
          <dt>{t('member.yearSpend')}</dt>
          <dd>{format.price(member.yearSpendMinor)}</dd>
        </div>
      </dl>
      {member.points < 0 ? (
        <p className={css['quiet']}>
          {t('member.owes', { number: format.number(-member.points) })}
        </p>
      ) : null}
      {pointsPending === undefined ? null : (
        <p className={css['quiet']}>
          {[
            t('member.pending', { number: format.number(pointsPending) }),
            ...(firstAvailableOn === undefined
              ? []
              : [t('member.pendingFrom', { day: format.day(firstAvailableOn) })]),
          ].join(' · ')}
        </p>
      )}
      <section className={css['part']} aria-label={t('member.owed')}>
        <h3>{t('member.owed')}</h3>
        <ul>
          {member.birthdayToday ? (
            <li>
              <IconCake size={20} aria-hidden="true" />
              <span>{t('member.birthday')}</span>
            </li>
          ) : null}
          {member.entitlements.map(({ kind, validUntil }) => (
            <li key={kind}>
              <IconGift size={20} aria-hidden="true" />
              <span>
                {names.entitlement(kind)}
                {validUntil === undefined ? null : (
                  <small> {t('member.validUntil', { day: format.day(validUntil) })}</small>
                )}
              </span>
            </li>
          ))}
          {member.pointsExpiringSoon > 0 && firstExpiryOn !== undefined ? (
            <li>
              <IconHourglass size={20} aria-hidden="true" />
              <span>
                {t('member.expiring', {
                  number: format.number(member.pointsExpiringSoon),
                  day: format.day(firstExpiryOn),
                })}
              </span>
            </li>
          ) : null}
          {!member.birthdayToday &&
          member.entitlements.length === 0 &&
          member.pointsExpiringSoon === 0 ? (
            <li className={css['quiet']}>{t('member.owedNothing')}</li>
          ) : null}
        </ul>
      </section>
      {missing.length === 0 ? <Missing decisions={props.decisions} /> : null}
      <p className={css['asOf']}>
        {t('member.asOf', { time: format.moment(member.updatedAt, now()) })}
      </p>
    </div>
  );
}

/** What keeps the member from something: before everything else while there is something, a short word at the end otherwise. */
function Missing(props: { readonly decisions: readonly Decision[] }) {
  const { t, say } = useLanguage();
  const missing = props.decisions.filter(({ outcome }) => outcome !== 'enough');
  return (
    <section
      className={`${css['part']} ${missing.length > 0 ? css['missing'] : ''}`}
      aria-label={t('member.missing')}
    >
      <h3>{t('member.missing')}</h3>
      <ul>
        {missing.map((decision) => (
          <li key={`${decision.action}-${decision.amountMinor ?? 0}`}>
            <ToneShape tone={decision.outcome === 'refuse' ? 'bad' : 'warn'} size={20} />
            <span>
              <strong>{t(`override.actions.${decision.action}`)}</strong>
              {[...decision.reasons, ...decision.stepUp].map(({ text }) => (
                <span key={text.en} className={css['line']}>
                  {say(text)}
                </span>
              ))}
            </span>
          </li>
        ))}
        {missing.length === 0 ? (
          <li>
            <ToneShape tone="ok" size={20} />
            <span>{t('member.missingNothing')}</span>
          </li>
        ) : null}
      </ul>
    </section>
  );
}
