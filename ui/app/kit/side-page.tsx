import type { ReactNode } from 'react';
import { LanguageSwitch, ThemeSwitch } from '../../kit/display.tsx';
import { KeyButton } from '../../kit/key-button.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { Waiting } from '../cashier/waiting.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { openScreen } from '../router.ts';
import type { Problem } from './problem.ts';
import css from './side-page.module.css';
import { useHotKeys } from './use-hot-keys.ts';

/** A page beside the cashier's: its head, the way back by F2 or Esc, and a body that scrolls by keyboard too. */
export function SidePage(props: {
  readonly title: string;
  /** Stands small below the title. */
  readonly below: string;
  /** Stand left of the switches every page has. */
  readonly tools?: ReactNode;
  /** Lines of fact below the head. */
  readonly banners?: ReactNode;
  /** Why there is nothing to show, where the till said why. */
  readonly problem: Problem | null;
  /** Esc belongs to something on the page. */
  readonly keepsEscape?: boolean;
  /** null = the till has not answered yet. */
  readonly children: ReactNode | null;
}) {
  const { t, toggle } = useLanguage();
  const back = (): void => openScreen('cashier');
  useHotKeys({ F10: toggle, F2: back });
  useHotKeys({ Escape: back }, props.keepsEscape !== true);
  return (
    <div className={css['page']}>
      <header className={css['head']}>
        <div>
          <h1 className={css['title']}>{props.title}</h1>
          <p className={css['below']}>{props.below}</p>
        </div>
        <div className={css['space']} />
        {props.tools}
        <LanguageSwitch keyName="F10" />
        <ThemeSwitch />
        <KeyButton variant="default" keyName="F2" onClick={back}>
          {t('app.cashier')}
        </KeyButton>
      </header>
      {props.banners}
      {props.children !== null ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1).
        <main className={css['body']} tabIndex={0}>
          {props.children}
        </main>
      ) : props.problem === null ? (
        <Waiting />
      ) : (
        <div className={css['problem']}>
          <ProblemNotice problem={props.problem} />
        </div>
      )}
    </div>
  );
}
