import { type ReactNode, useState } from 'react';
import { LanguageSwitch, ThemeSwitch } from '../../kit/display.tsx';
import { KeyButton } from '../../kit/key-button.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useTill } from '../cashier/till-context.ts';
import { Waiting } from '../cashier/waiting.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { openScreen } from '../router.ts';
import { RefusedScan } from '../wedge/refused-scan.tsx';
import { useScans } from '../wedge/use-scans.ts';
import { useWedge } from '../wedge/use-wedge.ts';
import type { WedgeRefusal } from '../wedge/wedge.ts';
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
  /** Esc belongs to something on the page that is no dialog; those have it anyway. */
  readonly keepsEscape?: boolean;
  /** Something on the page reads the keyboard scanner for itself. */
  readonly ownsWedge?: boolean;
  /** null = the till has not answered yet. */
  readonly children: ReactNode | null;
}) {
  const { t, toggle } = useLanguage();
  const { link } = useTill();
  const back = (): void => openScreen('cashier');
  // A scan belongs to the sale whichever page is open, and its Enter must not press the button that was pressed last.
  const scan = useScans((text) => link.client.screen.devices.wedge({ text }));
  const [refused, setRefused] = useState<WedgeRefusal | null>(null);
  useWedge(
    (text) => {
      setRefused(null);
      void scan.run(text);
    },
    setRefused,
    props.ownsWedge !== true,
  );
  useHotKeys({ F10: toggle }, true, 'everywhere');
  useHotKeys({ F2: back, ...(props.keepsEscape === true ? {} : { Escape: back }) });
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
      {refused === null ? null : <RefusedScan refusal={refused} />}
      <ProblemNotice problem={scan.problem} />
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
