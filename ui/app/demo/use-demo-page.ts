import { useEffect, useState } from 'react';
import { useTill } from '../cashier/till-context.ts';
import { type DemoPage, fetchDemoPage } from './demo-page-data.ts';

/** The demo's codes and sign-ins, once a till in demo mode has served them; null elsewhere. */
export function useDemoPage(): DemoPage | null {
  const isDemo = useTill().view.status?.demo === true;
  const [page, setPage] = useState<DemoPage | null>(null);
  useEffect(() => {
    let wanted = isDemo;
    if (isDemo) void fetchDemoPage().then((found) => wanted && setPage(found));
    return () => {
      wanted = false;
    };
  }, [isDemo]);
  return page;
}
