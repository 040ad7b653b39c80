import { Button, Modal } from '@mantine/core';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import type { PairedClient, PairingWindow } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { type Problem, toProblem } from '../kit/problem.ts';
import { useTask } from '../kit/use-task.ts';
import dialog from './dialog.module.css';
import list from './drawer-list.module.css';
import { useManagerSignature } from './manager-signature.tsx';
import { useTill } from './till-context.ts';
import { useFormat } from './use-format.ts';

/** How often the list is read while the dialog is open, to see a program arrive. */
const LIST_POLL_MS = 2_000;

/** Shows a pairing code against a manager's PIN, and the programs that are paired. */
export function PairingDialog(props: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useLanguage();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('pairing.title')}
      size={620}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <Body />
    </Modal>
  );
}

function Body() {
  const { t } = useLanguage();
  const { now } = useEnv();
  const { link } = useTill();
  const format = useFormat();
  const { managerId, pin, given, fields, clearPin } = useManagerSignature({ autofocus: true });
  const [open, setOpen] = useState<PairingWindow | null>(null);
  const [clients, setClients] = useState<readonly PairedClient[]>([]);
  const [asked, setAsked] = useState<PairedClient | null>(null);
  const [failed, setFailed] = useState<Problem | null>(null);
  const { screen } = link.client;

  const read = useCallback(async () => {
    try {
      const { clients: paired, window } = await screen.clients.list();
      setClients(paired);
      setOpen(window);
      setFailed(null);
    } catch (error) {
      setFailed(toProblem(error));
    }
  }, [screen]);
  useEffect(() => {
    void read();
    const timer = setInterval(() => void read(), LIST_POLL_MS);
    return () => clearInterval(timer);
  }, [read]);

  const show = useTask(async () => {
    setOpen(await screen.clients.openPairing({ managerId, pin }));
    clearPin();
  });
  const revoke = useTask(async ({ clientId }: PairedClient) => {
    await screen.clients.revoke({ clientId });
    setAsked(null);
    await read();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void show.run(undefined);
  };
  return (
    <div className={dialog['stack']}>
      {open === null ? (
        <form className={dialog['stack']} onSubmit={submit}>
          <p>{t('pairing.intro')}</p>
          {fields}
          <ProblemNotice problem={show.problem} />
          <Button type="submit" loading={show.busy} disabled={!given}>
            {t('pairing.open')}
          </Button>
        </form>
      ) : (
        <div className={dialog['code']}>
          <p>{t('pairing.code')}</p>
          <output className={dialog['digits']} data-testid="pairing-code">
            {open.code.slice(0, 3)} {open.code.slice(3)}
          </output>
          <p>{t('pairing.until', { time: format.time(open.expiresAt), number: open.triesLeft })}</p>
          <p>{open.scopes.map((scope) => t(`pairing.scope.${scope}`)).join(' · ')}</p>
        </div>
      )}
      <section aria-label={t('pairing.paired')} className={dialog['stack']}>
        <h3 className={dialog['head']}>{t('pairing.paired')}</h3>
        <ProblemNotice problem={revoke.problem ?? failed} />
        {clients.length === 0 ? <p className={list['facts']}>{t('pairing.none')}</p> : null}
        <ul className={list['list']}>
          {clients.map((client) => (
            <li key={client.clientId} className={list['row']}>
              <div className={list['words']}>
                <p className={list['name']}>{client.name}</p>
                <p className={list['facts']}>
                  {t('pairing.since', { time: format.moment(client.pairedAt, now()) })}
                  {client.lastSeenAt === undefined
                    ? ''
                    : ` · ${t('pairing.lastSeen', { time: format.moment(client.lastSeenAt, now()) })}`}
                </p>
                <p className={list['facts']}>
                  {client.scopes.map((scope) => t(`pairing.scope.${scope}`)).join(' · ')}
                </p>
              </div>
              {asked?.clientId === client.clientId ? (
                <div className={dialog['sure']}>
                  <span>{t('pairing.revokeSure', { name: client.name })}</span>
                  <Button color="bad" onClick={() => void revoke.run(client)} loading={revoke.busy}>
                    {t('pairing.revoke')}
                  </Button>
                  <Button variant="default" onClick={() => setAsked(null)}>
                    {t('app.cancel')}
                  </Button>
                </div>
              ) : (
                <Button variant="default" onClick={() => setAsked(client)}>
                  {t('pairing.revoke')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
