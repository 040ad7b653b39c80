import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { type SceneServer, serveScenes } from '../support/scenes.ts';
import { OVERTAKEN_MS } from './fixture/fake-link.ts';
import { scenes } from './fixture/scenes.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));

let server: SceneServer;
let browser: TestBrowser | undefined;

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  server = await serveScenes();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** What appears once a scene is drawn. */
const SETTLED = 'main, [role=alert], [role=status]';

type Look = { readonly language: string; readonly theme: string };

/** Shows a scene in a tab; what goes wrong in it until the next one is noted. */
async function show(page: Page, scene: string, look: Look): Promise<string[]> {
  const broken: string[] = [];
  page.removeAllListeners('pageerror');
  page.on('pageerror', (error) => broken.push(error.message));
  await page.goto(server.address(scene, look));
  await page.locator(SETTLED).first().waitFor();
  await page.evaluate(() => document.fonts.ready);
  if (scene.includes('disconnected')) await page.getByRole('alert').waitFor();
  return broken;
}

async function open(scene: string, look: Look, size: keyof typeof SCREEN_SIZES) {
  if (browser === undefined) throw new Error('the browser did not start');
  const page = await browser.newPage(SCREEN_SIZES[size]);
  return { page, broken: await show(page, scene, look) };
}

/** Each screen in each look would test the same style sheet many times: two looks see all, two the chief ones. */
const CHIEF = ['sign-in', 'locked', 'missing', 'committed', 'offline', 'manager', 'sync-offline'];
const LOOKS = [
  { language: 'zh-CN', theme: 'light', size: '1366x768', all: true },
  { language: 'en', theme: 'dark', size: '1024x768', all: true },
  { language: 'zh-CN', theme: 'dark', size: '1366x768', all: false },
  { language: 'en', theme: 'light', size: '1024x768', all: false },
] as const;

describe.each(LOOKS)('in $language, $theme, at $size', ({ language, theme, size, all }) => {
  /** One tab for all scenes of a look: a hundred tabs take half a minute to open and close. */
  let page: Page;
  beforeAll(async () => {
    if (browser !== undefined) page = await browser.newPage(SCREEN_SIZES[size]);
  });
  afterAll(async () => page?.close());

  test.each(all ? Object.keys(scenes) : CHIEF)(
    'the scene "%s" has no serious finding of axe, no cut text, no small target',
    async (scene) => {
      const broken = await show(page, scene, { language, theme });
      await page.screenshot({ path: `${PICTURES}${scene}-${language}-${theme}-${size}.png` });
      expect(await axeFindings(page)).toEqual([]);
      expect(await clippedTexts(page)).toEqual([]);
      expect(await smallTargets(page)).toEqual([]);
      expect(broken).toEqual([]);
    },
  );
});

/** What each key opens over the cashier's screen. */
const LAYERS = [
  { key: 'F1', scene: 'online', name: 'join' },
  { key: 'F3', scene: 'missing', name: 'override' },
  { key: 'F6', scene: 'basket', name: 'parked' },
  { key: 'F7', scene: 'basket', name: 'scanner' },
] as const;

