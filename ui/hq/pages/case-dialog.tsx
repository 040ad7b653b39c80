import { Button, Group, Modal, Radio, Textarea } from '@mantine/core';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { DONE_WORDS, exceptionWords } from '../../../sync/protocol/exception-words.ts';
import {
  EXCEPTION_NOTE_MAX,
  type ExceptionCase,
  type ExceptionDone,
  exceptionDoneSchema,
} from '../../../sync/protocol/exceptions.ts';
import type { HqReply } from '../../../sync/protocol/hq-api.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { Messages } from '../i18n/zh-cn.ts';
import { useFormat } from '../use-format.ts';
import css from './pages.module.css';
import { type CallUse, useCall } from './use-call.ts';

interface Props {
  readonly shown: ExceptionCase;
  readonly onClose: () => void;
}

/**
 * One case: what happened, what to do, the entry that it is about, and its history; settled or opened again here. It stays as
 * it was when it was opened until somebody acts: where another person was faster, what they did is shown.
 */
export function CaseDialog({ shown: opened, onClose }: Props) {
  const { t, say } = useLanguage();
  const [shown, setShown] = useState(opened);
  const onReply = useCallback(
    (reply: HqReply<'settleException'>) => (reply.changed ? onClose() : setShown(reply.case)),
    [onClose],
  );
  const { what, next } = exceptionWords(shown.code);
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t('cases.number', { id: shown.id })}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <div className={css['column']}>
        <Notice tone={shown.state === 'open' ? 'warn' : 'ok'} title={say(what)}>
          {shown.state === 'open' ? `${t('cases.next')}: ${say(next)}` : t('cases.settled')}
        </Notice>
        {shown === opened ? null : <Notice tone="info" title={t('cases.meanwhile')} />}
        <CaseFacts shown={shown} />
        <History shown={shown} />
        {shown.state === 'open' ? (
          <SettleForm id={shown.id} onReply={onReply} onClose={onClose} />
        ) : (
          <ReopenForm id={shown.id} onReply={onReply} onClose={onClose} />
        )}
      </div>
    </Modal>
  );
}

function CaseFacts({ shown }: Pick<Props, 'shown'>) {
  const { t } = useLanguage();
  const format = useFormat();
  const { entry, detail } = shown;
  const rows: [string, string][] = [
    [t('cases.at'), format.fullMoment(shown.at)],
    [
      t('cases.where'),
      [
        shown.storeId ?? '—',
        shown.tillId ?? '—',
        ...(shown.seq === null ? [] : [t('cases.entryLine', { seq: shown.seq })]),
      ].join(' · '),
    ],
    ...(shown.memberId === null ? [] : [[t('cases.member'), shown.memberId] as [string, string]]),
    ...(entry === null
      ? []
      : ([
          [
            t('cases.entry'),
            [
              t(`sales.kinds.${entry.kind as keyof Messages['sales']['kinds']}`),
              entry.returnId ?? entry.saleId,
              format.fullMoment(entry.at),
            ].join(' · '),
          ],
          [t('cases.amount'), format.money(entry.payableMinor, entry.currency)],
          [t('cases.earned'), format.number(entry.pointsEarned)],
          [t('cases.spent'), format.number(entry.pointsSpent)],
        ] as [string, string][])),
    ...(Object.keys(detail).length === 0
      ? []
      : [
          [
            t('cases.detail'),
            Object.entries(detail)
              .map(([name, value]) => `${name}: ${textOf(value)}`)
              .join('\n'),
          ] as [string, string],
        ]),
  ];
  return (
    <dl className={css['facts']}>
      {rows.map(([name, value]) => (
        <div key={name} className={css['pairOf']}>
          <dt className={css['faint']}>{name}</dt>
          <dd className={css['wrap']}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function History({ shown }: Pick<Props, 'shown'>) {
  const { t, say } = useLanguage();
  const format = useFormat();
  return (
    <section aria-label={t('cases.history')}>
      <h3 className={css['strong']}>{t('cases.history')}</h3>
      {shown.steps.length === 0 ? <p className={css['faint']}>{t('cases.noHistory')}</p> : null}
      <ol className={css['steps']}>
        {shown.steps.map((step) => (
          <li key={`${step.at} ${step.step}`}>
            {step.step === 'settled' ? say(DONE_WORDS[step.done]) : t('cases.reopened')}:{' '}
            {step.note}
            <span className={css['below']}>
              {format.fullMoment(step.at)} · {step.by}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

interface ActProps {
  readonly id: number;
  readonly onReply: (reply: HqReply<'settleException'>) => void;
  readonly onClose: () => void;
}

function SettleForm({ id, onReply, onClose }: ActProps) {
  const { t, say } = useLanguage();
  const [done, setDone] = useState<ExceptionDone | null>(null);
  const settle = useCall('settleException');
  return (
    <NoteForm
      act={settle}
      isReady={done !== null}
      words={{ note: t('cases.note'), leave: t('app.cancel'), act: t('cases.settle') }}
      onSubmit={(note) => {
        if (done !== null) void settle.run({ id, done, note });
      }}
      onReply={onReply}
      onClose={onClose}
    >
      <Radio.Group
        label={t('cases.done')}
        value={done}
        onChange={(value) => setDone(value as ExceptionDone)}
      >
        <div className={css['choices']}>
          {exceptionDoneSchema.options.map((value) => (
            <Radio
              key={value}
              value={value}
              label={say(DONE_WORDS[value])}
              classNames={{ body: css['choice'] ?? '', labelWrapper: css['choiceLabel'] ?? '' }}
            />
          ))}
        </div>
      </Radio.Group>
    </NoteForm>
  );
}

function ReopenForm({ id, onReply, onClose }: ActProps) {
  const { t } = useLanguage();
  const reopen = useCall('reopenException');
  return (
    <NoteForm
      act={reopen}
      color="bad"
      words={{ note: t('cases.reopenNote'), leave: t('app.close'), act: t('cases.reopen') }}
      onSubmit={(note) => void reopen.run({ id, note })}
      onReply={onReply}
      onClose={onClose}
    />
  );
}

interface NoteFormProps extends Omit<ActProps, 'id'> {
  readonly act: Pick<CallUse<'settleException'>, 'busy' | 'problem' | 'reply'>;
  readonly words: { readonly note: string; readonly leave: string; readonly act: string };
  readonly color?: string;
  /** Whether all but the note is filled in. */
  readonly isReady?: boolean;
  readonly onSubmit: (note: string) => void;
  readonly children?: ReactNode;
}

/** What either act needs: a note that stays on record, the button, and why headquarters refused. */
function NoteForm(props: NoteFormProps) {
  const { act, words, color, isReady = true, onSubmit, onReply, onClose, children } = props;
  const [note, setNote] = useState('');
  const { reply } = act;
  useEffect(() => {
    if (reply !== null) onReply(reply);
  }, [reply, onReply]);
  return (
    <form
      className={css['column']}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(note.trim());
      }}
    >
      {children}
      <Textarea
        label={words.note}
        value={note}
        maxLength={EXCEPTION_NOTE_MAX}
        autosize
        minRows={2}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <ProblemNotice problem={act.problem} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {words.leave}
        </Button>
        <Button
          type="submit"
          color={color}
          loading={act.busy}
          disabled={!isReady || note.trim() === ''}
        >
          {words.act}
        </Button>
      </Group>
    </form>
  );
}
