import { Button, CopyButton, Group, Modal, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { storeIdSchema, tillIdSchema } from '../../../agent/contract/ids.ts';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import css from './pages.module.css';
import { useCall } from './use-call.ts';

/** Makes the ticket that registers one till, to be copied or saved as a file. */
export function TicketDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useLanguage();
  const [tillId, setTillId] = useState('');
  const [storeId, setStoreId] = useState('');
  const make = useCall('issueTicket');
  const till = tillIdSchema.safeParse(tillId.trim());
  const store = storeIdSchema.safeParse(storeId.trim());
  const noSuchStore = make.problem?.field === 'storeId';
  const storeError = noSuchStore
    ? t('tills.noSuchStore')
    : storeId !== '' && !store.success
      ? t('tills.expectId')
      : null;
  const text = make.reply === null ? '' : JSON.stringify(make.reply, undefined, 2);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('tills.ticketTitle')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {make.reply === null ? (
        <form
          className={css['column']}
          onSubmit={(event) => {
            event.preventDefault();
            if (till.success && store.success)
              void make.run({ tillId: till.data, storeId: store.data });
          }}
        >
          <TextInput
            label={t('tills.tillId')}
            value={tillId}
            data-autofocus
            error={tillId !== '' && !till.success ? t('tills.expectId') : null}
            onChange={(event) => setTillId(event.currentTarget.value)}
          />
          <TextInput
            label={t('tills.storeId')}
            value={storeId}
            error={storeError}
            onChange={(event) => {
              setStoreId(event.currentTarget.value);
              make.clear();
            }}
          />
          <ProblemNotice problem={noSuchStore ? null : make.problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('app.cancel')}
            </Button>
            <Button type="submit" loading={make.busy} disabled={!till.success || !store.success}>
              {t('tills.make')}
            </Button>
          </Group>
        </form>
      ) : (
        <div className={css['column']}>
          <p>{t('tills.ticketHint')}</p>
          <Textarea
            aria-label={t('tills.ticketTitle')}
            value={text}
            readOnly
            rows={10}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
          <Group justify="flex-end">
            <CopyButton value={text}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {copied ? t('tills.copied_') : t('tills.copy')}
                </Button>
              )}
            </CopyButton>
            <Button
              component="a"
              href={`data:application/json;charset=utf-8,${encodeURIComponent(text)}`}
              // A link is no button: nothing else puts its label in the middle.
              display="inline-flex"
              style={{ alignItems: 'center' }}
              download={`${make.reply.tillId}.ticket.json`}
            >
              {t('tills.download')}
            </Button>
            <Button variant="default" onClick={onClose}>
              {t('app.close')}
            </Button>
          </Group>
        </div>
      )}
    </Modal>
  );
}
