import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { testWithProgram } from '../support/machine.ts';
import { away, passPhones, qrText } from '../support/pass-phones.ts';
import { button, link, say, shown } from '../support/pass-scene.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const phones = passPhones();

/** A browser that keeps nothing more. */
function fillStorage(tab: Page, name: string): Promise<void> {
  return tab.evaluate((why) => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no', why);
    };
  }, name);
}

const storedKey = (tab: Page): Promise<{ keyId: string }> =>
  tab.evaluate(async () => {
    const opening = indexedDB.open('tillside-pass');
    await new Promise((resolve) => {
      opening.onsuccess = resolve;
    });
    const got = opening.result.transaction('kept').objectStore('kept').get('pass');
    await new Promise((resolve) => {
      got.onsuccess = resolve;
    });
    return { keyId: (got.result as { key: { keyId: string } }).key.keyId };
  });

describe('storage that is not there', () => {
  test.each([
    ['QuotaExceededError', 'storageFull'],
    ['DataCloneError', 'noStorage'],
  ] as const)(
    'a browser that answers %s to a link says what to do, and nothing was used up',
    async (name, word) => {
      const tab = await phones.scene.phone();
      const { url } = await phones.scene.code();
      await tab.goto(url);
      await fillStorage(tab, name);
      await button(tab, 'link').click();
      await tab.getByText(say(word)).first().waitFor();
      const other = await phones.scene.phone();
      await link(other, { url } as never);
    },
  );

  test('a page that can do nothing speaks both languages, says which, and offers to try again', async () => {
    const tab = await phones.scene.phone();
    await tab.addInitScript(() => {
      if (sessionStorage.getItem('kept') !== null) return;
      sessionStorage.setItem('kept', 'next time');
      Object.defineProperty(window, 'indexedDB', {
        get() {
          throw new DOMException('no', 'SecurityError');
        },
      });
    });
    await tab.goto(phones.address());
    await tab.getByText(say('noStorage')).first().waitFor();
    await button(tab, 'switchLanguage').click();
    await tab
      .getByText(say('noStorage', {}, 'en'))
      .first()
      .waitFor();
    expect(await tab.evaluate(() => document.documentElement.lang)).toBe('en');
    await button(tab, 'again', 'en').click();
    await tab.getByLabel(say('code', {}, 'en')).waitFor();
  });

  test('a database that the phone has closed in its sleep is opened again', async () => {
    const tab = await phones.scene.phone();
    await link(tab, await phones.scene.code());
    const before = (await qrText(tab)) ?? '';
    await tab.evaluate(() => {
      const { transaction } = IDBDatabase.prototype;
      const closed = new WeakSet<IDBDatabase>();
      let isFirst = true;
      IDBDatabase.prototype.transaction = function (...how: Parameters<typeof transaction>) {
        if (isFirst) closed.add(this);
        isFirst = false;
        if (closed.has(this)) throw new DOMException('connection lost', 'InvalidStateError');
        return transaction.apply(this, how);
      };
    });
    await away(tab);
    await shown(tab, before);
  });

  test('a pass that was wiped by the phone while it was open is asked for again', async () => {
    const tab = await phones.scene.phone();
    await link(tab, await phones.scene.code());
    await tab.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const asked = indexedDB.open('tillside-pass');
          asked.onsuccess = () => {
            const tx = asked.result.transaction('kept', 'readwrite');
            tx.objectStore('kept').clear();
            tx.oncomplete = () => resolve();
          };
        }),
    );
    await away(tab);
    await tab.getByLabel(say('code')).waitFor();
  });

  test('a browser that will not promise to keep the pass shows it all the same', async () => {
    const tab = await phones.scene.phone();
    await tab.addInitScript(() => {
      navigator.storage.persist = () => Promise.reject(new TypeError('no'));
    });
    await link(tab, await phones.scene.code());
    await tab.clock.runFor(1_000);
    expect(await tab.getByText(say('wrong')).count()).toBe(0);
    await shown(tab);
  });
});

