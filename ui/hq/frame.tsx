import { Button } from '@mantine/core';
import {
  IconBuildingStore,
  IconDashboard,
  IconListDetails,
  IconLogout,
  IconWorld,
} from '@tabler/icons-react';
import { useEffect } from 'react';
import { Notice } from '../kit/notice.tsx';
import { StatusMark } from '../kit/status-mark.tsx';
import css from './frame.module.css';
import { useHq } from './hq-context.ts';
import { useLanguage } from './i18n/use-language.ts';
import { Switches } from './kit/switches.tsx';
import { useFormat } from './kit/use-format.ts';
import { OnlinePage } from './pages/online-page.tsx';
import { OverviewPage } from './pages/overview-page.tsx';
import { SalesPage } from './pages/sales-page.tsx';
import { TillsPage } from './pages/tills-page.tsx';
import { openPage, PAGES, type Page, takeCode, usePage } from './router.ts';
import { usePoll } from './use-poll.ts';

const ICONS = {
  overview: IconDashboard,
  tills: IconBuildingStore,
  sales: IconListDetails,
  online: IconWorld,
} as const;

const CONTENT: Readonly<Record<Page, () => React.JSX.Element>> = {
  overview: OverviewPage,
  tills: TillsPage,
  sales: SalesPage,
  online: OnlinePage,
};

/** The console once somebody is signed in: navigation, what HQ says of itself, and the page. */
export function Frame() {
  const { t, say } = useLanguage();
  const link = useHq();
  const page = usePage();
  const format = useFormat();
  const overview = usePoll((hq) => hq.call('overview', {}));
  const Content = CONTENT[page];
  const { data, failingSinceMs } = overview;
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
                onClick={() => openPage(one)}
              >
                {t(`nav.${one}`)}
              </Button>
            );
          })}
        </nav>
        <div className={css['tools']}>
          <Switches />
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
      {failingSinceMs === null ? null : (
        <div className={css['banner']}>
          <Notice
            tone="warn"
            title={t('connection.lost', {
              since: format.time(new Date(failingSinceMs).toISOString()),
            })}
          >
            {t('connection.lostHint')}
          </Notice>
        </div>
      )}
      {data?.warning == null ? null : (
        <div className={css['banner']}>
          <Notice tone="warn" title={say(data.warning)} />
        </div>
      )}
      <main className={css['content']}>
        <Content />
      </main>
    </div>
  );
}
