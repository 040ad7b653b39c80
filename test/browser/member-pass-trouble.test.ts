import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { PASS_KEY_DAYS } from '../../sync/protocol/pass.ts';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import { HQ_START_LIMIT_MS } from '../support/hq.ts';
import { testWithProgram } from '../support/machine.ts';
import { buildPassPage } from '../support/pass-page.ts';
import {
  button,
  link,
  looksRight,
  openPassScene,
  type PassScene,
  PICTURES,
  say,
  shown,
} from './pass-scene.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;
/** A member's name as long as one may be, without a place to break it. */
const LONG_NAME = 'W'.repeat(80);

let browser: TestBrowser;
let built: Awaited<ReturnType<typeof buildPassPage>>;
let scene: PassScene;

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  built = await buildPassPage();
  browser = await openBrowser();
  scene = await openPassScene(browser, built.folder);
}, HQ_START_LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await scene?.hq.close();
  built?.remove();
}, HQ_START_LIMIT_MS);
/** Every test has a phone that nobody has used. */
afterEach(async () => {
  if (!hasBrowser()) return;
  const last = await browser.newPage();
  const session = await browser.context.newCDPSession(last);
  await session.send('Storage.clearDataForOrigin', { origin: scene.hq.url, storageTypes: 'all' });
  const others = browser.context.pages().filter((tab) => tab !== last);
  await Promise.all(others.map((tab) => tab.close()));
  await scene.hq.deps.db.query('DELETE FROM pass_keys');
});

const address = (): string => `${scene.hq.url}/pass/`;
const qrText = (tab: Page) => tab.locator('#qr').getAttribute('data-code');

/** The member looks away from the page, does something, and comes back to it. */
async function away(tab: Page, meanwhile: () => Promise<void> = async () => {}): Promise<void> {
  const turn = (hidden: boolean) =>
    tab.evaluate((is) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => is });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await turn(true);
  await meanwhile();
  await turn(false);
}

/** How much of the picture is dark. */
const darkPixels = (tab: Page): Promise<number> =>
  tab.locator('#qr').evaluate((canvas: HTMLCanvasElement) => {
    const { data } =
      canvas.width === 0
        ? { data: [] }
        : (canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
            data: [],
          });
    let dark = 0;
    for (let at = 0; at < data.length; at += 4)
      if (data[at + 3] === 255 && (data[at] ?? 255) < 128) dark += 1;
    return dark;
  });

/** A browser that keeps nothing more. */
function fillStorage(tab: Page, name: string): Promise<void> {
  return tab.evaluate((why) => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no', why);
    };
  }, name);
}

describe('storage that is not there', () => {
  test.each([
    ['QuotaExceededError', 'storageFull'],
    ['DataCloneError', 'noStorage'],
  ] as const)(
    'a browser that answers %s to a link says what to do, and nothing was used up',
    async (name, word) => {
      const tab = await scene.phone();
      const { url } = await scene.code();
      await tab.goto(url);
      await fillStorage(tab, name);
      await button(tab, 'link').click();
      await tab.getByText(say(word)).first().waitFor();
      const other = await scene.phone();
      await link(other, { url } as never);
    },
  );

  test('a page that can do nothing speaks both languages, says which, and offers to try again', async () => {
    const tab = await scene.phone();
    await tab.addInitScript(() => {
      if (sessionStorage.getItem('kept') !== null) return;
      sessionStorage.setItem('kept', 'next time');
      Object.defineProperty(window, 'indexedDB', {
        get() {
          throw new DOMException('no', 'SecurityError');
        },
      });
    });
    await tab.goto(address());
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
    const tab = await scene.phone();
    await link(tab, await scene.code());
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
    const tab = await scene.phone();
    await link(tab, await scene.code());
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
    const tab = await scene.phone();
    await tab.addInitScript(() => {
      navigator.storage.persist = () => Promise.reject(new TypeError('no'));
    });
    await link(tab, await scene.code());
    await tab.clock.runFor(1_000);
    expect(await tab.getByText(say('wrong')).count()).toBe(0);
    await shown(tab);
  });
});

