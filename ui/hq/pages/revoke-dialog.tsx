import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { TillRow } from '../../../sync/protocol/fleet.ts';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import css from './pages.module.css';
import { useCall } from './use-call.ts';

/** Takes a till out of the chain, with the reason that stays on record. */
export function RevokeDialog({
  till,
  onClose,
}: {
  readonly till: TillRow;
  readonly onClose: () => void;
}) {
  const { t } = useLanguage();
  const [reason, setReason] = useState('');
  const revoke = useCall('revokeTill');
  const done = revoke.reply !== null;
  useEffect(() => {
    if (done) onClose();
  }, [done, onClose]);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('tills.revokeTitle', { till: till.tillId })}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <form
        className={css['column']}
        onSubmit={(event) => {
          event.preventDefault();
          void revoke.run({ tillId: till.tillId, reason: reason.trim() });
        }}
      >
        <p>{t('tills.revokeHint')}</p>
        <TextInput
          label={t('tills.reason')}
          value={reason}
          maxLength={200}
          data-autofocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ProblemNotice problem={revoke.problem} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" color="bad" loading={revoke.busy} disabled={reason.trim() === ''}>
            {t('tills.revoke')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
