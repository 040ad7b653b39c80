import './style.css';
import { assert } from '../../agent/contract/result.ts';
import { askHq } from './ask-hq.ts';
import { runPage } from './page.ts';
import { createPass } from './pass.ts';
import { openPassStore, type PassStore } from './pass-store.ts';
import { openPreferences } from './preferences.ts';
import { createRender, type Render } from './render.ts';
import type { BrokenWhy } from './state.ts';
import type { PassActions } from './view.ts';
import { whyBroken } from './why-broken.ts';

const root = document.getElementById('root');
assert(root !== null, 'index.html has a root');
const now = (): number => Date.now();
const preferences = openPreferences(() => localStorage, navigator.language);
const again = (): void => location.reload();

if (globalThis.crypto?.subtle === undefined) refuse(root, 'insecure');
else void start(root).catch((error: unknown) => refuse(root, whyBroken(error)));

async function start(place: HTMLElement): Promise<void> {
  let store: PassStore;
  try {
    store = await openPassStore(indexedDB);
  } catch {
    // A private window: whatever the browser says, nothing can be kept.
    return refuse(place, 'noStorage');
  }
  const pass = createPass({ store, subtle: crypto.subtle, ask: askHq, now });
  void navigator.serviceWorker?.register('/pass/sw.js').catch(() => {
    // Without it the page works too, only not offline.
  });
  keepScreenOn();
  const forgets = forgetsPages(navigator);
  await runPage({ root: place, pass, now, takeLinkCode, preferences, again, forgets });
}

/**
 * Safari on iPhones deletes what a page keeps after seven days of use without a visit, unless the page was put on the
 * home screen, where it keeps its own (WebKit, "Full Third-Party Cookie Blocking and More"). `standalone` is Safari's alone.
 */
function forgetsPages(browser: Navigator & { readonly standalone?: boolean }): boolean {
  return browser.standalone === false;
}

/** A code is nobody else's business: not the history's, and not a bookmark's. */
function takeLinkCode(): string {
  const code = location.hash.slice(1);
  if (code !== '') history.replaceState(null, '', location.pathname);
  return code;
}

/** Says why there is no pass here. */
function refuse(place: HTMLElement, why: BrokenWhy): void {
  let language = preferences.language();
  const nothing = (): void => {};
  const actions: PassActions = {
    link: nothing,
    toggleLanguage() {
      language = language === 'en' ? 'zh-CN' : 'en';
      preferences.choose(language);
      render({ at: 'broken', language, why });
    },
    askRemove: nothing,
    keep: nothing,
    remove: nothing,
    again,
  };
  const render: Render = createRender(place, actions);
  render({ at: 'broken', language, why });
}

/** The screen stays on while the pass is in sight; a phone that has no such lock, or little power, goes dark as always. */
function keepScreenOn(): void {
  const lock = (): void => {
    if (!document.hidden) void navigator.wakeLock?.request('screen').catch(() => {});
  };
  document.addEventListener('visibilitychange', lock);
  lock();
}
