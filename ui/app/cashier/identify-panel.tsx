import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconCamera } from '@tabler/icons-react';
import { type FormEvent, type Ref, useState } from 'react';
import type { Candidate, Identification } from '../../../agent/contract/index.ts';
import { KeyButton } from '../../kit/key-button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useNames } from '../i18n/use-names.ts';
import { useTask } from '../kit/use-task.ts';
import { RefusedScan } from '../wedge/refused-scan.tsx';
import type { WedgeRefusal } from '../wedge/wedge.ts';
import { isSuggestedByFace } from './face/face-scene.ts';
import css from './identify-panel.module.css';
import { OUTCOME_TONE } from './state-tone.ts';
import { useTill } from './till-context.ts';
import { isLive } from './till-view.ts';

/** By what the cashier types to find a member. */
export type TypedMeans = 'card' | 'phone';

/** Outcomes that name nobody, so that the sale goes on as a guest's. */
const NOBODY: readonly Identification['outcome'][] = [
  'unknown',
  'blocked',
  'expired',
  'too-many',
  'not-a-member-code',
  'refused',
];

/** Who is standing there: one sentence of state, and the ways to find out. */
export function IdentifyPanel(props: {
  readonly means: TypedMeans;
  readonly onMeans: (means: TypedMeans) => void;
  readonly field: Ref<HTMLInputElement>;
  /** Why the last scan of the keyboard scanner was thrown away. */
  readonly refused: WedgeRefusal | null;
  /** Opens the camera, to read a code on a phone. */
  readonly onCamera: () => void;
}) {
  const { t, say } = useLanguage();
  const { link, store, view } = useTill();
  const { identification } = view;
  const shown = isLive(identification) ? identification : null;
  const suggested = shown !== null && isSuggestedByFace(shown);
  const [text, setText] = useState('');
  const { pos } = link.client;

  const find = useTask(async (typed: string) => {
    const digits = typed.replace(/[\s-]/g, '');
    const said = props.means === 'card' ? { text: typed.trim() } : { phoneDigits: digits };
    // What confirms one of those whom a face suggested belongs to the same identification.
    const found = await pos.identifications.create(
      suggested ? { ...said, identificationId: shown.identificationId } : said,
    );
    store.show({ identification: found });
    setText('');
  });
  const choose = useTask(async ({ handle }: Candidate) => {
    if (shown === null) return;
    store.show({
      identification: await pos.identifications.choose({ id: shown.identificationId, handle }),
    });
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') void find.run(text);
  };
  const sentence =
    shown === null ? t('identify.ready') : suggested ? t('face.suggested') : say(shown.sentence);
  return (
    <Panel
      title={t('identify.title')}
      aside={
        shown === null ? null : shown.pending === true ? (
          <StatusMark tone="info">{t('identify.asking')}</StatusMark>
        ) : (
          <StatusMark tone={OUTCOME_TONE[shown.outcome]}>
            {suggested ? t('face.unconfirmed') : t(`identify.outcome.${shown.outcome}`)}
          </StatusMark>
        )
      }
    >
      <div className={css['stack']}>
        <div aria-live="polite">
          <p className={css['sentence']}>{sentence}</p>
          <p className={css['hint']}>
            {shown === null
              ? identification?.outcome === 'timed-out'
                ? say(identification.sentence)
                : t('identify.readyHint')
              : NOBODY.includes(shown.outcome)
                ? t('identify.asGuest')
                : ''}
          </p>
        </div>
        {view.scanned === null || view.scanned === 'member' ? null : (
          <Notice
            tone={view.scanned === 'unknown' || view.scanned === 'lost' ? 'warn' : 'info'}
            title={t(`identify.scanned.${view.scanned}`)}
          />
        )}
        {props.refused === null ? null : <RefusedScan refusal={props.refused} />}
        {shown?.notices.map((notice) => (
          <Notice key={notice.en} tone="info" title={say(notice)} />
        ))}
        {shown?.outcome === 'ambiguous' ? (
          <Candidates
            candidates={shown.candidates}
            onChoose={suggested ? undefined : (each) => void choose.run(each)}
          />
        ) : null}
        <ProblemNotice problem={choose.problem ?? find.problem} />
        <form className={css['form']} onSubmit={submit}>
          <div className={css['means']}>
            {(['card', 'phone'] as const).map((means) => (
              <KeyButton
                key={means}
                keyName={means === 'card' ? 'F2' : 'F4'}
                variant="default"
                aria-pressed={props.means === means}
                onClick={() => props.onMeans(means)}
                px={8}
              >
                {means === 'card' ? t('identify.byCard') : t('identify.byPhone')}
              </KeyButton>
            ))}
          </div>
          <div className={css['entry']}>
            <TextInput
              ref={props.field}
              className={css['field'] ?? ''}
              aria-label={
                props.means === 'card' ? t('identify.cardLabel') : t('identify.phoneLabel')
              }
              placeholder={
                props.means === 'card' ? t('identify.cardShort') : t('identify.phoneShort')
              }
              inputMode={props.means === 'card' ? 'text' : 'numeric'}
              autoComplete="off"
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <ActionIcon
              variant="default"
              size={48}
              aria-label={t('camera.open')}
              title={t('camera.open')}
              onClick={props.onCamera}
            >
              <IconCamera size={22} />
            </ActionIcon>
            <Button type="submit" loading={find.busy} px={16}>
              {t('identify.find')}
            </Button>
          </div>
        </form>
      </div>
    </Panel>
  );
}

/** Members whom a claim fits: enough of each to ask the shopper, not enough to learn who they are. */
function Candidates(props: {
  readonly candidates: readonly Candidate[];
  /** Absent = nobody is chosen by hand: a face suggested them. */
  readonly onChoose: ((candidate: Candidate) => void) | undefined;
}) {
  const { t } = useLanguage();
  const names = useNames();
  const { onChoose } = props;
  const wordsOf = (candidate: Candidate) => (
    <>
      <span className={css['name']}>{candidate.maskedName}</span>
      <span className={css['facts']}>
        <span>{names.tier(candidate.tier)}</span>
        {candidate.phoneLast4 === undefined ? null : (
          <span>{t('identify.phoneEnds', { digits: candidate.phoneLast4 })}</span>
        )}
      </span>
    </>
  );
  const label = onChoose === undefined ? t('face.mark.maybe') : t('identify.choose');
  return (
    <ul className={css['candidates']} aria-label={label}>
      {props.candidates.map((candidate) => (
        <li key={candidate.handle}>
          {onChoose === undefined ? (
            <div className={`${css['candidate']} ${css['suggested']}`}>{wordsOf(candidate)}</div>
          ) : (
            <button type="button" className={css['candidate']} onClick={() => onChoose(candidate)}>
              {wordsOf(candidate)}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
