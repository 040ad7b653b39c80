import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { MemberId } from '../../../agent/contract/ids.ts';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import css from './pages.module.css';
import { useCall } from './use-call.ts';

/** Ends the face of a member who asked headquarters for it, with the reason that stays on record. */
export function WithdrawFaceDialog(props: {
  readonly memberId: MemberId;
  readonly onClose: () => void;
  readonly onDone: (ended: number) => void;
}) {
  const { memberId, onClose, onDone } = props;
  const { t } = useLanguage();
  const [reason, setReason] = useState('');
  const withdraw = useCall('withdrawFaces');
  const ended = withdraw.reply?.ended ?? null;
  useEffect(() => {
    if (ended !== null) onDone(ended);
  }, [ended, onDone]);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('faces.withdrawTitle', { member: memberId })}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <form
        className={css['column']}
        onSubmit={(event) => {
          event.preventDefault();
          void withdraw.run({ memberId, reason: reason.trim() });
        }}
      >
        <p>{t('faces.withdrawHint')}</p>
        <TextInput
          label={t('faces.withdrawReason')}
          value={reason}
          maxLength={200}
          data-autofocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ProblemNotice problem={withdraw.problem} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" color="bad" loading={withdraw.busy} disabled={reason.trim() === ''}>
            {t('faces.withdraw')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
