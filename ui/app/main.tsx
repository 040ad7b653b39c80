import '../kit/styles.ts';
import i18next from 'i18next';
import { createRoot } from 'react-dom/client';
import { assert } from '../../agent/contract/result.ts';
import { App } from './app.tsx';
import type { TillUse } from './cashier/till-context.ts';
import { openTillStore } from './cashier/till-store.ts';
import { languageChosen, setupLanguage } from './i18n/setup.ts';
import type { Env } from './kit/env.ts';
import { createTillLink } from './link.ts';

const env: Env = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  newId: () => crypto.randomUUID(),
  preferences: localStorage,
};
setupLanguage(env.preferences);

let opened: TillUse | undefined;

/** The one way of this page to its till. */
function till(): TillUse {
  if (opened !== undefined) return opened;
  const link = createTillLink();
  const store = openTillStore(link);
  opened = { link, store };
  const unwatch = store.subscribe(() => {
    const { status } = store.get();
    if (status === null) return;
    unwatch();
    // The till's own language counts until somebody chooses one here.
    if (!languageChosen(env.preferences)) void i18next.changeLanguage(status.language);
  });
  return opened;
}

const root = document.getElementById('root');
assert(root !== null, 'index.html has a root');
createRoot(root).render(<App env={env} till={till} />);