describe.each([LOOKS[0], LOOKS[1]])(
  'dialogs in $language, $theme, at $size',
  ({ language, theme, size }) => {
    test.each(LAYERS)(
      '$key opens "$name", Esc closes it, and it has no serious finding',
      async ({ key, scene, name }) => {
        const { page } = await open(scene, { language, theme }, size);
        await page.getByTestId('payable').waitFor();
        await page.keyboard.press(key);
        await page.getByRole('dialog').waitFor();
        await page.screenshot({ path: `${PICTURES}${name}-${language}-${theme}-${size}.png` });
        expect(await axeFindings(page)).toEqual([]);
        expect(await clippedTexts(page)).toEqual([]);
        expect(await smallTargets(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
        await page.close();
      },
    );
  },
);

describe('what a cashier sees', () => {
  const look = { language: 'zh-CN', theme: 'light' };

  test('a locked screen shows nothing of the sale or the member', async () => {
    const { page } = await open('locked', look, '1366x768');
    await page.getByRole('button', { name: '解锁' }).waitFor();
    expect(await page.getByTestId('payable').count()).toBe(0);
    expect(await page.getByText('李*敏').count()).toBe(0);
    await page.close();
  });

  test('a screen left alone for the till’s idle time locks itself', async () => {
    const { page } = await open('left-alone', look, '1366x768');
    await page.getByRole('button', { name: '解锁' }).waitFor();
    expect(await page.getByTestId('payable').count()).toBe(0);
    await page.close();
  });

  test('benefits stand in the order applied, nearly there, refused; the rest on request', async () => {
    const { page } = await open('basket', look, '1366x768');
    const order = () =>
      page
        .locator('[data-group]')
        .evaluateAll((groups) => groups.map((group) => group.getAttribute('data-group')));
    const near = page.locator('[data-group=near]');
    await near.waitFor();
    expect(await order()).toEqual(['applied', 'near', 'refused']);
    expect(await near.getByRole('listitem').allTextContents()).toEqual([
      '再买 43.18 元，立减 25.00 元满 300 减 45可减 ¥25.00',
      '再买 1 件，可享“牛奶第 2 件半价”牛奶第 2 件半价',
    ]);
    await page.getByRole('button', { name: '查看不适用的 38 条' }).click();
    expect(await order()).toEqual(['applied', 'near', 'refused', 'lost', 'other']);
    await page.close();
  });

  test('without the agent the last known sale stays on show under a banner that says since when', async () => {
    const { page } = await open('disconnected', look, '1366x768');
    expect(await page.getByRole('alert').textContent()).toContain('14:28');
    expect(await page.getByTestId('payable').textContent()).toBe('¥236.82');
    await page.close();
  });

  test('a clock that may be wrong is said, and a manager puts it right with their PIN', async () => {
    const { page } = await open('offline', look, '1366x768');
    const banner = page.getByText('本机时钟可能不准，部分权益需要再次核实');
    await banner.waitFor();
    await page.getByRole('button', { name: '店长确认时间' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await page.screenshot({ path: `${PICTURES}clock-zh-CN.png` });
    expect(await axeFindings(page)).toEqual([]);
    expect(await clippedTexts(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    expect(await page.getByRole('button', { name: '时间正确' }).isDisabled()).toBe(true);
    await dialog.getByLabel('店长编号').fill('150');
    await dialog.locator('input[type=password]').fill('2222');
    await page.getByRole('button', { name: '时间正确' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await banner.waitFor({ state: 'hidden' });
    await page.close();
  });

  test('the offline banner says since when, why and what waits, and leads to the sync page', async () => {
    const { page } = await open('offline', look, '1366x768');
    const banner = page.getByText('总部自 13:43 起离线').locator('..');
    await banner.waitFor();
    expect(await banner.textContent()).toContain('网络不通或总部服务未开启');
    expect(await banner.textContent()).toContain('18 笔待上传 (最早一笔 13:44)');
    await page.getByRole('button', { name: '查看同步情况' }).click();
    await page.getByRole('heading', { name: '与总部同步' }).waitFor();
    await page.close();
  });

  test('the sync page says what works, what waits and what to do, and tries again by one key', async () => {
    const { page } = await open('sync-offline', look, '1366x768');
    await page.getByText('在这台机器的浏览器里完成上网登录').waitFor();
    for (const words of ['照常可用', '暂时等待', '还差 649 条变更', '18 条', '本机快 6分钟'])
      expect(await page.getByText(words).count(), words).toBeGreaterThan(0);
    await page.keyboard.press('F3');
    await page.keyboard.press('F2');
    await page.getByText('等待会员出示').or(page.getByTestId('payable')).first().waitFor();
    await page.close();
  });

  test('what "Sync now" brought stays, although an older answer comes after it', async () => {
    const { page } = await open('sync-overtaken', look, '1366x768');
    await page.getByRole('button', { name: '立即重试' }).waitFor();
    await page.keyboard.press('F3');
    const state = page.locator('section[aria-live=polite]');
    // The fake answers once the page's own question is out, at its pace of two seconds.
    await state.filter({ hasText: '总部在线' }).waitFor();
    await page.waitForTimeout(1.5 * OVERTAKEN_MS);
    expect(await state.textContent()).toContain('总部在线');
    await page.close();
  });

  test('a manager begins a check by one key, sees how far it is, and finds it again after leaving', async () => {
    const { page } = await open('sync-to-check', look, '1366x768');
    await page.getByText('102,400 条全部与总部一致').first().waitFor();
    expect(await page.getByTestId('check-runs').count()).toBe(0);
    await page.keyboard.press('F6');
    const runs = page.getByTestId('check-runs');
    await runs.waitFor();
    expect(await runs.textContent()).toContain(
      '已完成 37%（38,200 / 102,400 条） · 大约还要 2分钟',
    );
    expect(await runs.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('37');
    await page.keyboard.press('F2');
    await page.getByText('等待会员出示').or(page.getByTestId('payable')).first().waitFor();
    await page.goBack();
    await runs.waitFor();
    await page.close();
  });

  test('a cashier sees what was found but begins nothing, and which rows stay is for IT alone', async () => {
    const { page } = await open('sync-offline', look, '1366x768');
    await page.getByText('连上总部后才能校验').waitFor();
    expect(await page.getByRole('button', { name: '立即校验' }).isDisabled()).toBe(true);
    await page.close();
    const { page: cashier } = await open('sync-drifts-seen', look, '1366x768');
    await cashier.getByText('2 条数据改正后又有差异').waitFor();
    await cashier.getByText('请通知信息部门；收银不受影响').waitFor();
    await cashier.getByText('店长或信息员登录后可以手动开始').waitFor();
    expect(await cashier.getByRole('button', { name: '深度校验' }).isDisabled()).toBe(true);
    expect(await cashier.getByText('points.base').count()).toBe(0);
    await cashier.close();
    const { page: expert } = await open('sync-drifts', look, '1366x768');
    await expert.getByText('points.base').waitFor();
    await expert.close();
  });

  test('the cashier’s page says nothing of checks until something is wrong, then one sentence that leads on', async () => {
    const { page: quiet } = await open('online', look, '1366x768');
    await quiet.getByTestId('payable').waitFor();
    expect(await quiet.getByText('校验').count()).toBe(0);
    await quiet.close();
    const { page } = await open('warned', look, '1366x768');
    await page.getByText('本机有几条数据总是与总部不同，请通知信息部门；照常收银').waitFor();
    await page.getByRole('button', { name: '查看同步情况' }).click();
    await page.getByRole('heading', { name: '与总部同步' }).waitFor();
    await page.close();
  });

  test('the cashier reads that the data was repaired, and what the manager is to do', async () => {
    const { page } = await open('repaired', look, '1366x768');
    await page.getByText(/有 2 笔未能恢复，请通知店长核对收银小票/).waitFor();
    await page.close();
  });

  test('a till with staff says that its registration needs a manager or IT', async () => {
    const { page } = await open('sync-alone', look, '1366x768');
    await page.getByText('请店长或信息员先登录').waitFor();
    await page.close();
  });

  test('joining needs a whole number and a yes to the text, which stands there in both languages', async () => {
    const { page } = await open('online', look, '1366x768');
    await page.getByTestId('payable').waitFor();
    await page.keyboard.press('F1');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('I agree to become a member').waitFor();
    expect(await dialog.getByText('我同意以手机号注册会员').count()).toBe(1);
    const join = dialog.getByRole('button', { name: '入会', exact: true });
    expect(await join.isDisabled()).toBe(true);
    await dialog.getByLabel('手机号').fill('1380000');
    await dialog.getByText('请输入完整的手机号').waitFor();
    await dialog.getByLabel('手机号').fill('138 0000 1111');
    expect(await join.isDisabled()).toBe(true);
    await dialog.getByLabel('会员已阅读并同意').check();
    await join.click();
    await dialog.waitFor({ state: 'hidden' });
    await page.close();
  });

  test('a number that is a member already is said, and nobody joins twice', async () => {
    const { page } = await open('online', look, '1366x768');
    await page.getByTestId('payable').waitFor();
    await page.keyboard.press('F1');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('手机号').fill('13800006688');
    await dialog.getByLabel('会员已阅读并同意').check();
    await dialog.getByRole('button', { name: '入会', exact: true }).click();
    await dialog.getByText('该手机号已是会员').waitFor();
    await page.close();
  });

  test('a manager board that lost its connection says how old it is', async () => {
    const { page } = await open('manager-stale', look, '1366x768');
    await page.getByText('连接中断').waitFor();
    expect(await page.getByText('李*敏').count()).toBe(1);
    await page.close();
  });
});
