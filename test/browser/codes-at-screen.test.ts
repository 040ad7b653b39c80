import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { en } from '../../ui/app/i18n/en.ts';
import { zhCN } from '../../ui/app/i18n/zh-cn.ts';
import { CALIBRATION_TEXT, CALIBRATION_TEXT_GS } from '../../ui/app/wedge/calibration.ts';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import {
  blurred,
  type GreyPicture,
  type PlacedQr,
  placeQr,
  type Shot,
  wallPicture,
  y4mOf,
} from '../support/code-picture.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { type SceneServer, serveScenes } from '../support/scenes.ts';
import { pressKeys, scanByWedge, strokesOf } from '../support/wedge-keys.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const WAIT = { timeout: 60_000, interval: 200 };
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));

const [WIDTH, HEIGHT] = [640, 480];
const FRAMES_PER_SECOND = 5;
/** A member pass is as long: 80 bytes in base45. */
const PASS_CHARS = 120;
const pass = (name: string): string => `TSP1:${name}${'0'.repeat(PASS_CHARS - name.length)}`;

const shot = (frames: number, placed: readonly Partial<PlacedQr>[], blurPx = 0): Shot => {
  const picture: GreyPicture = wallPicture(WIDTH, HEIGHT, frames);
  for (const each of placed)
    placeQr(picture, {
      text: '',
      centreX: WIDTH / 2,
      centreY: HEIGHT / 2,
      modulePx: 6,
      ...each,
    });
  return { frames, picture: blurPx === 0 ? picture : blurred(picture, blurPx) };
};

/** What is held before the camera, one after the other, again and again. */
const film = (): Buffer => {
  const nothing = shot(3, []);
  const one = (name: string, more: Partial<PlacedQr> = {}, blurPx = 0): Shot =>
    shot(5, [{ text: pass(name), ...more }], blurPx);
  return y4mOf(
    [
      nothing,
      one('CLEAN'),
      nothing,
      one('BLURRED', {}, 1),
      nothing,
      one('ROTATED', { rotatedDeg: 33 }),
      nothing,
      one('SMEARED', {}, 9),
      nothing,
      shot(5, [
        { text: pass('LEFT'), centreX: 160, modulePx: 5 },
        { text: pass('RIGHT'), centreX: 480, modulePx: 5 },
      ]),
    ],
    FRAMES_PER_SECOND,
  );
};

let folder: string;
let server: SceneServer;
let browser: TestBrowser | undefined;

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'tillside-camera-'));
  const file = join(folder, 'film.y4m');
  writeFileSync(file, film());
  server = await serveScenes({ guarded: true });
  browser = await openBrowser({ film: file });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Opens a page and notes what goes wrong in it and where it asks for files. */
async function open(path: string) {
  if (browser === undefined) throw new Error('the browser did not start');
  const page = await browser.newPage();
  const broken: string[] = [];
  const foreign: string[] = [];
  page.on('pageerror', (error) => broken.push(error.message));
  page.on('console', (message) => {
    // The scenes have no page of examples; everything else in the console is a fault of the page.
    if (message.type() === 'error' && !message.text().includes('status of 404'))
      broken.push(message.text());
  });
  page.on('request', (request) => {
    if (!/^(?:http:\/\/127\.0\.0\.1:|data:|blob:)/.test(request.url())) foreign.push(request.url());
  });
  await page.goto(new URL(path, server.address('')).href);
  return { page, broken, foreign };
}

const told = (page: Page): Promise<string[]> => page.evaluate('told');

describe("a QR code before the till's camera", () => {
  let page: Page;
  let broken: string[];
  let foreign: string[];
  beforeAll(async () => {
    if (!hasBrowser()) return;
    ({ page, broken, foreign } = await open('/camera.html'));
    // Whatever is in the film has been seen when its first code comes a second time.
    await vi.waitFor(async () => {
      const lines = await told(page);
      expect(lines).toContain('several');
      expect(lines.filter((line) => line.includes('CLEAN')).length).toBeGreaterThan(1);
    }, WAIT);
  }, 120_000);
  afterAll(async () => page?.close());

  test.each(['CLEAN', 'BLURRED', 'ROTATED'] as const)('is read when it is %s', async (name) => {
    expect(await told(page)).toContain(`]Q1 ${pass(name)}`);
  });

  test('is refused with a word when another is beside it, and neither is taken', async () => {
    const lines = await told(page);
    expect(lines).toContain('several');
    expect(lines.filter((line) => /LEFT|RIGHT/.test(line))).toEqual([]);
  });

  test('is not guessed when it is out of focus or when there is none', async () => {
    const right = ['CLEAN', 'BLURRED', 'ROTATED'].map((name) => `]Q1 ${pass(name)}`);
    const codes = (await told(page)).filter((line) => line.startsWith(']'));
    expect(codes.filter((line) => !right.includes(line))).toEqual([]);
  });

  test('counts once while it is there and again when it comes back', async () => {
    const codes = (await told(page)).filter((line) => line.startsWith(']'));
    expect(codes.filter((line, index) => line === codes[index - 1])).toEqual([]);
    expect(codes.filter((line) => line.includes('CLEAN')).length).toBeGreaterThan(1);
  });

  test('is decoded by files of the till alone, under its content policy', () => {
    expect({ broken, foreign }).toEqual({ broken: [], foreign: [] });
  });
});

