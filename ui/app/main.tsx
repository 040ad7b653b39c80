import '../kit/styles.ts';
import i18next from 'i18next';
import { createRoot } from 'react-dom/client';
import { assert } from '../../agent/contract/result.ts';
import { browserEnv } from '../kit/browser-env.ts';
import { languageChosen } from '../kit/language.ts';
import { App } from './app.tsx';
import type { TillUse } from './cashier/till-context.ts';
import { openTillStore } from './cashier/till-store.ts';
import { CUSTOMER_SCHEME_KEY, customerEnv } from './customer/customer-env.ts';
import { setupLanguage } from './i18n/setup.ts';
import { createTillLink } from './link.ts';
import { screenOf } from './router.ts';

// The shopper's display chooses its language and colours for itself, whatever the cashier's screen shows.
const isCustomer = screenOf(location) === 'customer';
const env = isCustomer ? customerEnv(browserEnv) : browserEnv;
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
createRoot(root).render(
  <App env={env} till={till} schemeKey={isCustomer ? CUSTOMER_SCHEME_KEY : undefined} />,
);
