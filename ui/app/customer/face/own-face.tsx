import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FaceOwn, FaceWithdrawn, IdentificationId } from '../../../../agent/contract/index.ts';
import { ProblemNotice } from '../../../kit/problem-notice.tsx';
import { useTill } from '../../cashier/till-context.ts';
import { useFormat } from '../../cashier/use-format.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { useAnswer } from '../../kit/use-answer.ts';
import { useTask } from '../../kit/use-task.ts';
import css from './customer-face.module.css';
import { Lacking } from './lacking.tsx';

type Shown = Extract<FaceOwn, { outcome: 'shown' }>;
type OwnFaceItem = Shown['faces'][number];
type Withdrawn = Extract<FaceWithdrawn, { outcome: 'withdrawn' }>;
type Said =
  | { readonly kind: 'receipt'; readonly done: Withdrawn }
  | { readonly kind: 'lacking'; readonly decision: Parameters<typeof Lacking>[0]['decision'] };

/** What is kept of the member's face, and its end: asked twice, told by a receipt. */
export function OwnFace(props: {
  readonly identificationId: IdentificationId;
  readonly onClose: () => void;
}) {
  const { identificationId, onClose } = props;
  const { t } = useLanguage();
  const { link, view } = useTill();
  const { faces } = link.client.screen;
  // Asked again when another proof was shown meanwhile.
  const proofs = view.identification?.means.join() ?? '';
  const held = useAnswer(`${identificationId} ${proofs}`, () => faces.own({ identificationId }));
  const [isAsking, setAsking] = useState(false);
  const [said, setSaid] = useState<Said | null>(null);
  const withdraw = useTask(async () => {
    const done = await faces.withdraw({ identificationId, by: 'customer' });
    setAsking(false);
    setSaid(
      done.outcome === 'withdrawn'
        ? { kind: 'receipt', done }
        : { kind: 'lacking', decision: done.decision },
    );
  });
  const shown = held.value?.outcome === 'shown' ? held.value : null;
  const isOver = said?.kind === 'receipt';
  return (
    <section className={css['over']} aria-label={t('faceOwn.data.title')} data-testid="face-own">
      <div className={css['read']}>
        <h2 className={css['title']}>
          {t(
            isOver
              ? 'faceOwn.data.withdrawn'
              : isAsking
                ? 'faceOwn.data.sureTitle'
                : 'faceOwn.data.title',
          )}
        </h2>
        <ProblemNotice problem={withdraw.problem ?? held.problem} />
        {held.value?.outcome === 'proof-needed' ? (
          <Lacking title={t('faceOwn.proofOwn')} decision={held.value.decision} />
        ) : null}
        {said?.kind === 'lacking' ? (
          <Lacking title={t('faceOwn.proofOwn')} decision={said.decision} />
        ) : null}
        {said?.kind === 'receipt' ? (
          <Receipt done={said.done} />
        ) : isAsking ? (
          <p>{t('faceOwn.data.sureBody')}</p>
        ) : (
          shown && <Held shown={shown} />
        )}
      </div>
      <footer className={css['way']}>
        <div className={css['acts']}>
          <Button
            variant={isOver ? 'filled' : 'default'}
            className={css['touch']}
            onClick={isAsking ? () => setAsking(false) : onClose}
          >
            {t(isAsking ? 'app.cancel' : 'faceOwn.data.close')}
          </Button>
          {isOver || shown === null ? null : isAsking ? (
            <Button
              color="bad"
              className={css['touch']}
              loading={withdraw.busy}
              onClick={() => void withdraw.run(undefined)}
            >
              {t('faceOwn.data.sureAct')}
            </Button>
          ) : (
            <Button
              variant="default"
              className={css['touch']}
              onClick={() => {
                setSaid(null);
                setAsking(true);
              }}
            >
              {t('faceOwn.data.withdraw')}
            </Button>
          )}
        </div>
      </footer>
    </section>
  );
}

/** What the member may note down or photograph. */
function Receipt({ done }: { readonly done: Withdrawn }) {
  const { t, say } = useLanguage();
  const format = useFormat();
  return (
    <>
      <p>{say(done.effect)}</p>
      <p className={css['small']}>
        {format.fullMoment(done.at)}
        <br />
        {t('faceOwn.data.receipt', { id: done.withdrawalId })}
      </p>
    </>
  );
}

function Held({ shown }: { readonly shown: Shown }) {
  const { t } = useLanguage();
  const { faces, retentionDays } = shown;
  return (
    <>
      {faces.length === 0 ? (
        <p>
          {t('faceOwn.data.none')} {t('faceOwn.data.noneHint')}
        </p>
      ) : (
        <ul className={css['held']}>
          {faces.map((one) => (
            <Item key={`${one.enrolledAt} ${one.storeId}`} one={one} />
          ))}
        </ul>
      )}
      <p className={css['small']}>
        {t('faceOwn.data.kept')}{' '}
        {retentionDays === null ? '' : t('faceOwn.data.retention', { days: retentionDays })}
      </p>
    </>
  );
}

function Item({ one }: { readonly one: OwnFaceItem }) {
  const { t, say } = useLanguage();
  const { status } = useTill().view;
  const format = useFormat();
  const { scope, enrolledAt, storeId, lastSeenOn, isUsable, comparisons, consent } = one;
  const lines = [
    t('faceOwn.data.enrolled', {
      time: format.fullMoment(enrolledAt),
      store: status?.storeId === storeId ? say(status.storeName) : storeId,
    }),
    lastSeenOn === null
      ? t('faceOwn.data.never')
      : t('faceOwn.data.seen', { day: format.day(lastSeenOn) }),
    consent === null
      ? t('faceOwn.data.consentElsewhere')
      : t('faceOwn.data.consent', {
          version: consent.textVersion,
          time: format.fullMoment(consent.at),
        }),
    ...(comparisons === 0
      ? []
      : [t('faceOwn.data.comparisons', { count: format.number(comparisons) })]),
    ...(isUsable ? [] : [t('faceOwn.data.unusable')]),
  ];
  return (
    <li>
      <strong>{t(`faceOwn.data.${scope}`)}</strong>
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </li>
  );
}
