import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { ERRORS, type ErrorCode } from '../../agent/contract/index.ts';
import { THANKS_SHOWN_MS } from '../../ui/app/customer/customer-scene.ts';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { startDemoTill, type TestTill } from '../support/till.ts';
import { scanByWedge } from '../support/wedge-keys.ts';
import {
  type DemoExamples,
  demoExamples,
  openPage,
  pairRegister,
  ringUp,
  signIn,
  WORDS,
} from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
/** A busy machine takes many times as long as a quiet one. */
const WAIT = { timeout: 20_000 };
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));

let till: TestTill & { remove(): void };
let browser: TestBrowser;
let demo: DemoExamples;
let page: Page;
/** The customer display beside it. */
let shopper: Page;
const errors: string[] = [];

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  till = await startDemoTill();
  demo = await demoExamples(till);
  browser = await openBrowser();
  page = await openPage(browser, till, '/demo', { width: 1366, height: 768 });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // A refused call is the test's own doing; everything else in the console is a fault of the page.
    if (message.type() === 'error' && !message.text().includes('status of 4'))
      errors.push(message.text());
  });
  await signIn(page, 'zh-CN', '101', '1111');
  await pairRegister(page, till, 'zh-CN');
  shopper = await openPage(browser, till, '/customer', { width: 1024, height: 768 });
  shopper.on('pageerror', (error) => errors.push(error.message));
}, 5 * 60_000);
afterAll(async () => {
  await browser?.close();
  await till?.stop();
  till?.remove();
});

const codeOf = (label: string): string => {
  const found = demo.codes.find((code) => code.label.en.includes(label));
  if (found === undefined) throw new Error(`the demo has no code "${label}"`);
  return found.text;
};
/** What the till says of a refusal, in Chinese. */
const said = (code: ErrorCode): string => ERRORS[code].message['zh-CN'];
const member = () => page.getByTestId('member');
const payable = () => page.getByTestId('payable');
const due = () => page.getByTestId('register-due');
const blur = () => page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());

/** Lets the customer display's clock be ahead meanwhile, so that nobody waits for what takes so long. */
async function later(aheadMs: number, meanwhile: () => Promise<void>): Promise<void> {
  await shopper.evaluate((ms) => {
    performance.now = () => Performance.prototype.now.call(performance) + ms;
  }, aheadMs);
  await meanwhile();
  await shopper.evaluate(() => void Reflect.deleteProperty(performance, 'now'));
}

/** Clears the member where there is one, so that each test begins with nobody. */
async function nobody(): Promise<void> {
  const words = WORDS['zh-CN'];
  await page.keyboard.press('Escape');
  const next = page.getByRole('button', { name: words.register.next });
  if (await next.isVisible()) await next.click();
  const release = page.getByRole('button', { name: words.identify.release });
  if (await release.isEnabled()) await release.click();
  await page.getByText(words.identify.ready).waitFor();
  const remove = page.getByRole('button', { name: new RegExp(`^${words.register.remove}`) });
  while ((await remove.count()) > 0) await remove.first().click();
}