describe('the camera of the cashier', () => {
  test('reads a member code, hands it to the till and closes', async () => {
    const { page, broken } = await open(`/?scene=idle&language=zh-CN`);
    const button = page.getByRole('button', { name: zhCN.camera.open });
    await button.click();
    const picture = page.getByLabel(zhCN.camera.picture);
    await picture.waitFor();
    await page.getByText(zhCN.camera.looking).waitFor();
    await page.screenshot({ path: `${PICTURES}camera-zh-CN.png` });
    await picture.waitFor({ state: 'detached', timeout: WAIT.timeout });
    expect(await page.evaluate('scanned')).toEqual([
      { text: expect.stringMatching(/^\]Q1TSP1:/), reader: 'camera' },
    ]);
    await button.waitFor();
    expect(broken).toEqual([]);
    await page.close();
  });

  test('whose code a till takes late closes nothing that was opened meanwhile', async () => {
    const { page, broken } = await open(`/?scene=idle&language=en`);
    await page.evaluate(
      'void (window.tillBusy = new Promise((answer) => { window.answer = answer; }))',
    );
    await page.getByRole('button', { name: en.camera.open }).click();
    await expect.poll(() => page.evaluate('scanned.length'), WAIT).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByLabel(en.camera.picture).waitFor({ state: 'detached' });
    await page.keyboard.press('F6');
    const parked = page.getByRole('dialog');
    await parked.waitFor();
    await page.evaluate('answer()');
    await page.evaluate('new Promise((done) => setTimeout(done, 500))');
    expect(await parked.isVisible()).toBe(true);
    expect(broken).toEqual([]);
    await page.close();
  });

  test('is closed when its dialog is: nothing more is read', async () => {
    const { page } = await open(`/?scene=idle&language=en`);
    await page.evaluate(`
      window.Worker = class { postMessage() {} terminate() {} addEventListener() {} };
      window.tracks = [];
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open(wanted);
        tracks.push(...stream.getTracks());
        return stream;
      };
    `);
    const lastTrack = () => page.evaluate('tracks.at(-1)?.readyState');
    await page.getByRole('button', { name: 'Scan with the camera' }).click();
    await expect.poll(lastTrack, WAIT).toBe('live');
    await page.keyboard.press('Escape');
    await expect.poll(lastTrack, WAIT).toBe('ended');
    await page.close();
  });

  test.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'noCamera'],
    ['NotReadableError', 'busy'],
  ] as const)('that answers %s says what to do, and tries again', async (name, words) => {
    const { page } = await open(`/?scene=idle&language=zh-CN`);
    await page.evaluate(
      `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '${name}'))`,
    );
    await page.getByRole('button', { name: zhCN.camera.open }).click();
    await page.getByText(zhCN.camera[words], { exact: true }).waitFor();
    await page.getByText(zhCN.camera[`${words}Hint`]).waitFor();
    await page.getByRole('button', { name: zhCN.app.retry }).waitFor();
    if (words === 'denied') await page.screenshot({ path: `${PICTURES}camera-denied-zh-CN.png` });
    await page.close();
  });
});

