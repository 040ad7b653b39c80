import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { parseCredential } from '../../agent/domain/credential/record.ts';
import { credentialRefusalText } from '../../agent/domain/credential/sentences.ts';
import { PASS_KEY_DAYS } from '../../sync/protocol/pass.ts';
import { READER_OPTIONS } from '../../ui/app/camera-codes/reader-options.ts';
import { openTill, POS, type Rig, value } from '../agent/app/rig.ts';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import { HQ_START_LIMIT_MS } from '../support/hq.ts';
import { testWithProgram } from '../support/machine.ts';
import { buildPassPage } from '../support/pass-page.ts';
import {
  button,
  link,
  looksRight,
  MEMBER,
  openPassScene,
  type PassScene,
  PICTURES,
  say,
  shown,
} from '../support/pass-scene.ts';
import { TEST_NOW_MS } from '../support/store.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const DAY_MS = 24 * 60 * 60_000;

let browser: TestBrowser;
let built: Awaited<ReturnType<typeof buildPassPage>>;

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  built = await buildPassPage();
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  const wasmBinary = new Uint8Array(readFileSync(wasm)).buffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
}, HQ_START_LIMIT_MS);
afterAll(() => built?.remove());

/** What the till's camera reads in a picture of the page. */
async function seen(tab: Page): Promise<string[]> {
  const picture = await tab.locator('.code').screenshot();
  const found = await readBarcodes(new Uint8Array(picture), READER_OPTIONS);
  return found.map(({ text }) => text);
}

/** A till that has taken what HQ publishes: the issuers, and the member where its store carries them. */
async function tillOf({ hq }: PassScene, carries: boolean): Promise<Rig> {
  const rig = openTill();
  const rows = await hq.deps.db.query<{ tbl: string; key: string; body: string }>(
    `SELECT 'pass-issuer' AS tbl, issuer_id AS key, body FROM pass_issuers
     UNION ALL SELECT 'member', member_id, body FROM members WHERE $1`,
    [carries],
  );
  rig.store.sync.apply(rows.map(({ tbl, key, body }) => [tbl, key, 5, body]));
  return rig;
}

const identify = async (rig: Rig, text: string) => value(await rig.till.identify(POS, { text }));

describe("the member's pass", () => {
  let scene: PassScene;
  beforeAll(async () => {
    if (!hasBrowser()) return;
    browser = await openBrowser();
    scene = await openPassScene(browser, built.folder);
  }, HQ_START_LIMIT_MS);
  afterAll(async () => {
    await browser?.close();
    await scene?.hq.close();
  }, HQ_START_LIMIT_MS);

  test('is linked by a code, typed or from the address, and looks right in both languages', async () => {
    const tab = await scene.phone();
    const { code } = await scene.code();
    await tab.goto(`${scene.hq.url}/pass/`);
    await tab.getByLabel(say('code')).fill('7K3M');
    await button(tab, 'link').click();
    await tab.getByText(say('codeForm')).waitFor();
    await looksRight(tab, 'link-zh-CN');
    await tab.getByLabel(say('code')).fill('0000-0000-0000');
    await button(tab, 'link').click();
    await tab.getByText('绑定码不对、已过期或已被使用').waitFor();
    await button(tab, 'switchLanguage').click();
    await looksRight(tab, 'link-en');
    await tab.getByLabel(say('code', {}, 'en')).fill(code.toLowerCase().replaceAll('-', ' '));
    await button(tab, 'link', 'en').click();
    await shown(tab);
    await tab.getByText('1,280').waitFor();
    await looksRight(tab, 'shown-en');
    await tab.getByRole('button', { name: say('switchLanguage', {}, 'en') }).click();
    await tab.getByText('王*明').waitFor();
    await shown(tab);
    await looksRight(tab, 'shown-zh-CN');
    expect(tab.url()).toBe(`${scene.hq.url}/pass/`);
    await tab.goto((await scene.code()).url);
    await tab.getByText(say('linkedAlready')).waitFor();
    expect(await tab.evaluate(() => location.hash)).toBe('');
    await tab.close();
  });

  test('shows a code that a camera reads, and never one twice, in two tabs neither', async () => {
    const [one, two] = [await scene.phone(), await scene.phone()];
    await one.goto(`${scene.hq.url}/pass/`);
    const texts = [await shown(one)];
    expect(await seen(one)).toEqual(texts);
    await two.goto(`${scene.hq.url}/pass/`);
    texts.push(await shown(two));
    for (let n = 0; n < 3; n++) {
      for (const tab of [one, two]) {
        const before = (await tab.locator('#qr').getAttribute('data-code')) ?? '';
        await tab.clock.runFor(30_000);
        texts.push(await shown(tab, before));
      }
    }
    const counters = texts.map((text) => parseCredential(text)?.counter);
    expect(new Set(counters).size).toBe(texts.length);
    await one.close();
    await two.close();
  });

  test('has a key that cannot be taken out of the browser', async () => {
    const tab = await scene.phone();
    await tab.goto(`${scene.hq.url}/pass/`);
    await shown(tab);
    const extractable = await tab.evaluate(async () => {
      const opening = indexedDB.open('tillside-pass');
      await new Promise((resolve) => {
        opening.onsuccess = resolve;
      });
      const got = opening.result.transaction('kept').objectStore('kept').get('pass');
      await new Promise((resolve) => {
        got.onsuccess = resolve;
      });
      return (got.result as { key: { privateKey: CryptoKey } }).key.privateKey.extractable;
    });
    expect(extractable).toBe(false);
    await tab.close();
  });

  test('tells a clock that is off by more than a step, and asks headquarters all the same', async () => {
    const tab = await scene.phone(10 * 60_000);
    await tab.goto(`${scene.hq.url}/pass/`);
    await tab.getByText(say('clockFast', { n: '10 分钟' })).waitFor();
    await tab.close();
  });

  test('renews its key before the certificate ends', async () => {
    scene.clock.nowMs += (PASS_KEY_DAYS - 20) * DAY_MS;
    const keys = () => scene.hq.deps.db.query<{ key_id: string }>('SELECT key_id FROM pass_keys');
    const before = await keys();
    const tab = await scene.phone();
    await tab.goto(`${scene.hq.url}/pass/`);
    await expect.poll(keys, { timeout: 15_000 }).not.toEqual(before);
    expect(await keys()).toHaveLength(1);
    const [{ key_id: keyId = '' } = {}] = await keys();
    await expect
      .poll(async () => parseCredential(await shown(tab))?.keyId, { timeout: 15_000 })
      .toBe(keyId);
    await tab.close();
  });

  test('is removed by its member, who is asked first, and every till is told', async () => {
    const tab = await scene.phone();
    await tab.goto(`${scene.hq.url}/pass/`);
    await shown(tab);
    await button(tab, 'remove').click();
    await looksRight(tab, 'remove-zh-CN');
    await button(tab, 'removeNo').click();
    await button(tab, 'remove').click();
    await button(tab, 'removeYes').click();
    await tab.getByText(say('removed')).waitFor();
    expect(await scene.hq.deps.db.query('SELECT 1 FROM pass_keys')).toEqual([]);
    expect(await scene.hq.deps.db.query('SELECT 1 FROM denied_keys')).toHaveLength(1);
    await tab.reload();
    await tab.getByLabel(say('code')).waitFor();
    await tab.close();
  });

  test('asks nobody but its headquarters, and breaks no rule of its own policy', () => {
    expect(scene.faults).toEqual([]);
  });
});