describe.each([
  { language: 'zh-CN', article: '竹纤维围嘴', memberName: '李*敏' },
  { language: 'en', article: 'Bamboo', memberName: '李*敏' },
] as const)('a sale from scan to receipt in $language', ({ language, article, memberName }) => {
  const words = WORDS[language];

  test('the language switches by F10 and the whole screen follows', async () => {
    await nobody();
    const lang = await page.evaluate(() => document.documentElement.lang);
    if (lang !== language) await page.keyboard.press('F10');
    await page.getByText(words.identify.ready).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
  });

  test('the customer display keeps a language of its own until it is touched', async () => {
    if (language === 'en') {
      await shopper.getByText(WORDS['zh-CN'].customer.welcome, { exact: true }).waitFor();
      await shopper.getByRole('button', { name: 'English' }).click();
    }
    await shopper.getByText(words.customer.welcome, { exact: true }).waitFor();
  });

  test('a wedge scan names the member, masked, with tier and points', async () => {
    await blur();
    await scanByWedge(page, codeOf('diamond member'));
    await member().waitFor();
    const glance = await member().textContent();
    expect(glance).toContain(memberName);
    expect(glance).toContain(words.tier.diamond);
    expect(glance).toContain(words.entitlement['priority-lane']);
    expect(glance).not.toContain('李慧敏');
  });

  test('the customer display greets the member', async () => {
    await shopper.getByText(words.customer.hello.replace('{{name}}', memberName)).first().waitFor();
    await shopper.screenshot({ path: `${PICTURES}demo-customer-member-${language}.png` });
  });

  test('the demo basket is evaluated with the member, and every benefit has its reason', async () => {
    await ringUp(page, language, article);
    await ringUp(page, language, article);
    await expect.poll(() => payable().textContent(), WAIT).toBe(await settledDue());
    const applied = page.locator('[data-group=applied] li');
    expect(await applied.count()).toBeGreaterThan(0);
    for (const row of await applied.all())
      expect((await row.locator('p').allTextContents()).every((text) => text.length > 1)).toBe(
        true,
      );
    await page.screenshot({ path: `${PICTURES}demo-evaluated-${language}.png` });
  });

  test('the customer display follows the basket: every line, what it saves and what it comes to', async () => {
    await expect
      .poll(async () => shopper.getByTestId('to-pay').textContent(), WAIT)
      .toBe(await payable().textContent());
    await shopper.getByText(article).first().waitFor();
    expect(await shopper.getByTestId('greeting').textContent()).toContain(words.tier.diamond);
    await shopper.screenshot({ path: `${PICTURES}demo-customer-basket-${language}.png` });
    expect(await axeFindings(shopper)).toEqual([]);
    expect(await clippedTexts(shopper)).toEqual([]);
  });

  test('hold, commit and receipt show on both screens', async () => {
    await page.keyboard.press('F12');
    await page.getByRole('button', { name: words.register.confirm }).waitFor();
    await page.locator('[aria-current=step]').filter({ hasText: words.sale.state.HELD }).waitFor();
    await page.screenshot({ path: `${PICTURES}demo-held-${language}.png` });
    await page.keyboard.press('Enter');
    await page
      .getByText(words.sale.stateHint.COMMITTED)
      .or(page.locator('[aria-current=step]').filter({ hasText: words.sale.state.COMMITTED }))
      .first()
      .waitFor();
    await expect.poll(() => page.getByTestId('receipt').count(), WAIT).toBe(2);
    const receipts = await page.getByTestId('receipt').allTextContents();
    expect(receipts[0]).toBe(receipts[1]);
    await page.screenshot({ path: `${PICTURES}demo-committed-${language}.png` });
    expect(await axeFindings(page)).toEqual([]);
  });

  test('the customer display thanks with the new balance, and welcomes the next shopper after a while', async () => {
    const thanks = shopper.locator('main[data-scene=thanks]');
    await thanks.waitFor();
    expect(await thanks.textContent()).toContain(
      words.customer.thanksName.replace('{{name}}', memberName),
    );
    expect(await thanks.textContent()).toContain(words.customer.balance);
    await shopper.screenshot({ path: `${PICTURES}demo-customer-thanks-${language}.png` });
    await later(THANKS_SHOWN_MS, () => shopper.locator('main[data-scene=welcome]').waitFor());
  });

  async function settledDue(): Promise<string> {
    await page
      .getByRole('button', { name: words.register.pay, exact: false })
      .and(page.locator(':enabled'))
      .waitFor();
    return (await due().textContent()) ?? '';
  }
});

