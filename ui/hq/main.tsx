import '../kit/styles.ts';
import { createRoot } from 'react-dom/client';
import { assert } from '../../agent/contract/result.ts';
import { App } from './app.tsx';
import { createHqLink } from './hq-link.ts';
import { setupLanguage } from './i18n/setup.ts';
import type { Env } from './kit/env.ts';

const env: Env = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  newId: () => crypto.randomUUID(),
  preferences: localStorage,
};
setupLanguage(env.preferences);

const root = document.getElementById('root');
assert(root !== null, 'index.html has a root');
createRoot(root).render(<App env={env} link={createHqLink(sessionStorage)} />);
