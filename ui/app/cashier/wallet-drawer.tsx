import { Button, Drawer } from '@mantine/core';
import { useState } from 'react';
import type { IdentificationId, MemberId, Wallet } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useNames } from '../i18n/use-names.ts';
import { useAnswer } from '../kit/use-answer.ts';
import { useTask } from '../kit/use-task.ts';
import list from './drawer-list.module.css';
import { LinkPass } from './link-pass.tsx';
import { useTill } from './till-context.ts';
import { useFormat } from './use-format.ts';
import css from './wallet-drawer.module.css';

/** What a member has to use: points by category, where they come from, coupons, rights. */
export function WalletDrawer(props: {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly memberId: MemberId;
  /** Of this member, where they are at the till now. */
  readonly identificationId: IdentificationId | undefined;
}) {
  const { t } = useLanguage();
  return (
    <Drawer
      opened={props.opened}
      onClose={props.onClose}
      title={t('wallet.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <Shown memberId={props.memberId} />
      {props.identificationId === undefined ? null : (
        <LinkPass key={props.identificationId} identificationId={props.identificationId} />
      )}
    </Drawer>
  );
}

/** Asked afresh each time it is opened: points and coupons change with every sale. */
function Shown({ memberId }: { readonly memberId: MemberId }) {
  const { t } = useLanguage();
  const names = useNames();
  const { link } = useTill();
  const { value: wallet, problem } = useAnswer(memberId, () =>
    link.client.pos.members.wallet({ id: memberId }),
  );
  if (problem !== null) return <ProblemNotice problem={problem} />;
  if (wallet === null) return <p role="status">{t('app.loading')}</p>;
  return (
    <div className={css['wallet']} data-testid="wallet">
      <p className={css['who']}>
        {wallet.maskedName} · {names.tier(wallet.tier)}
      </p>
      <Points wallet={wallet} />
      <Coupons wallet={wallet} />
      <Rights wallet={wallet} />
      <Lots wallet={wallet} />
    </div>
  );
}

function Points({ wallet: { buckets } }: { readonly wallet: Wallet }) {
  const { t } = useLanguage();
  const names = useNames();
  const format = useFormat();
  return (
    <section aria-label={t('wallet.points')}>
      <h3 className={css['head']}>{t('wallet.points')}</h3>
      {buckets.length === 0 ? <p className={css['quiet']}>{t('wallet.noPoints')}</p> : null}
      <ul className={css['buckets']}>
        {buckets.map(({ bucket, available, pending, expiringSoon, firstExpiryOn }) => (
          <li key={bucket} className={css['bucket']}>
            <p className={css['kind']}>{names.bucket(bucket)}</p>
            <p className={available < 0 ? css['owed'] : css['amount']}>
              <small>{available < 0 ? t('wallet.owes') : t('wallet.available')}</small>{' '}
              {format.number(Math.abs(available))}
            </p>
            {pending > 0 ? (
              <p className={css['fact']}>
                {t('wallet.pending', { number: format.number(pending) })}
              </p>
            ) : null}
            {expiringSoon > 0 && firstExpiryOn !== undefined ? (
              <p className={css['fact']}>
                {t('wallet.expiring', {
                  number: format.number(expiringSoon),
                  day: format.day(firstExpiryOn),
                })}
              </p>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Coupons({ wallet: { coupons } }: { readonly wallet: Wallet }) {
  const { t, say } = useLanguage();
  const { link, view } = useTill();
  const format = useFormat();
  const inBasket = view.sale?.evaluation.couponsUsed ?? [];
  const [used, setUsed] = useState<readonly string[]>([]);
  // The basket is the POS's: a coupon goes there the way a scanned one does.
  const use = useTask(async (code: string) => {
    await link.client.screen.devices.wedge({ text: code });
    setUsed((before) => [...before, code]);
  });
  return (
    <section aria-label={t('wallet.coupons')}>
      <h3 className={css['head']}>{t('wallet.coupons')}</h3>
      <p className={css['quiet']}>
        {coupons.length === 0 ? t('wallet.noCoupons') : t('wallet.couponsHint')}
      </p>
      <ProblemNotice problem={use.problem} />
      <ul className={list['list']}>
        {coupons.map(({ ruleId, code, name, state, usesLeft, until }) => (
          <li key={`${ruleId}-${code}`} className={list['row']}>
            <div className={list['words']}>
              <p className={list['name']}>{say(name)}</p>
              <p className={list['facts']}>
                {[
                  code,
                  ...(until === undefined ? [] : [t('wallet.until', { day: format.day(until) })]),
                  ...(usesLeft === undefined
                    ? []
                    : [t('wallet.usesLeft', { number: format.number(usesLeft) })]),
                ].join(' · ')}
              </p>
              {state === 'unreachable' ? (
                <div className={list['marks']}>
                  <StatusMark tone="warn">{t('wallet.unreachable')}</StatusMark>
                </div>
              ) : null}
            </div>
            {used.includes(code) || inBasket.includes(code) ? (
              <StatusMark tone="ok">{t('wallet.used')}</StatusMark>
            ) : (
              <Button
                variant="default"
                disabled={state === 'unreachable' || use.busy}
                aria-label={`${t('wallet.use')}: ${say(name)}`}
                onClick={() => void use.run(code)}
              >
                {t('wallet.use')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Rights({ wallet: { entitlements } }: { readonly wallet: Wallet }) {
  const { t } = useLanguage();
  const names = useNames();
  const format = useFormat();
  return (
    <section aria-label={t('wallet.rights')}>
      <h3 className={css['head']}>{t('wallet.rights')}</h3>
      {entitlements.length === 0 ? <p className={css['quiet']}>{t('wallet.noRights')}</p> : null}
      <ul>
        {entitlements.map(({ kind, validUntil }) => (
          <li key={kind} className={css['line']}>
            <span>{names.entitlement(kind)}</span>
            <span className={css['fact']}>
              {validUntil === undefined ? '' : t('wallet.until', { day: format.day(validUntil) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Lots({ wallet: { lots } }: { readonly wallet: Wallet }) {
  const { t } = useLanguage();
  const { now } = useEnv();
  const names = useNames();
  const format = useFormat();
  if (lots.length === 0) return null;
  return (
    <section aria-label={t('wallet.lots')}>
      <h3 className={css['head']}>{t('wallet.lots')}</h3>
      <ul>
        {lots.map(({ lotId, bucket, points, earnedAt, channel, expiresOn, availableOn }) => (
          <li key={lotId} className={css['line']}>
            <span>
              {names.bucket(bucket)}
              <small className={css['fact']}>
                {t('wallet.lotEarned', {
                  day: format.moment(earnedAt, now()),
                  channel: t(`wallet.channel.${channel}`),
                })}
              </small>
              {availableOn === undefined || availableOn <= format.dayOf(now()) ? null : (
                <small className={css['fact']}>
                  {t('wallet.lotFrom', { day: format.day(availableOn) })}
                </small>
              )}
            </span>
            <span className={css['right']}>
              <strong>{format.number(points)}</strong>
              <small className={css['fact']}>
                {expiresOn === undefined
                  ? t('wallet.lotForever')
                  : t('wallet.lotUntil', { day: format.day(expiresOn) })}
              </small>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
