import '../kit/styles.ts';
import { createRoot } from 'react-dom/client';
import { assert } from '../../agent/contract/result.ts';
import { browserEnv } from '../kit/browser-env.ts';
import { App } from './app.tsx';
import { createHqLink } from './hq-link.ts';
import { setupLanguage } from './i18n/setup.ts';

setupLanguage(browserEnv.preferences);

const root = document.getElementById('root');
assert(root !== null, 'index.html has a root');
createRoot(root).render(<App env={browserEnv} link={createHqLink(sessionStorage)} />);
