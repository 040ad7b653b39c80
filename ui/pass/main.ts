import './style.css';
import { assert } from '../../agent/contract/result.ts';
import { askHq } from './ask-hq.ts';
import { firstLanguage, runPage } from './page.ts';
import { createPass } from './pass.ts';
import { openPassStore, type PassStore } from './pass-store.ts';
import { viewOf } from './view.ts';

const root = document.getElementById('root');
assert(root !== null, 'index.html has a root');
const now = (): number => Date.now();

if (globalThis.crypto?.subtle === undefined) refuse('insecure');
else void start().catch(() => refuse('wrong'));

async function start(): Promise<void> {
  assert(root !== null, 'index.html has a root');
  let store: PassStore;
  try {
    store = await openPassStore(indexedDB);
  } catch {
    // A private window: whatever the browser says, nothing can be kept.
    return refuse('noStorage');
  }
  const pass = createPass({ store, subtle: crypto.subtle, ask: askHq, now });
  void navigator.serviceWorker?.register('/pass/sw.js').catch(() => {
    // Without it the page works too, only not offline.
  });
  keepScreenOn();
  await runPage({ root, pass, now, takeLinkCode, preferences: localStorage });
}

/** A code is nobody else's business: not the history's, and not a bookmark's. */
function takeLinkCode(): string {
  const code = location.hash.slice(1);
  if (code !== '') history.replaceState(null, '', location.pathname);
  return code;
}

function refuse(why: 'insecure' | 'noStorage' | 'wrong'): void {
  const language = firstLanguage({ getItem: () => null }, navigator.language);
  const nothing = (): void => {};
  const actions = {
    link: nothing,
    toggleLanguage: nothing,
    askRemove: nothing,
    keep: nothing,
    remove: nothing,
  };
  root?.replaceChildren(...viewOf({ at: 'broken', language, why }, actions));
}

/** The screen stays on while the pass is in sight; a phone that has no such lock, or little power, goes dark as always. */
function keepScreenOn(): void {
  const lock = (): void => {
    if (!document.hidden) void navigator.wakeLock?.request('screen').catch(() => {});
  };
  document.addEventListener('visibilitychange', lock);
  lock();
}