describe('at the till', () => {
  const words = WORDS['zh-CN'];

  test('the screens go back to Chinese', async () => {
    await page.keyboard.press('F10');
    await page.getByText(words.identify.title).first().waitFor();
    await nobody();
  });

  test('a scan in the middle of typing goes to the till and never into the form', async () => {
    await page.keyboard.press('F2');
    await page.keyboard.type('88', { delay: 90 });
    await scanByWedge(page, codeOf('standard member'));
    await member().waitFor();
    expect(await page.getByLabel(words.identify.cardLabel).inputValue()).toBe('88');
    await page.getByLabel(words.identify.cardLabel).fill('');
    await nobody();
  });

  test('digits that four members share ask who is meant, and the choice names one', async () => {
    await page.keyboard.press('F4');
    await page.keyboard.type('6688', { delay: 90 });
    await page.keyboard.press('Enter');
    const candidates = page.getByRole('list', { name: words.identify.choose }).getByRole('button');
    await expect.poll(() => candidates.count(), WAIT).toBeGreaterThan(1);
    await candidates.filter({ hasText: '王*' }).click();
    await member().waitFor();
    await nobody();
  });

  test.each([
    ['a blocked member', WORDS['zh-CN'].identify.outcome.blocked],
    ['an expired member', WORDS['zh-CN'].identify.outcome.expired],
  ])('%s is answered plainly', async (label, outcome) => {
    await blur();
    await scanByWedge(page, codeOf(label));
    await page
      .getByRole('region', { name: words.identify.title })
      .getByText(outcome, { exact: true })
      .waitFor();
    expect(await page.getByText(words.identify.asGuest).count()).toBe(1);
    await nobody();
  });

  test('a card nobody has is answered plainly, scanned or typed', async () => {
    await blur();
    await scanByWedge(page, codeOf('a card nobody has'));
    // Whether the number looks like a card of this chain decides which of the two says so.
    await page
      .getByText(words.identify.scanned.unknown)
      .or(page.getByText(words.identify.asGuest))
      .first()
      .waitFor();
    await nobody();
    await page.keyboard.press('F2');
    await page.keyboard.type('2999999999994', { delay: 80 });
    await page.keyboard.press('Enter');
    await page.getByText(words.identify.asGuest).waitFor();
    await nobody();
  });

  test('Enter pressed many times books the sale once', async () => {
    await ringUp(page, 'zh-CN', '牛角包');
    await expect
      .poll(() => page.getByRole('button', { name: words.register.pay }).isEnabled(), WAIT)
      .toBe(true);
    await page.keyboard.press('F12');
    await page.getByRole('button', { name: words.register.confirm }).waitFor();
    const commits: string[] = [];
    const note = (request: { url(): string }): void =>
      void (request.url().endsWith('/commit') && commits.push(request.url()));
    page.on('request', note);
    for (let press = 0; press < 6; press += 1) await page.keyboard.press('Enter');
    await page.getByRole('button', { name: words.register.next }).waitFor();
    await page.keyboard.press('Enter');
    expect(commits.length).toBe(1);
    page.off('request', note);
    await nobody();
  });

  test('Esc gives the payment up: the basket stays and can be paid again', async () => {
    await ringUp(page, 'zh-CN', '牛角包');
    await expect
      .poll(() => page.getByRole('button', { name: words.register.pay }).isEnabled(), WAIT)
      .toBe(true);
    await page.keyboard.press('F12');
    await page.getByRole('button', { name: words.register.confirm }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: words.register.confirm }).waitFor({ state: 'hidden' });
    await expect
      .poll(() => page.getByRole('button', { name: words.register.pay }).isEnabled(), WAIT)
      .toBe(true);
    await page
      .locator('[aria-current=step]')
      .filter({ hasText: words.sale.state.EVALUATED })
      .waitFor();
    await nobody();
  });

  test('a cashier page opened in the middle of a sale can still clear its member', async () => {
    await nobody();
    await blur();
    await scanByWedge(page, codeOf('diamond member'));
    await member().waitFor();
    await ringUp(page, 'zh-CN', '竹纤维围嘴');
    await expect.poll(() => payable().textContent(), WAIT).not.toBe('');
    const late = await openPage(browser, till, '/', { width: 1366, height: 768 });
    await late.getByTestId('payable').waitFor();
    const release = late.getByRole('button', { name: WORDS['zh-CN'].identify.release });
    await expect.poll(() => release.isEnabled(), WAIT).toBe(true);
    await late.close();
    await nobody();
  });

  test('a parked sale keeps its member, and the next shopper is a guest', async () => {
    await blur();
    await scanByWedge(page, codeOf('diamond member'));
    await ringUp(page, 'zh-CN', '牛角包');
    await expect.poll(() => page.getByText('李*敏 · 钻石').count(), WAIT).toBe(1);
    await page.getByRole('button', { name: words.register.park, exact: true }).click();
    await ringUp(page, 'zh-CN', '全麦吐司');
    await expect
      .poll(() => page.getByRole('button', { name: words.register.pay }).isEnabled(), WAIT)
      .toBe(true);
    await expect.poll(() => member().count(), WAIT).toBe(0);
    await blur();
    await page.keyboard.press('F6');
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('listitem').filter({ hasText: '李*敏' }).getByRole('button').click();
    await page.getByText(words.sale.looking).waitFor();
    expect(await member().textContent()).toContain('李*敏');
    await page.keyboard.press('Escape');
    await page.getByText(words.sale.looking).waitFor({ state: 'hidden' });
    await expect.poll(() => member().count(), WAIT).toBe(0);
    await page.getByRole('button', { name: new RegExp(`^${words.register.resume} 1`) }).click();
    await page.getByRole('dialog').getByRole('button', { name: words.register.resume }).click();
    await member().waitFor();
    await nobody();
  });

  test('an article and a payment code scanned on the agent’s scanner reach the register; the payment code as four digits', async () => {
    await page.keyboard.press('F7');
    const article =
      demo.codes[demo.codes.findIndex(({ text }) => text === codeOf('a card nobody has')) + 1];
    await page
      .getByRole('dialog')
      .getByText(article?.text ?? 'an article', { exact: true })
      .click();
    await expect.poll(() => page.locator('output[aria-label]').count(), WAIT).toBeGreaterThan(0);
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await blur();
    await page.keyboard.press('F7');
    const payment = codeOf('payment code');
    await page.getByRole('dialog').getByText(payment, { exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page
      .getByText(words.register.paymentCode.replace('{{digits}}', payment.slice(-4)))
      .waitFor();
    expect(await page.getByText(payment).count()).toBe(0);
    await nobody();
  });

  const dialog = () => page.getByRole('dialog');
  const pressIn = (name: string) => dialog().getByRole('button', { name, exact: true }).click();

  /** Waits until the basket as it stands can be paid. */
  async function payableNow(): Promise<void> {
    await expect
      .poll(() => page.getByRole('button', { name: words.register.pay }).isEnabled(), WAIT)
      .toBe(true);
  }

  /** Opens a return of the latest sale of the register: one unit of its first line. */
  async function returnOne(): Promise<void> {
    await page.getByRole('button', { name: words.register.return, exact: true }).click();
    await dialog()
      .getByRole('button', { name: new RegExp(`^${words.returns.pick}`) })
      .first()
      .click();
    await dialog()
      .getByRole('button', { name: /^多退一件/ })
      .first()
      .click();
    await pressIn(words.returns.reasons.unfit);
    await pressIn(words.returns.showQuote);
    await page.getByTestId('refund').waitFor();
  }
  const refund = async (): Promise<string> =>
    (await page.getByTestId('refund').textContent()) ?? '';

  test('goods come back by their sale: what it pays and takes is said first, then it is booked', async () => {
    await returnOne();
    await page.screenshot({ path: `${PICTURES}demo-return-zh-CN.png` });
    expect(await axeFindings(page)).toEqual([]);
    expect(await clippedTexts(page)).toEqual([]);
    const amount = await refund();
    await pressIn(words.returns.confirm.replace('{{amount}}', amount));
    await dialog().getByText(words.returns.done.replace('{{amount}}', amount)).waitFor();
    await dialog().getByTestId('receipt').waitFor();
    await pressIn(words.returns.finish);
  });

  test('goods come back in exchange for others, and only the difference is paid', async () => {
    await ringUp(page, 'zh-CN', '牛角包');
    await payableNow();
    await page.keyboard.press('F12');
    await page.getByRole('button', { name: words.register.confirm }).click();
    await page.getByRole('button', { name: words.register.next }).waitFor();
    await returnOne();
    const amount = await refund();
    await pressIn(words.returns.exchange);
    await page.getByText(words.returns.exchanging.replace('{{amount}}', amount)).waitFor();
    await ringUp(page, 'zh-CN', '竹纤维围嘴');
    await payableNow();
    const net = (await page.getByTestId('register-net').textContent()) ?? '';
    await page.screenshot({ path: `${PICTURES}demo-exchange-zh-CN.png` });
    await page.keyboard.press('F12');
    await page.getByRole('button', { name: words.register.confirm }).click();
    await page.getByText(words.returns.exchanged.replace('{{amount}}', net)).waitFor();
    await page.getByRole('button', { name: words.register.next }).click();
    await nobody();
  });

  test('a benefit that is nearly reached is named with what is missing, to the cashier and to the shopper', async () => {
    const near = page.locator('[data-group=near] li');
    for (let units = 0; units < 12 && (await near.count()) === 0; units += 1) {
      await ringUp(page, 'zh-CN', '竹纤维围嘴');
      await payableNow();
      await expect.poll(() => payable().textContent(), WAIT).toBe(await due().textContent());
    }
    expect(await near.first().textContent()).toContain('再买');
    await page.screenshot({ path: `${PICTURES}demo-near-miss-zh-CN.png` });
    await shopper.getByRole('button', { name: '中文' }).click();
    await shopper.getByText('再买').first().waitFor();
    await shopper.screenshot({ path: `${PICTURES}demo-customer-near-miss.png` });
    await nobody();
  });

  test('a coupon of the wallet goes to the register by one press', async () => {
    await blur();
    await scanByWedge(page, codeOf('diamond member'));
    await member().waitFor();
    await page.keyboard.press('F11');
    await page.getByTestId('wallet').waitFor();
    await page.screenshot({ path: `${PICTURES}demo-wallet-zh-CN.png` });
    expect(await axeFindings(page)).toEqual([]);
    expect(await clippedTexts(page)).toEqual([]);
    await dialog()
      .getByRole('button', { name: new RegExp(`^${words.wallet.use}`) })
      .first()
      .click();
    await dialog().getByText(words.wallet.used).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^不用 CP-/ }).click();
    await nobody();
  });

  test('F9 locks: nothing of member or sale is left on the screen until the PIN is given', async () => {
    await blur();
    await page.keyboard.press('F9');
    await page.getByRole('heading', { name: words.staff.locked }).waitFor();
    expect(await payable().count()).toBe(0);
    await shopper.getByText(words.customer.wait, { exact: true }).waitFor();
    await scanByWedge(page, codeOf('diamond member'));
    expect(await page.locator('input[type=password]').inputValue()).toBe('');
    await page
      .getByRole('alert')
      .filter({ hasText: said('screen-locked') })
      .waitFor();
    await page.keyboard.type('9999', { delay: 80 });
    await page.keyboard.press('Enter');
    await page
      .getByRole('alert')
      .filter({ hasText: said('pin-wrong') })
      .waitFor();
    await page.keyboard.type('1111', { delay: 80 });
    await page.keyboard.press('Enter');
    await payable().waitFor();
    expect(await page.getByText(said('screen-locked')).count()).toBe(0);
    await nobody();
  });

  test("the pairing code shown against a manager's PIN pairs a register in another tab, and a manager signed in revokes it", async () => {
    await openMenu(words.pairing.menu);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(words.override.managerId).fill('150');
    await dialog.getByLabel(words.staff.pin).fill('2222');
    await dialog.getByRole('button', { name: words.pairing.open }).click();
    const code = ((await page.getByTestId('pairing-code').textContent()) ?? '').replace(/\D/g, '');
    expect(await clippedTexts(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    await page.screenshot({ path: `${PICTURES}pairing-zh-CN.png` });

    const register = await browser.newPage();
    await register.goto(`${till.address}/register#pair=${code}`);
    await register.getByText(words.register.live).waitFor();
    expect(new URL(register.url()).hash).toBe('');
    expect(await axeFindings(register)).toEqual([]);
    expect(await clippedTexts(register)).toEqual([]);
    expect(await smallTargets(register)).toEqual([]);
    // A scanner of its own: a label of a scale is rung up at its price, and a scan that is refused says why.
    await scanByWedge(register, codeOf("a scale's label"));
    const line = register.getByRole('listitem').filter({ hasText: '734 克' });
    await line.waitFor();
    expect(await line.textContent()).toContain('9.47');
    await register.screenshot({ path: `${PICTURES}register-zh-CN.png` });
    await scanByWedge(register, '6901234567892', 'be');
    await register.getByText(words.wedge.refused['other-layout']).waitFor();

    const rows = dialog.getByRole('listitem');
    await expect.poll(() => rows.count(), WAIT).toBeGreaterThan(1);
    const revokeLast = async (): Promise<void> => {
      await rows.last().getByRole('button', { name: words.pairing.revoke }).click();
      await rows.last().getByRole('button', { name: words.pairing.revoke }).click();
    };
    await revokeLast();
    await dialog
      .getByRole('alert')
      .filter({ hasText: said('role-required') })
      .waitFor();
    await page.keyboard.press('Escape');
    await changeStaff('150', '2222');
    await openMenu(words.pairing.menu);
    await expect.poll(() => rows.count(), WAIT).toBeGreaterThan(1);
    await revokeLast();
    await register.getByText(words.register.lostPairing).waitFor();
    await register.close();
    await page.keyboard.press('Escape');
    await changeStaff('101', '1111');
  });

  async function openMenu(item: string): Promise<void> {
    await page.getByRole('button', { name: /的菜单$/ }).click();
    await page.getByRole('menuitem', { name: item }).click();
  }

  async function changeStaff(staffId: string, pin: string): Promise<void> {
    await openMenu(words.staff.signOut);
    await signIn(page, 'zh-CN', staffId, pin);
  }

  test('the manager sees who is in the priority lane, waiting or served', async () => {
    const manager = await openPage(browser, till, '/manager');
    await manager.getByText('李*敏').waitFor();
    await manager
      .getByText(/已结账/)
      .first()
      .waitFor();
    expect(await axeFindings(manager)).toEqual([]);
    await manager.getByRole('button', { name: words.lane.more }).click();
    await manager.getByText(words.lane.wrongRole.replace('{{role}}', words.role.cashier)).waitFor();
    await manager.close();
  });

  test('no page broke on the way', () => {
    expect(errors).toEqual([]);
  });

  test('when the agent dies the screen says so and keeps what it knew', async () => {
    await till.kill();
    await page.getByRole('alert').filter({ hasText: words.connection.title }).waitFor();
    expect(await payable().count()).toBe(1);
    await page.screenshot({ path: `${PICTURES}demo-disconnected-zh-CN.png` });
  });
});