describe("the member's pass at a till", () => {
  let scene: PassScene;
  beforeAll(async () => {
    if (!hasBrowser()) return;
    browser = await openBrowser();
    scene = await openPassScene(browser, built.folder);
  }, HQ_START_LIMIT_MS);
  afterAll(async () => {
    await browser?.close();
  }, HQ_START_LIMIT_MS);

  test('works with P-256 where the browser has no Ed25519', async () => {
    const tab = await scene.phone();
    await tab.addInitScript(() => {
      const { subtle } = crypto;
      const make = subtle.generateKey.bind(subtle) as (...all: unknown[]) => Promise<CryptoKeyPair>;
      subtle.generateKey = ((how: { name: string }, ...rest: unknown[]) =>
        how.name === 'Ed25519'
          ? Promise.reject(new DOMException('no', 'NotSupportedError'))
          : make(how, ...rest)) as never;
    });
    await link(tab, await scene.code());
    const [key] = await scene.hq.deps.db.query<{ alg: string }>('SELECT alg FROM pass_keys');
    expect(key?.alg).toBe('p256');
    const rig = await tillOf(scene, true);
    expect(await identify(rig, await shown(tab))).toMatchObject({ outcome: 'identified' });
    await scene.hq.deps.db.query('DELETE FROM pass_keys');
    await tab.reload();
    await tab.getByText(say('endedElsewhere')).waitFor();
    await tab.close();
  });

  test('is read and verified with headquarters stopped, refused two minutes later, and refused when replayed', async () => {
    const tab = await scene.phone();
    await link(tab, await scene.code());
    await tab.evaluate(() => navigator.serviceWorker.ready);
    const [carrying, visited] = [await tillOf(scene, true), await tillOf(scene, false)];
    await scene.hq.close();

    const [code = ''] = await seen(tab);
    expect(await identify(carrying, code)).toMatchObject({
      outcome: 'identified',
      means: ['pass'],
      member: { memberId: MEMBER, tier: 'gold' },
    });
    expect(await identify(visited, code)).toMatchObject({
      outcome: 'identified',
      member: { memberId: MEMBER, tier: 'gold' },
    });
    for (const till of [carrying, visited]) {
      const { identificationId } = await identify(till, code);
      await till.till.releaseIdentification(POS, identificationId);
      expect(await identify(till, code)).toMatchObject({
        outcome: 'refused',
        notices: [credentialRefusalText('replayed')],
      });
    }

    await tab.clock.runFor(30_000);
    const later = await shown(tab, code);
    carrying.time.pass(30_000 + 120_000);
    expect(await identify(carrying, later)).toMatchObject({
      outcome: 'refused',
      notices: [credentialRefusalText('too-old')],
    });

    // Opened anew without any network: the service worker has the page, the browser has the key.
    await tab.clock.setFixedTime(TEST_NOW_MS + 150_000);
    await tab.reload();
    await tab.getByText(say('offline')).waitFor();
    await tab.getByText('1,280').waitFor();
    const fresh = await shown(tab);
    expect(parseCredential(fresh)?.counter).toBeGreaterThan(parseCredential(later)?.counter ?? 0);
    expect(await identify(carrying, fresh)).toMatchObject({ outcome: 'identified' });
    await looksRight(tab, 'offline-zh-CN');
    expect(scene.faults).toEqual([]);
  });
});
