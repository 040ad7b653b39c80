import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { PASS_KEY_DAYS } from '../../sync/protocol/pass.ts';
import { testWithProgram } from '../support/machine.ts';
import { away, passPhones, qrText } from '../support/pass-phones.ts';
import { button, link, looksRight, say, shown } from '../support/pass-scene.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const DAY_MS = 24 * 60 * 60_000;
/** A member's name as long as one may be, without a place to break it. */
const LONG_NAME = 'W'.repeat(80);
const phones = passPhones();

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

describe('a code on show', () => {
  test('is gone from the screen while nobody looks, and a fresh one is there afterwards', async () => {
    const tab = await phones.scene.phone();
    await link(tab, await phones.scene.code());
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
    const tab = await phones.scene.phone();
    await link(tab, await phones.scene.code());
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
    const tab = await phones.scene.phone();
    await tab.setViewportSize(size);
    await link(tab, await phones.scene.code());
    const box = await tab.locator('#qr').boundingBox();
    expect(box?.y).toBeGreaterThanOrEqual(0);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(size.height);
    expect(box?.width).toBeGreaterThan(180);
    await looksRight(tab, `${name}-zh-CN`);
  });

  test.each([1.5, 2.625, 3])(
    'has edges that no pixel blurs where %d pixels of the screen make one of the page',
    async (ratio) => {
      const tab = await phones.scene.phone();
      const session = await tab.context().newCDPSession(tab);
      await session.send('Emulation.setDeviceMetricsOverride', {
        width: 360,
        height: 640,
        deviceScaleFactor: ratio,
        mobile: true,
      });
      await link(tab, await phones.scene.code());
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
    const tab = await phones.scene.phone();
    await link(tab, await phones.scene.code());
    await tab.route('**/v1/passes/**', (route) => route.abort());
    await tab.clock.setSystemTime(phones.scene.clock.nowMs + (PASS_KEY_DAYS + 1) * DAY_MS);
    await tab.clock.runFor(1_000);
    await tab.getByText(say('expired')).first().waitFor();
    expect(await tab.locator('#qr').count()).toBe(0);
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
      const tab = await phones.scene.phone();
      await tab.setViewportSize({ width: 320, height: 568 });
      await tab.emulateMedia({ colorScheme: scheme });
      const name = `narrow-${scheme}-${times}x`;
      const larger = async () => {
        await tab.evaluate((n) => {
          document.documentElement.style.fontSize = `${n * 100}%`;
        }, times);
      };
      await tab.goto((await phones.scene.code()).url);
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
});

test('the page breaks no rule of its own policy, and asks nobody but its headquarters', () => {
  expect(phones.scene.faults).toEqual([]);
});
