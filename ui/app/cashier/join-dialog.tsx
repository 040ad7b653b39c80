import { Button, Checkbox, Modal, Select, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import type { JoinConsent, JoinRequest } from '../../../agent/contract/index.ts';
import { LANGUAGES } from '../../../agent/contract/text.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { type Problem, toProblem } from '../kit/problem.ts';
import { useTask } from '../kit/use-task.ts';
import dialog from './dialog.module.css';
import css from './join-dialog.module.css';
import { useTill } from './till-context.ts';

const CHANNELS = ['spoken', 'paper', 'customer-screen'] as const;
/** Fewer digits are no whole number anywhere that we know of. */
const PHONE = /^\+?\d{8,15}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** A shopper joins: what they agree to in both languages, their number, and how they agreed. */
export function JoinDialog(props: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useLanguage();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('join.title')}
      size={720}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <Consented onClose={props.onClose} />
    </Modal>
  );
}

/** Reads the text in force first: without one nobody joins. */
function Consented({ onClose }: { readonly onClose: () => void }) {
  const { t } = useLanguage();
  const { link } = useTill();
  const [consent, setConsent] = useState<JoinConsent | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let wanted = true;
    link.client.pos.consent.get().then(
      (found) => wanted && setConsent(found),
      (error: unknown) => wanted && setProblem(toProblem(error)),
    );
    return () => {
      wanted = false;
    };
  }, [link]);
  if (problem !== null) return <ProblemNotice problem={problem} />;
  if (consent === null) return <p role="status">{t('join.loading')}</p>;
  return <Form consent={consent} onClose={onClose} />;
}

function Form({
  consent,
  onClose,
}: {
  readonly consent: JoinConsent;
  readonly onClose: () => void;
}) {
  const { t } = useLanguage();
  const { link, store } = useTill();
  const [phone, setPhone] = useState('');
  const [name, setName] = useState('');
  const [birthday, setBirthday] = useState('');
  const [channel, setChannel] = useState<JoinRequest['consentChannel']>('spoken');
  const [agreed, setAgreed] = useState(false);
  const [isKnown, setKnown] = useState(false);
  const digits = phone.replace(/[\s-]/g, '');
  const phoneOk = PHONE.test(digits);
  const birthdayOk = birthday === '' || DAY.test(birthday);
  const join = useTask(async () => {
    const reply = await link.client.pos.members.create({
      phone: digits,
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      ...(birthday === '' ? {} : { birthday }),
      consentVersion: consent.consentVersion,
      consentChannel: channel,
    });
    store.show({ identification: reply.identification });
    if (reply.joined) onClose();
    else setKnown(true);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (phoneOk && birthdayOk && agreed) void join.run(undefined);
  };
  if (isKnown)
    return (
      <div className={dialog['stack']}>
        <Notice tone="info" title={t('join.known')} />
        <div className={dialog['actions']}>
          <Button onClick={onClose}>{t('app.close')}</Button>
        </div>
      </div>
    );
  return (
    <form className={dialog['stack']} onSubmit={submit}>
      <div className={dialog['pair']}>
        <TextInput
          label={t('join.phone')}
          placeholder={t('join.phoneHint')}
          value={phone}
          onChange={(event) => setPhone(event.currentTarget.value)}
          error={phone !== '' && !phoneOk ? t('join.wrongPhone') : null}
          inputMode="tel"
          autoComplete="off"
          maxLength={20}
          required
          data-autofocus
        />
        <TextInput
          label={t('join.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          maxLength={80}
        />
        <TextInput
          label={t('join.birthday')}
          value={birthday}
          onChange={(event) => setBirthday(event.currentTarget.value)}
          error={birthdayOk ? null : t('join.wrongBirthday')}
          placeholder="1990-05-01"
          inputMode="numeric"
          autoComplete="off"
          maxLength={10}
        />
        <Select
          label={t('join.channel')}
          data={CHANNELS.map((value) => ({ value, label: t(`join.channels.${value}`) }))}
          value={channel}
          onChange={(value) => setChannel(CHANNELS.find((each) => each === value) ?? 'spoken')}
          allowDeselect={false}
        />
      </div>
      <section aria-label={t('join.consent', { version: consent.consentVersion })}>
        <h3 className={dialog['head']}>{t('join.consent', { version: consent.consentVersion })}</h3>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1). */}
        <div className={css['consent']} tabIndex={0}>
          {LANGUAGES.map((language) => (
            <p key={language} lang={language}>
              {consent.consentText[language]}
            </p>
          ))}
        </div>
      </section>
      <Checkbox
        size="48px"
        classNames={{ label: css['agreed'] ?? '' }}
        label={t('join.agreed')}
        checked={agreed}
        onChange={(event) => setAgreed(event.currentTarget.checked)}
      />
      <ProblemNotice problem={join.problem} />
      <div className={dialog['actions']}>
        <Button variant="default" onClick={onClose}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" loading={join.busy} disabled={!phoneOk || !birthdayOk || !agreed}>
          {t('join.do')}
        </Button>
      </div>
    </form>
  );
}
