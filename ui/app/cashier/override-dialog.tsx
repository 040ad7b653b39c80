import { Button, Modal, Select, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Decision, IdentificationId } from '../../../agent/contract/index.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useTask } from '../kit/use-task.ts';
import dialog from './dialog.module.css';
import { useManagerSignature } from './manager-signature.tsx';
import { useTill } from './till-context.ts';
import { useFormat } from './use-format.ts';

/** Shortest reason, as the contract has it. */
const REASON_MIN_CHARS = 3;

/** A manager vouches once for what the proof does not reach; reason and manager are booked. */
export function OverrideDialog(props: {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly identificationId: IdentificationId;
  /** What was not granted. */
  readonly decisions: readonly Decision[];
}) {
  const { t } = useLanguage();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('override.title')}
      size={560}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {props.decisions.length === 0 ? (
        <Notice tone="info" title={t('override.none')} />
      ) : (
        <Form {...props} />
      )}
    </Modal>
  );
}

function Form(props: {
  readonly onClose: () => void;
  readonly identificationId: IdentificationId;
  readonly decisions: readonly Decision[];
}) {
  const { t, say } = useLanguage();
  const { link, store } = useTill();
  const format = useFormat();
  const { managerId, pin, given, fields } = useManagerSignature();
  const [index, setIndex] = useState(0);
  const [reason, setReason] = useState('');
  const decision = props.decisions[index] ?? props.decisions[0];
  const give = useTask(async () => {
    if (decision === undefined) return;
    await link.client.screen.decisions.override({
      identificationId: props.identificationId,
      action: decision.action,
      ...(decision.amountMinor === undefined ? {} : { amountMinor: decision.amountMinor }),
      reason: reason.trim(),
      managerId,
      pin,
    });
    await store.reload();
    props.onClose();
  });
  if (decision === undefined) return null;
  const ready = given && reason.trim().length >= REASON_MIN_CHARS;
  const label = ({ action, amountMinor }: Decision): string =>
    `${t(`override.actions.${action}`)}${amountMinor === undefined ? '' : ` · ${format.price(amountMinor)}`}`;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready) void give.run(undefined);
  };
  return (
    <form className={dialog['stack']} onSubmit={submit}>
      <p>{t('override.intro')}</p>
      <Select
        label={t('override.action')}
        data={props.decisions.map((each, at) => ({ value: String(at), label: label(each) }))}
        value={String(index)}
        onChange={(value) => setIndex(Number(value ?? 0))}
        allowDeselect={false}
      />
      <Notice
        tone="warn"
        title={t('override.need', {
          needed: t(`override.level.${decision.needed}`),
          level: t(`override.level.${decision.level}`),
        })}
      >
        {decision.reasons.map(({ text }) => say(text)).join(' ')}
      </Notice>
      <Textarea
        label={t('override.reason')}
        description={t('override.reasonShort')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={200}
        rows={2}
        required
        data-autofocus
      />
      {fields}
      <ProblemNotice problem={give.problem} />
      <div className={dialog['actions']}>
        <Button variant="default" onClick={props.onClose}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" loading={give.busy} disabled={!ready}>
          {t('override.give')}
        </Button>
      </div>
    </form>
  );
}
