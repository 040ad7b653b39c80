import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { credentialRefusalText } from '../../agent/domain/credential/sentences.ts';
import { READER_OPTIONS } from '../../ui/app/camera-codes/reader-options.ts';
import { WORDS as PASS_WORDS } from '../../ui/pass/words.ts';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import { wallPicture, y4mOf } from '../support/code-picture.ts';
import { createHqProgram, type HqProgram } from '../support/hq-program.ts';
import { testWithProgram } from '../support/machine.ts';
import { CASHIER, cardOf, MANAGER } from '../support/small-chain.ts';
import {
  online,
  type SyncedTill,
  startSyncedTill,
  startTillNetwork,
  urlThrough,
} from '../support/synced-till.ts';
import { scanByWedge } from '../support/wedge-keys.ts';
import { withWrongClock } from '../support/wrong-clock.ts';
import { openPage, signIn, WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
/** A busy machine takes many times as long as a quiet one. */
const TEST_MS = 3 * 60_000;
const WAIT = { timeout: 60_000 };
const PHONE = { width: 390, height: 844 };
/** What the camera sees, in pixels. */
const FRAME = { width: 640, height: 480 };
const FRAMES_PER_SECOND = 5;
const MEMBER = 0;
const words = WORDS['zh-CN'];
const passWords = (word: keyof typeof PASS_WORDS): string => PASS_WORDS[word]['zh-CN'];

let hq: HqProgram;
let till: SyncedTill;
let folder: string;
/** What the till's camera plays; it is read anew each time that the camera is opened. */
let film: string;
let tillBrowser: TestBrowser;
let phoneBrowser: TestBrowser;
let cashier: Page;
let phone: Page;
/** Everything that the till has told its screen. */
let told = '';

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  const wasmBinary = new Uint8Array(readFileSync(wasm)).buffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  folder = mkdtempSync(join(tmpdir(), 'tillside-pass-camera-'));
  film = join(folder, 'film.y4m');
  writeFileSync(film, y4mOf([{ frames: 1, picture: wallPicture(640, 480) }], FRAMES_PER_SECOND));
  hq = await createHqProgram({ database: 'pglite', members: 4 });
  const proxy = await startTillNetwork();
  proxy.pointTo((await hq.start(['--hosts', '127.0.0.1'])).port);
  till = await startSyncedTill({ ticket: await hq.ticket('t1', urlThrough(proxy)), proxy });
  await online(till);
  [tillBrowser, phoneBrowser] = await Promise.all([
    openBrowser({ film }),
    // A phone knows headquarters' certificate; this one is of an authority that the test has made.
    openBrowser({ anyCertificate: true }),
  ]);
  cashier = await openCashier();
  phone = await phoneBrowser.newPage(PHONE);
}, TEST_MS);
afterAll(async () => {
  await Promise.all([tillBrowser?.close(), phoneBrowser?.close()]);
  await till?.remove();
  await hq?.remove();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}, TEST_MS);

async function openCashier(): Promise<Page> {
  const page = await openPage(tillBrowser, till.till(), '/');
  await signIn(page, 'zh-CN', CASHIER.staffId, CASHIER.pin);
  // Its frames are only seen by whoever listened before they were opened.
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      told += String(payload);
    }),
  );
  await page.reload();
  await page.getByText(words.identify.ready).waitFor(WAIT);
  return page;
}

/** The address that the till's screen shows to a member whom a manager vouches for. */
async function linkAtTill(): Promise<string> {
  await scanByWedge(cashier, cardOf(MEMBER));
  await cashier.getByTestId('member').waitFor(WAIT);
  await cashier.keyboard.press('F11');
  await cashier.getByRole('button', { name: words.pass.link }).click();
  await cashier.getByLabel(words.override.reason).fill('核对过身份证');
  await cashier.getByLabel(words.override.managerId).fill(MANAGER.staffId);
  await cashier.getByLabel(words.staff.pin).fill(MANAGER.pin);
  await cashier.getByRole('button', { name: words.pass.vouch }).click();
  const shown = cashier.getByTestId('pass-code');
  await shown.waitFor(WAIT);
  const [code] = await readBarcodes(new Uint8Array(await shown.screenshot()), READER_OPTIONS);
  await cashier.keyboard.press('Escape');
  await shown.waitFor({ state: 'detached' });
  await nextCustomer();
  return code?.text ?? '';
}