describe('the calibration of a keyboard scanner', () => {
  const openDialog = async (page: Page, words: typeof zhCN | typeof en): Promise<void> => {
    await page.getByRole('button', { name: /王秀英|Wang/ }).click();
    await page.getByRole('menuitem', { name: words.wedge.menu }).click();
    await page.getByText(words.wedge.intro).waitFor();
    await page.getByRole('menu').waitFor({ state: 'detached' });
  };

  test.each([
    ['zh-CN', zhCN],
    ['en', en],
  ] as const)(
    'in %s finds the layout, keeps it, and codes are read in it from then on',
    async (language, words) => {
      const { page, broken } = await open(`/?scene=idle&language=${language}`);
      await openDialog(page, words);
      expect(await axeFindings(page)).toEqual([]);
      expect(await clippedTexts(page)).toEqual([]);
      expect(await smallTargets(page)).toEqual([]);
      await scanByWedge(page, CALIBRATION_TEXT_GS, 'fr');
      await page
        .getByText(words.wedge.found.replace('{{layout}}', words.wedge.layout.fr))
        .waitFor();
      await page.getByText(words.wedge.gsSent).waitFor();
      await page.screenshot({ path: `${PICTURES}wedge-calibration-${language}.png` });
      await page.keyboard.press('Escape');
      await page.getByText(words.wedge.intro).waitFor({ state: 'detached' });
      await scanByWedge(page, ']C1801812', 'fr');
      await expect.poll(() => page.evaluate('scanned'), WAIT).toEqual([{ text: ']C1801812' }]);
      expect(broken).toEqual([]);
      await page.close();
    },
  );

  test.each([
    ['zh-CN', zhCN],
    ['en', en],
  ] as const)(
    'in %s is offered on the device page, which says how the scanner is set',
    async (language, words) => {
      const { page, broken } = await open(`/?scene=devices&language=${language}`);
      const section = page.locator('[data-device="wedge"]');
      await section.getByText(words.wedge.never).waitFor();
      await section.getByText(words.wedge.on, { exact: true }).waitFor();
      await section.scrollIntoViewIfNeeded();
      await page.screenshot({ path: `${PICTURES}wedge-section-empty-${language}.png` });
      await section.getByRole('button', { name: words.wedge.calibrate }).click();
      await page.getByText(words.wedge.intro).waitFor();
      await scanByWedge(page, CALIBRATION_TEXT_GS, 'de');
      await page
        .getByText(words.wedge.found.replace('{{layout}}', words.wedge.layout.de))
        .waitFor();
      // Escape closes the dialog and not the page behind it.
      await page.keyboard.press('Escape');
      await page.getByText(words.wedge.intro).waitFor({ state: 'detached' });
      const [before = ''] = words.wedge.calibrated.split('{{time}}');
      await section.getByText(before).waitFor();
      await section
        .getByText(words.wedge.present.replace('{{layout}}', words.wedge.layout.de))
        .waitFor();
      await section.getByRole('button', { name: words.wedge.turnOff }).click();
      await section.getByText(words.wedge.offHint).waitFor();
      await page.screenshot({ path: `${PICTURES}wedge-section-${language}.png` });
      expect(await axeFindings(page)).toEqual([]);
      expect(await clippedTexts(page)).toEqual([]);
      expect(await smallTargets(page)).toEqual([]);
      expect(broken).toEqual([]);
      await page.close();
    },
  );

  test('is no finger on the button that was pressed last, on a page beside the sale', async () => {
    const { page, broken } = await open('/?scene=devices&language=en');
    await page.getByRole('button', { name: en.wedge.turnOff }).click();
    await page.getByRole('button', { name: en.wedge.turnOn }).click();
    await page.getByRole('button', { name: en.wedge.turnOff }).focus();
    await scanByWedge(page, ']E06901234567892');
    await expect.poll(() => page.evaluate('scanned'), WAIT).toEqual([{ text: ']E06901234567892' }]);
    expect(await page.getByRole('button', { name: en.wedge.turnOff }).isVisible()).toBe(true);
    expect(broken).toEqual([]);
    await page.close();
  });

  test('that was turned off leaves what it types to the page', async () => {
    const { page } = await open('/?scene=devices&language=en');
    await page.getByRole('button', { name: en.wedge.turnOff }).click();
    await page.keyboard.press('F2');
    await page.getByText(en.identify.ready).waitFor();
    const field = page.getByRole('textbox', { name: en.identify.cardLabel });
    await field.focus();
    const keys = await page.context().newCDPSession(page);
    await pressKeys(keys, strokesOf('6901234567892'));
    expect(await field.inputValue()).toBe('6901234567892');
    expect(await page.evaluate('scanned')).toEqual([]);
    await page.close();
  });

  test('says what to set in a scanner that sends no Enter', async () => {
    const { page } = await open('/?scene=idle&language=zh-CN');
    await openDialog(page, zhCN);
    const keys = await page.context().newCDPSession(page);
    await pressKeys(keys, strokesOf(CALIBRATION_TEXT));
    await page.getByText(zhCN.wedge.noSuffix, { exact: true }).waitFor();
    await page.close();
  });

  test('two codes in a row both reach a till that answers late', async () => {
    const { page } = await open('/?scene=idle&language=en');
    await page.getByText(en.identify.ready).waitFor();
    await page.evaluate('void (window.tillBusy = new Promise(() => undefined))');
    await scanByWedge(page, '6901234567892');
    await scanByWedge(page, '4006381333931');
    await expect
      .poll(() => page.evaluate('scanned'), WAIT)
      .toEqual([{ text: '6901234567892' }, { text: '4006381333931' }]);
    await page.close();
  });

  test('is asked for when a scanner is set to another layout than the till', async () => {
    const { page } = await open('/?scene=idle&language=zh-CN');
    await page.getByText(zhCN.identify.ready).waitFor();
    await scanByWedge(page, '6901234567892', 'be');
    await page.getByText(zhCN.wedge.refused['other-layout']).waitFor();
    await page.getByText(new RegExp(zhCN.wedge.layout.be)).waitFor();
    expect(await page.evaluate('scanned')).toEqual([]);
    expect(await axeFindings(page)).toEqual([]);
    expect(await clippedTexts(page)).toEqual([]);
    await page.screenshot({ path: `${PICTURES}wedge-other-layout-zh-CN.png` });
    await page.close();
  });
});
