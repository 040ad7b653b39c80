import { Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBuildingStore,
  IconDashboard,
  IconFaceId,
  IconListDetails,
  IconLogout,
  IconTargetArrow,
  IconWorld,
} from '@tabler/icons-react';
import { useEffect } from 'react';
import { LanguageSwitch, ThemeSwitch } from '../kit/display.tsx';
import { useEnv } from '../kit/env.ts';
import { Notice } from '../kit/notice.tsx';
import { ProblemNotice } from '../kit/problem-notice.tsx';
import { StatusMark } from '../kit/status-mark.tsx';
import css from './frame.module.css';
import { useHq } from './hq-context.ts';
import { useLanguage } from './i18n/use-language.ts';
import { OVERVIEW_POLL_MS, OverviewContext } from './overview-context.ts';
import { AccuracyPage } from './pages/accuracy-page.tsx';
import { CasesPage } from './pages/cases-page.tsx';
import { FacesPage } from './pages/faces-page.tsx';
import { OnlinePage } from './pages/online-page.tsx';
import { OverviewPage } from './pages/overview-page.tsx';
import { SalesPage } from './pages/sales-page.tsx';
import { TillsPage } from './pages/tills-page.tsx';
import { openPage, PAGES, type Page, takeCode, usePage } from './router.ts';
import { useFormat } from './use-format.ts';
import { useHqPoll } from './use-hq-poll.ts';

const ICONS = {
  overview: IconDashboard,
  tills: IconBuildingStore,
  sales: IconListDetails,
  cases: IconAlertTriangle,
  accuracy: IconTargetArrow,
  online: IconWorld,
  faces: IconFaceId,
} as const;

const CONTENT: Readonly<Record<Page, () => React.JSX.Element>> = {
  overview: OverviewPage,
  tills: TillsPage,
  sales: SalesPage,
  cases: CasesPage,
  accuracy: AccuracyPage,
  online: OnlinePage,
  faces: FacesPage,
};

/** A larger number of cases is shown as more than this. */
const BADGE_MAX = 999;

/** The console once somebody is signed in: navigation, what HQ says of itself, and the page. */
export function Frame() {
  const { t, say } = useLanguage();
  const link = useHq();
  const page = usePage();
  const format = useFormat();
  const { now } = useEnv();
  const { data, problem, failingSinceMs } = useHqPoll(
    (hq) => hq.call('overview', {}),
    OVERVIEW_POLL_MS,
  );
  const Content = CONTENT[page];
  // Whoever is signed in needs no code; it must not stay in the address.
  useEffect(() => void takeCode(), []);
  return (
    <div className={css['page']}>
      <header className={css['bar']}>
        <img src="/mark.svg" alt="" width={32} height={32} />
        <h1 className={css['title']}>{t('app.title')}</h1>
        {data?.demo === true ? <StatusMark tone="info">{t('app.demo')}</StatusMark> : null}
        <nav className={css['nav']} aria-label={t('app.title')}>
          {PAGES.map((one) => {
            const Icon = ICONS[one];
            return (
              <Button
                key={one}
                variant={one === page ? 'light' : 'subtle'}
                c={one === page ? 'var(--ts-accent-text)' : 'var(--ts-text)'}
                px={14}
                leftSection={<Icon size={20} aria-hidden="true" />}
                aria-current={one === page ? 'page' : undefined}
                rightSection={
                  one === 'cases' ? <OpenCases count={data?.openExceptions ?? 0} /> : null
                }
                onClick={() => openPage(one)}
              >
                {t(`nav.${one}`)}
              </Button>
            );
          })}
        </nav>
        <div className={css['tools']}>
          <LanguageSwitch />
          <ThemeSwitch />
          <Button
            variant="subtle"
            c="var(--ts-text)"
            px={12}
            leftSection={<IconLogout size={20} />}
            onClick={link.signOut}
          >
            {t('app.signOut')}
          </Button>
        </div>
      </header>
      {problem === null || failingSinceMs === null ? null : (
        <div className={css['banner']}>
          {problem.code === 'unreachable' ? (
            <Notice
              tone="warn"
              title={t('connection.lost', {
                since: format.moment(new Date(failingSinceMs).toISOString(), now()),
              })}
            >
              {t('connection.lostHint')}
            </Notice>
          ) : (
            <ProblemNotice problem={problem} />
          )}
        </div>
      )}
      {data?.warning == null ? null : (
        <div className={css['banner']}>
          <Notice tone="warn" title={say(data.warning)} />
        </div>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1). */}
      <main className={css['content']} tabIndex={0}>
        <OverviewContext value={data}>
          <Content />
        </OverviewContext>
      </main>
    </div>
  );
}

/** How many cases wait, beside the name of their page; nothing where none does. */
function OpenCases({ count }: { readonly count: number }) {
  const { t } = useLanguage();
  const format = useFormat();
  if (count === 0) return null;
  return (
    <span className={css['badge']} role="img" aria-label={t('cases.openCount', { count })}>
      {count > BADGE_MAX ? `${format.number(BADGE_MAX)}+` : format.number(count)}
    </span>
  );
}