describe('a code that links', () => {
  test('works in a browser without AbortSignal.timeout, as Safari 15 is', async () => {
    const tab = await scene.phone();
    await tab.addInitScript(() => {
      delete (AbortSignal as { timeout?: unknown }).timeout;
    });
    await link(tab, await scene.code());
  });

  test('is kept in its field while the language is changed', async () => {
    const tab = await scene.phone();
    await tab.goto(address());
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
    const tab = await scene.phone();
    const { url, code } = await scene.code();
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
    const tab = await scene.phone();
    const { url } = await scene.code();
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
    expect(await scene.hq.deps.db.query('SELECT 1 FROM pass_keys')).toHaveLength(1);
  });

  test('is in no address afterwards, whichever way its member goes', async () => {
    const tab = await scene.phone();
    await tab.goto(address());
    await tab.goto((await scene.code()).url);
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
    const [one, two] = [await scene.phone(), await scene.phone()];
    const code = await scene.code();
    await one.goto(code.url);
    await link(two, code);
    const { keyId } = await storedKey(two);
    await button(one, 'link').click();
    await shown(one);
    expect(await storedKey(one)).toEqual({ keyId });
  });

  test('is not needed any more by a tab that comes back after another one was linked', async () => {
    const [one, two] = [await scene.phone(), await scene.phone()];
    await one.goto(address());
    await link(two, await scene.code());
    await away(one);
    await shown(one);
  });

  test('links at once where the pass of this phone has ended at headquarters', async () => {
    const tab = await scene.phone();
    await link(tab, await scene.code());
    await scene.hq.deps.db.query('DELETE FROM pass_keys');
    const { url, code } = await scene.code();
    await tab.goto('about:blank');
    await tab.goto(url);
    await tab.getByText(say('endedElsewhere')).first().waitFor();
    expect(await tab.getByLabel(say('code')).inputValue()).toBe(code);
    await button(tab, 'link').click();
    await shown(tab);
  });
});

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

describe('a code on show', () => {
  test('is gone from the screen while nobody looks, and a fresh one is there afterwards', async () => {
    const tab = await scene.phone();
    await link(tab, await scene.code());
    const before = (await qrText(tab)) ?? '';
    expect(await darkPixels(tab)).toBeGreaterThan(1_000);
    await away(tab, async () => {
      expect(await darkPixels(tab)).toBe(0);
      await tab.clock.runFor(60_000);
      expect(await darkPixels(tab)).toBe(0);
    });
    await shown(tab, before);
    expect(await darkPixels(tab)).toBeGreaterThan(1_000);
  });

  test('stays the same one when the window changes, drawn for its new room', async () => {
    const tab = await scene.phone();
    await link(tab, await scene.code());
    const width = () => tab.locator('#qr').evaluate((canvas: HTMLCanvasElement) => canvas.width);
    const [before, wide] = [await qrText(tab), await width()];
    await tab.setViewportSize({ width: 320, height: 568 });
    await expect.poll(width).toBeLessThan(wide);
    await tab.clock.runFor(1_000);
    expect(await qrText(tab)).toBe(before);
    expect(await darkPixels(tab)).toBeGreaterThan(1_000);
  });

  test.each([
    ['667x320', { width: 667, height: 320 }],
    ['844x390', { width: 844, height: 390 }],
    ['320x480', { width: 320, height: 480 }],
  ])('is on the screen whole at %s', async (name, size) => {
    const tab = await scene.phone();
    await tab.setViewportSize(size);
    await link(tab, await scene.code());
    const box = await tab.locator('#qr').boundingBox();
    expect(box?.y).toBeGreaterThanOrEqual(0);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(size.height);
    expect(box?.width).toBeGreaterThan(180);
    await looksRight(tab, `${name}-zh-CN`);
  });

  test.each([1.5, 2.625, 3])(
    'has edges that no pixel blurs where %d pixels of the screen make one of the page',
    async (ratio) => {
      const tab = await scene.phone();
      const session = await tab.context().newCDPSession(tab);
      await session.send('Emulation.setDeviceMetricsOverride', {
        width: 360,
        height: 640,
        deviceScaleFactor: ratio,
        mobile: true,
      });
      await link(tab, await scene.code());
      const png = (await tab.locator('#qr').screenshot({ scale: 'device' })).toString('base64');
      const greys = await tab.evaluate(async (bytes) => {
        const file = Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
        const seen = await createImageBitmap(new Blob([file], { type: 'image/png' }));
        const pen = new OffscreenCanvas(seen.width, seen.height).getContext('2d');
        pen?.drawImage(seen, 0, 0);
        // Within the quiet zone, whose corners its frame rounds off.
        const [edge, side] = [Math.ceil(seen.width * 0.04), Math.floor(seen.width * 0.92)];
        const data = pen?.getImageData(edge, edge, side, side).data ?? [];
        return Array.from(data).filter((value) => value !== 0 && value !== 255).length;
      }, png);
      expect(greys).toBe(0);
      await session.detach();
    },
  );

  test('goes when its certificate ends while the page is open', async () => {
    const tab = await scene.phone();
    await link(tab, await scene.code());
    await tab.route('**/v1/passes/**', (route) => route.abort());
    await tab.clock.setSystemTime(scene.clock.nowMs + (PASS_KEY_DAYS + 1) * DAY_MS);
    await tab.clock.runFor(1_000);
    await tab.getByText(say('expired')).first().waitFor();
    expect(await tab.locator('#qr').count()).toBe(0);
  });
});

