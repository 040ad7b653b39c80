import { Button, Checkbox, Modal } from '@mantine/core';
import { useState } from 'react';
import type { FaceOverview, FaceUse } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { StatusMark, type Tone } from '../../kit/status-mark.tsx';
import dialog from '../cashier/dialog.module.css';
import list from '../cashier/drawer-list.module.css';
import { useTill } from '../cashier/till-context.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useTask } from '../kit/use-task.ts';
import { useTillPoll } from '../kit/use-till-poll.ts';
import { FaceEnds } from './face-ends.tsx';
import css from './face-keeping.module.css';
import more from './manager-more.module.css';

/** How often the figures are read. */
const FACES_POLL_MS = 3_000;

const TONES: Readonly<Record<FaceUse, Tone>> = {
  on: 'ok',
  paused: 'warn',
  'store-off': 'idle',
  'not-set': 'idle',
  absent: 'idle',
};

/** What lies at this till of faces, its pause and its end; nothing where a till never had any. */
export function FaceKeeping() {
  const { t } = useLanguage();
  const { data, problem } = useTillPoll((till) => till.screen.faces.overview(), FACES_POLL_MS);
  if (data === null) return problem === null ? null : <ProblemNotice problem={problem} />;
  const isUnused = data.use === 'absent' || (data.use === 'not-set' && data.stored === 0);
  if (isUnused && data.ends.waitingInAll === 0) return null;
  return (
    <section className={css['keeping']} aria-label={t('faceKeep.title')}>
      <div className={css['head']}>
        <h2 className={more['title']}>{t('faceKeep.title')}</h2>
        <StatusMark tone={TONES[data.use]}>{t(`faceKeep.use.${data.use}`)}</StatusMark>
      </div>
      <Figures overview={data} />
      <FaceEnds ends={data.ends} />
      {data.use === 'absent' ? null : <Acts overview={data} />}
    </section>
  );
}

function Figures({ overview }: { readonly overview: FaceOverview }) {
  const { t, say } = useLanguage();
  const format = useFormat();
  const { templates, keys, attempts, warning } = overview;
  const kinds = (['usable', 'withoutKey', 'damaged', 'otherModel'] as const)
    .filter((kind) => kind === 'usable' || templates[kind] > 0)
    .map((kind) => t(`faceKeep.${kind}`, { count: templates[kind] }));
  return (
    <>
      <dl className={css['figures']}>
        <div>
          <dt>{t('faceKeep.stored')}</dt>
          <dd>
            {t('faceKeep.ofLimit', {
              stored: format.number(overview.stored),
              limit: format.number(overview.limit),
            })}
          </dd>
          <dd className={list['facts']}>{kinds.join(' · ')}</dd>
        </div>
        <div>
          <dt>{t('faceKeep.keys')}</dt>
          <dd>{format.number(keys.kept)}</dd>
          <dd className={list['facts']}>{t('faceKeep.erasedKeys', { count: keys.erased })}</dd>
        </div>
        <div>
          <dt>{t('faceKeep.attempts', { minutes: Math.round(attempts.windowSeconds / 60) })}</dt>
          <dd>{t('faceKeep.ofAttempts', { failed: attempts.failed, limit: attempts.limit })}</dd>
        </div>
      </dl>
      {warning === undefined ? null : <Notice tone="warn" title={say(warning)} />}
      {overview.refusedMessages === 0 ? null : (
        <Notice tone="warn" title={t('faceKeep.refused', { count: overview.refusedMessages })} />
      )}
    </>
  );
}

function Acts({ overview }: { readonly overview: FaceOverview }) {
  const { t } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  const { link } = useTill();
  const { faces } = link.client.screen;
  const [asking, setAsking] = useState(false);
  const [isSure, setSure] = useState(false);
  const close = (): void => {
    setAsking(false);
    setSure(false);
  };
  const turn = useTask(async (paused: boolean) => faces.pause({ paused }));
  const erase = useTask(async () => {
    await faces.erase();
    close();
  });
  const isPaused = overview.use === 'paused';
  return (
    <div className={css['acts']}>
      {overview.erasing ? (
        <Notice tone="info" title={t('faceKeep.erasing', { count: overview.stored })} />
      ) : null}
      <p className={list['facts']}>
        {overview.pausedAt === undefined
          ? ''
          : `${t('faceKeep.since', { time: format.moment(overview.pausedAt, now()) })} · `}
        {t('faceKeep.scope')}
      </p>
      <ProblemNotice problem={turn.problem} />
      <div className={css['buttons']}>
        <Button
          variant="default"
          loading={turn.busy}
          disabled={overview.erasing}
          onClick={() => void turn.run(!isPaused)}
        >
          {t(isPaused ? 'faceKeep.resume' : 'faceKeep.pause')}
        </Button>
        <Button
          variant="default"
          disabled={overview.erasing || overview.stored === 0}
          onClick={() => setAsking(true)}
        >
          {t('faceKeep.erase')}
        </Button>
      </div>
      <Modal
        opened={asking}
        onClose={close}
        title={t('faceKeep.sureTitle')}
        size={560}
        closeButtonProps={{ 'aria-label': t('app.close') }}
      >
        <div className={dialog['stack']}>
          <p>{t('faceKeep.sureBody', { count: overview.stored })}</p>
          <Checkbox
            size="md"
            label={t('faceKeep.sureCheck')}
            checked={isSure}
            onChange={(event) => setSure(event.currentTarget.checked)}
            data-autofocus
          />
          <ProblemNotice problem={erase.problem} />
          <div className={dialog['actions']}>
            <Button variant="default" onClick={close}>
              {t('app.cancel')}
            </Button>
            <Button
              color="bad"
              disabled={!isSure}
              loading={erase.busy}
              onClick={() => void erase.run(undefined)}
            >
              {t('faceKeep.sureAct')}
            </Button>
          </div>
        </div>
      </Modal>
    </div>
  );
}