describe('a code that links', () => {
  test('works in a browser without AbortSignal.timeout, as Safari 15 is', async () => {
    const tab = await phones.scene.phone();
    await tab.addInitScript(() => {
      delete (AbortSignal as { timeout?: unknown }).timeout;
    });
    await link(tab, await phones.scene.code());
  });

  test('is kept in its field while the language is changed', async () => {
    const tab = await phones.scene.phone();
    await tab.goto(phones.address());
    await tab.getByLabel(say('code')).fill('7k3m-q9');
    await button(tab, 'switchLanguage').click();
    const field = tab.getByLabel(say('code', {}, 'en'));
    expect(await field.inputValue()).toBe('7k3m-q9');
    // The button is another one in another language; whoever pressed it is still there.
    expect(await tab.evaluate(() => document.activeElement?.textContent)).toBe(
      say('switchLanguage', {}, 'en'),
    );
  });

  test.each([
    ['HTML', { status: 200, contentType: 'text/html', body: '<h1>portal</h1>' }],
    ['an error page', { status: 502, contentType: 'text/html', body: '<h1>bad gateway</h1>' }],
    ['an error of its own', { status: 500, json: { code: 'internal' } }],
    ['JSON of another kind', { status: 200, json: { hello: 1 } }],
    ['nothing', { status: 200, body: '' }],
    ['null', { status: 400, json: null }],
  ])('stays in its field when headquarters answers %s', async (_, answer) => {
    const tab = await phones.scene.phone();
    const { url, code } = await phones.scene.code();
    await tab.route('**/v1/passes', (route) => route.fulfill(answer));
    await tab.goto(url);
    await button(tab, 'link').click();
    await tab.getByText(say('unreachable')).first().waitFor();
    expect(await tab.getByLabel(say('code')).inputValue()).toBe(code);
    await tab.unroute('**/v1/passes');
    await button(tab, 'link').click();
    await shown(tab);
  });

  test('links once although the answer was lost, and the first certificate could not be kept', async () => {
    const tab = await phones.scene.phone();
    const { url } = await phones.scene.code();
    await tab.goto(url);
    await tab.evaluate(() => {
      const { put } = IDBObjectStore.prototype;
      let isFirst = true;
      IDBObjectStore.prototype.put = function (...what: Parameters<typeof put>) {
        if (what[1] !== 'pass' || !isFirst) return put.apply(this, what);
        isFirst = false;
        throw new DOMException('no', 'QuotaExceededError');
      };
    });
    await tab.route('**/v1/passes', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await button(tab, 'link').click();
    await tab.getByText(say('unreachable')).waitFor();
    await tab.unroute('**/v1/passes');
    await button(tab, 'link').click();
    await tab.getByText(say('storageFull')).waitFor();
    await button(tab, 'link').click();
    await shown(tab);
    expect(await phones.scene.hq.deps.db.query('SELECT 1 FROM pass_keys')).toHaveLength(1);
  });

  test('is in no address afterwards, whichever way its member goes', async () => {
    const tab = await phones.scene.phone();
    await tab.goto(phones.address());
    await tab.goto((await phones.scene.code()).url);
    await button(tab, 'link').waitFor();
    const hashes: string[] = [];
    const note = async () => hashes.push(await tab.evaluate(() => location.hash));
    await note();
    await tab.goto('about:blank');
    await tab.goBack();
    await note();
    await tab.reload();
    await note();
    await tab.goBack();
    await note();
    expect(hashes.join('')).toBe('');
  });

  test('does not push out the pass that another tab has linked meanwhile', async () => {
    const [one, two] = [await phones.scene.phone(), await phones.scene.phone()];
    const code = await phones.scene.code();
    await one.goto(code.url);
    await link(two, code);
    const { keyId } = await storedKey(two);
    await button(one, 'link').click();
    await shown(one);
    expect(await storedKey(one)).toEqual({ keyId });
  });

  test('is not needed any more by a tab that comes back after another one was linked', async () => {
    const [one, two] = [await phones.scene.phone(), await phones.scene.phone()];
    await one.goto(phones.address());
    await link(two, await phones.scene.code());
    await away(one);
    await shown(one);
  });

  test('links at once where the pass of this phone has ended at headquarters', async () => {
    const tab = await phones.scene.phone();
    await link(tab, await phones.scene.code());
    await phones.scene.hq.deps.db.query('DELETE FROM pass_keys');
    const { url, code } = await phones.scene.code();
    await tab.goto('about:blank');
    await tab.goto(url);
    await tab.getByText(say('endedElsewhere')).first().waitFor();
    expect(await tab.getByLabel(say('code')).inputValue()).toBe(code);
    await button(tab, 'link').click();
    await shown(tab);
  });
});

test('the page breaks no rule of its own policy, and asks nobody but its headquarters', () => {
  expect(phones.scene.faults).toEqual([]);
});
