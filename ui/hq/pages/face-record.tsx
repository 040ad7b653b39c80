import { Button, Group } from '@mantine/core';
import { useEffect } from 'react';
import type { MemberId } from '../../../agent/contract/ids.ts';
import type { FaceReceipts } from '../../../sync/protocol/face.ts';
import { Notice } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { Messages } from '../i18n/zh-cn.ts';
import { useFormat } from '../use-format.ts';
import css from './pages.module.css';
import { useCall } from './use-call.ts';

/** What a program of another version says has no word of ours: it is shown as it is. */
type Words = Messages['faces'];
type Consent = FaceReceipts['consents'][number];
type Template = FaceReceipts['templates'][number];

/** What headquarters has on record of a member's face, to read to them or to print, and its end. */
export function FaceRecord(props: {
  readonly memberId: MemberId;
  /** Templates that were ended a moment ago; null = nobody withdrew anything. */
  readonly ended: number | null;
  readonly onWithdraw: () => void;
}) {
  const { memberId, ended, onWithdraw } = props;
  const { t } = useLanguage();
  const read = useCall('faceReceipts');
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for another member, and once something has ended.
  useEffect(() => {
    void read.run({ memberId });
  }, [memberId, ended]);
  const record = read.reply;
  const isEmpty = record?.consents.length === 0 && record.templates.length === 0;
  return (
    <Panel title={t('faces.record', { member: memberId })}>
      <div className={css['column']}>
        <ProblemNotice problem={read.problem} />
        {record === null && read.problem === null ? <p>{t('app.loading')}</p> : null}
        {ended === null ? null : (
          <Notice tone="ok" title={t('faces.withdrawn', { count: ended })} />
        )}
        {isEmpty ? <Notice tone="info" title={t('faces.none')} /> : null}
        {record === null || record.consents.length === 0 ? null : (
          <section className={css['column']} aria-label={t('faces.consents')}>
            <p className={css['strong']}>{t('faces.consents')}</p>
            {record.consents.map((one) => (
              <ConsentLine key={one.consentId} consent={one} />
            ))}
          </section>
        )}
        {record === null || record.templates.length === 0 ? null : (
          <section className={css['column']} aria-label={t('faces.templates')}>
            <p className={css['strong']}>{t('faces.templates')}</p>
            {record.templates.map((one) => (
              <TemplateLines key={one.templateId} template={one} />
            ))}
          </section>
        )}
        <Group justify="flex-end" data-print="no">
          <Button variant="default" disabled={record === null} onClick={() => print()}>
            {t('faces.print')}
          </Button>
          <Button color="bad" onClick={onWithdraw}>
            {t('faces.withdraw')}
          </Button>
        </Group>
      </div>
    </Panel>
  );
}

function ConsentLine({ consent }: { readonly consent: Consent }) {
  const { t } = useLanguage();
  const format = useFormat();
  const { scope, textVersion, language, channel, witnessId, storeId, at } = consent;
  return (
    <div>
      <p>
        {t('faces.consent', {
          scope: t(`faces.scope.${scope}`),
          version: textVersion,
          language: t(`faces.language.${language}`),
        })}
      </p>
      <p className={css['faint']}>
        {t('faces.consentFacts', {
          at: format.fullMoment(at),
          store: storeId,
          channel: t(`faces.channel.${channel as keyof Words['channel']}`, {
            defaultValue: channel,
          }),
          witness: witnessId,
        })}
      </p>
    </div>
  );
}

/** What is said of a till that has not destroyed the key. */
function wordOf({ isGone }: Template['tills'][number], isEnded: boolean) {
  if (isGone) return isEnded ? 'faces.tillPendingGone' : 'faces.tillHoldsGone';
  return isEnded ? 'faces.tillPending' : 'faces.tillHolds';
}

function TemplateLines({ template }: { readonly template: Template }) {
  const { t } = useLanguage();
  const format = useFormat();
  const { templateId, ended, stores, tills, destroyed } = template;
  return (
    <div className={css['column']}>
      <StatusMark tone={ended === null ? 'info' : destroyed ? 'ok' : 'warn'}>
        {ended === null
          ? t('faces.inUse')
          : t('faces.ended', {
              at: format.fullMoment(ended.at),
              reason: t(`faces.reason.${ended.reason as keyof Words['reason']}`, {
                defaultValue: ended.reason,
              }),
            })}
      </StatusMark>
      {ended === null ? null : <p>{t(destroyed ? 'faces.destroyed' : 'faces.pending')}</p>}
      <ul>
        {tills.map((one) => (
          <li key={one.tillId}>
            {one.confirmedAt === null
              ? t(wordOf(one, ended !== null), { till: one.tillId })
              : t('faces.tillDone', { till: one.tillId, at: format.fullMoment(one.confirmedAt) })}
          </li>
        ))}
      </ul>
      <p className={css['faint']}>
        {stores.length === 0
          ? t('faces.storesNone')
          : t('faces.stores', { stores: stores.join(', ') })}
      </p>
      <p className={css['faint']}>{templateId}</p>
    </div>
  );
}