async function nextCustomer(): Promise<void> {
  await cashier.keyboard.press('F8');
  await cashier.getByText(words.identify.ready).waitFor(WAIT);
}

/** What the member's phone shows at this moment, as the till's camera sees it. */
async function photograph(): Promise<Buffer> {
  const picture = (await phone.locator('.code').screenshot()).toString('base64');
  const luma = await phone.evaluate(
    async ({ bytes, frame }) => {
      const png = Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
      const seen = await createImageBitmap(new Blob([png], { type: 'image/png' }));
      const place = Object.assign(document.createElement('canvas'), frame);
      const pen = place.getContext('2d');
      if (pen === null) throw new Error('this browser draws nothing');
      pen.fillStyle = '#777';
      pen.fillRect(0, 0, frame.width, frame.height);
      pen.drawImage(seen, (frame.width - seen.width) / 2, (frame.height - seen.height) / 2);
      const { data } = pen.getImageData(0, 0, frame.width, frame.height);
      return Array.from({ length: data.length / 4 }, (_, at) => data[at * 4] ?? 0);
    },
    { bytes: picture, frame: FRAME },
  );
  return y4mOf(
    [{ frames: FRAMES_PER_SECOND, picture: { ...FRAME, luma: Uint8Array.from(luma) } }],
    FRAMES_PER_SECOND,
  );
}

const codeText = (): Promise<string | null> => phone.locator('#qr').getAttribute('data-code');

/** Another code than the one before, shown because the member has looked away and back. */
async function freshCode(): Promise<void> {
  const before = await codeText();
  await phone.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await vi.waitFor(async () => expect(await codeText()).not.toBe(before), WAIT);
}

/** Opens the till's camera before a picture, until its dialog has read it and closed. */
async function scan(picture: Buffer): Promise<void> {
  writeFileSync(film, picture);
  told = '';
  await cashier.getByRole('button', { name: words.camera.open }).click();
  const dialog = cashier.getByLabel(words.camera.picture);
  await dialog.waitFor(WAIT);
  await dialog.waitFor({ state: 'detached', ...WAIT });
}

describe("the pass on a member's phone before the till's camera, headquarters stopped", () => {
  let first: Buffer;
  beforeAll(async () => {
    if (!hasBrowser()) return;
    await phone.goto(await linkAtTill());
    await phone.getByRole('button', { name: passWords('link'), exact: true }).click();
    await vi.waitFor(async () => expect(await codeText()).not.toBeNull(), WAIT);
    // The till hears of the key as of any change of a member; it need not, for the code names its own certificate.
    await till.syncNow();
    await hq.stop();
  }, TEST_MS);

  test('is read and verified: the till knows the member by the pass', {
    timeout: TEST_MS,
  }, async () => {
    await freshCode();
    first = await photograph();
    await scan(first);
    await cashier.getByTestId('member').waitFor(WAIT);
    expect(told).toMatch(/"outcome":"identified"/);
    expect(told).toMatch(/"means":\["pass"\]/);
    await cashier.screenshot({ path: `${PICTURES}pass-at-till-zh-CN.png` });
    await nextCustomer();
  });

  test('is refused when the same picture is shown for another basket', {
    timeout: TEST_MS,
  }, async () => {
    await scan(first);
    await cashier.getByText(credentialRefusalText('replayed')['zh-CN']).waitFor(WAIT);
    expect(await cashier.getByTestId('member').count()).toBe(0);
    await nextCustomer();
  });

  test('is refused two minutes later, though nobody has used it', {
    timeout: TEST_MS,
  }, async () => {
    await freshCode();
    const unused = await photograph();
    await till.stop();
    await withWrongClock(120_000, () => till.start());
    await cashier.close();
    cashier = await openCashier();
    await scan(unused);
    await cashier.getByText(credentialRefusalText('too-old')['zh-CN']).waitFor(WAIT);
    expect(await cashier.getByTestId('member').count()).toBe(0);
  });
});
