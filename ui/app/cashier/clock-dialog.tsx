import { Button, Modal } from '@mantine/core';
import type { FormEvent } from 'react';
import { useEnv } from '../../kit/env.ts';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useTask } from '../kit/use-task.ts';
import dialog from './dialog.module.css';
import { useManagerSignature } from './manager-signature.tsx';
import { useTill } from './till-context.ts';
import { useFormat } from './use-format.ts';

/** A manager confirms that the system's clock is right, after it was put right. */
export function ClockDialog(props: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useLanguage();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('clock.title')}
      size={560}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <Form onClose={props.onClose} />
    </Modal>
  );
}

function Form({ onClose }: { readonly onClose: () => void }) {
  const { t } = useLanguage();
  const { link, store } = useTill();
  const { now } = useEnv();
  const format = useFormat();
  const { managerId, pin, given, fields } = useManagerSignature({ autofocus: true });
  const confirm = useTask(async () => {
    await link.client.screen.till.confirmTime({ managerId, pin });
    await store.reload();
    onClose();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (given) void confirm.run(undefined);
  };
  return (
    <form className={dialog['stack']} onSubmit={submit}>
      <p>{t('clock.intro')}</p>
      <p>
        <strong>
          {t('clock.system', { time: format.fullMoment(new Date(now()).toISOString()) })}
        </strong>
      </p>
      {fields}
      <ProblemNotice problem={confirm.problem} />
      <div className={dialog['actions']}>
        <Button variant="default" onClick={onClose}>
          {t('app.cancel')}
        </Button>
        <Button type="submit" loading={confirm.busy} disabled={!given}>
          {t('clock.confirm')}
        </Button>
      </div>
    </form>
  );
}