describe('what the page says', () => {
  test('about a wrong clock goes when the member has set it and comes back', async () => {
    const tab = await scene.phone(10 * HOUR_MS);
    await link(tab, await scene.code());
    const told = tab.getByText(say('clockFast', { n: '10 小时' })).first();
    await told.waitFor();
    await away(tab, () => tab.clock.setSystemTime(scene.clock.nowMs));
    await told.waitFor({ state: 'detached' });
  });

  test('about an end that only its own clock sees is the clock, not an end', async () => {
    const tab = await scene.phone();
    await link(tab, await scene.code());
    await away(tab, () => tab.clock.setSystemTime(scene.clock.nowMs + 100 * DAY_MS));
    await tab
      .getByText(say('clockFast', { n: '100 天' }))
      .first()
      .waitFor();
    expect(await tab.getByText(say('expired')).count()).toBe(0);
    expect(await tab.locator('#qr').count()).toBe(0);
  });

  test('to an iPhone is to keep the page first, and to one that has kept it no more', async () => {
    for (const standalone of [false, true]) {
      const tab = await scene.phone();
      await tab.addInitScript((is) => {
        Object.defineProperty(navigator, 'standalone', { value: is });
      }, standalone);
      await tab.goto(address());
      await tab.getByLabel(say('code')).waitFor();
      expect(await tab.getByText(say('homeScreen')).count()).toBe(standalone ? 0 : 1);
    }
  });

  test('is announced to whoever cannot see it, without the page being read again', async () => {
    const tab = await scene.phone();
    await tab.goto(address());
    const live = await tab.locator('[role=status]').elementHandle();
    await tab.getByLabel(say('code')).fill('7K3M');
    await button(tab, 'link').click();
    const announced = () => live?.evaluate((place) => (place.isConnected ? place.textContent : ''));
    await expect.poll(announced).toBe(say('codeForm'));
    await tab.getByLabel(say('code')).fill((await scene.code()).code);
    await button(tab, 'link').click();
    await shown(tab);
    expect(await tab.locator('[role=status]').count()).toBe(1);
    // Who was in the form is led to the code that stands in its place.
    expect(await tab.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
  });

  test('about privacy stays open while the figures change', async () => {
    const tab = await scene.phone();
    await link(tab, await scene.code());
    await tab.getByText(say('privacy'), { exact: true }).click();
    await tab.getByText(say('privacyText')).waitFor();
    await tab.route('**/v1/passes/**', (route) => route.abort());
    await tab.evaluate(() => dispatchEvent(new Event('online')));
    await tab.getByText(say('offline')).first().waitFor();
    expect(await tab.getByText(say('privacyText')).isVisible()).toBe(true);
  });

  test.each(['America/Los_Angeles', 'Pacific/Kiritimati'])(
    'of a day is that day where the phone is set to %s',
    async (timeZone) => {
      const tab = await scene.phone();
      await tab.addInitScript((zone) => {
        Intl.DateTimeFormat = class extends Intl.DateTimeFormat {
          constructor(language: string, how: Intl.DateTimeFormatOptions) {
            super(language, { timeZone: zone, ...how });
          }
        } as never;
      }, timeZone);
      await link(tab, await scene.code());
      await tab.getByText('2027年12月31日').first().waitFor();
    },
  );

  test('of a removal without a line is said at once and then rightly, and one press is enough', async () => {
    const tab = await scene.phone();
    await link(tab, await scene.code());
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    await tab.route('**/v1/passes/remove', async (route) => {
      await answered;
      await route.abort();
    });
    await button(tab, 'remove').click();
    await tab.keyboard.press('Escape');
    await button(tab, 'remove').click();
    await button(tab, 'removeYes').click();
    const removing = button(tab, 'removing');
    await removing.waitFor();
    expect(await removing.isDisabled()).toBe(true);
    answer();
    await tab.getByText(say('removedOffline')).first().waitFor();
  });

  test('is text, whatever headquarters was told to write', async () => {
    const tab = await scene.phone();
    await link(tab, await scene.code());
    const markup = `<img src=x onerror="document.title='owned'">`.slice(0, 32);
    const stored = await tab.evaluate(() => document.querySelector('.facts')?.textContent);
    expect(stored).toContain('王*明');
    await tab.route('**/v1/passes/refresh', async (route) => {
      const real = await route.fetch();
      const reply = { ...(await real.json()), maskedName: markup, tier: markup, points: 1 };
      await route.fulfill({ json: { ...reply, benefits: [{ kind: markup }] } });
    });
    await tab.evaluate(() => dispatchEvent(new Event('online')));
    await tab.getByRole('heading', { name: markup }).waitFor();
    expect(await tab.locator('img').count()).toBe(0);
    expect(await tab.locator('dd', { hasText: markup }).count()).toBe(2);
  });
});

describe('the look of the page', () => {
  test.each([
    ['zh-CN', 'dark', 1],
    ['en', 'light', 2],
    ['en', 'dark', 2],
  ] as const)(
    'at 320 pixels, in %s, %s, with letters %i times as large',
    async (language, scheme, times) => {
      const tab = await scene.phone();
      await tab.setViewportSize({ width: 320, height: 568 });
      await tab.emulateMedia({ colorScheme: scheme });
      const name = `narrow-${scheme}-${times}x`;
      const larger = async () => {
        await tab.evaluate((n) => {
          document.documentElement.style.fontSize = `${n * 100}%`;
        }, times);
      };
      await tab.goto((await scene.code()).url);
      await tab.getByLabel(say('code')).waitFor();
      await larger();
      if (language === 'en') await button(tab, 'switchLanguage').click();
      await looksRight(tab, `${name}-link-${language}`);
      await button(tab, 'link', language).click();
      await shown(tab);
      await looksRight(tab, `${name}-${language}`);
      await tab.route('**/v1/passes/refresh', async (route) => {
        const real = await route.fetch();
        await route.fulfill({ json: { ...(await real.json()), maskedName: LONG_NAME } });
      });
      await tab.evaluate(() => dispatchEvent(new Event('online')));
      await tab.getByRole('heading', { name: LONG_NAME }).waitFor();
      await button(tab, 'remove', language).click();
      await looksRight(tab, `${name}-remove-${language}`);
    },
  );

  test('breaks no rule of its own policy, and asks nobody but its headquarters', () => {
    expect(scene.faults).toEqual([]);
  });
});
