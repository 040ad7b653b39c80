import { Button, Loader } from '@mantine/core';
import { Notice } from '../../kit/notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useTill } from './till-context.ts';
import { useLinkState } from './use-link-state.ts';
import css from './waiting.module.css';

/** Before the till was first reached: that it is being tried, or why it will not be. */
export function Waiting() {
  const { t, say } = useLanguage();
  const { link, store, view } = useTill();
  const { phase, error } = useLinkState(link);
  return (
    <main className={css['middle']}>
      {phase === 'refused' ? (
        <Notice tone="bad" title={error === undefined ? t('app.otherWindow') : say(error.message)}>
          {error === undefined ? t('app.otherWindowHint') : say(error.hint)}
        </Notice>
      ) : view.problem !== null && phase === 'open' ? (
        <>
          <Notice tone="bad" title={say(view.problem.message)}>
            {say(view.problem.hint)}
          </Notice>
          <Button onClick={() => void store.reload()}>{t('app.retry')}</Button>
        </>
      ) : (
        <p className={css['line']} role="status">
          <Loader size={22} /> {t('connection.connecting')}
        </p>
      )}
    </main>
  );
}
