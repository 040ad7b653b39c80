import type { Page } from 'playwright-core';
import { askAgent } from '../../agent/main/admin-channel.ts';
import { en } from '../../ui/app/i18n/en.ts';
import { zhCN } from '../../ui/app/i18n/zh-cn.ts';
import type { TestBrowser } from '../support/browser.ts';
import type { TestTill } from '../support/till.ts';

/** The till whose screens are opened. */
type ScreenTill = Pick<TestTill, 'address' | 'dataDir'>;

/** The catalogues by language, so that tests name what a person reads. */
export const WORDS = { 'zh-CN': zhCN, en } as const;
export type PageLanguage = keyof typeof WORDS;

/** What the demo's page of examples says. */
export interface DemoExamples {
  readonly codes: readonly { readonly label: { readonly en: string }; readonly text: string }[];
  readonly staff: readonly {
    readonly staffId: string;
    readonly pin: string;
    readonly role: string;
  }[];
}

export async function demoExamples(till: ScreenTill): Promise<DemoExamples> {
  return (await (await fetch(`${till.address}/demo.json`)).json()) as DemoExamples;
}

/** Opens a screen of the till by a fresh one-time link. */
export async function openPage(
  browser: TestBrowser,
  till: ScreenTill,
  path: string,
  size?: { readonly width: number; readonly height: number },
): Promise<Page> {
  const answer = await askAgent(till.dataDir, { command: 'link' });
  if (!answer.ok) throw new Error(`no link: ${answer.error.message}`);
  const { cashier } = answer.value as { cashier: string };
  const page = await browser.newPage(size);
  const link = new URL(cashier);
  link.pathname = path;
  await page.goto(link.href);
  return page;
}

/** Signs a member of staff in at the page's sign-in, by keyboard. */
export async function signIn(
  page: Page,
  language: PageLanguage,
  staffId: string,
  pin: string,
): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`· ${staffId}$`) }).click();
  // A person's pace: faster digits are a scanner's.
  await page.getByRole('textbox').or(page.locator('input[type=password]')).first().focus();
  await page.keyboard.type(pin, { delay: 80 });
  await page.keyboard.press('Enter');
  await page.getByText(WORDS[language].identify.ready).waitFor();
}

/** Pairs the demo register by the code that the cashier's screen shows to a manager. */
export async function pairRegister(
  page: Page,
  till: ScreenTill,
  language: PageLanguage,
): Promise<void> {
  const answer = await askAgent(till.dataDir, { command: 'pair', managerId: '150', pin: '2222' });
  if (!answer.ok) throw new Error(`pairing was not opened: ${answer.error.message}`);
  const words = WORDS[language].register;
  await page.getByLabel(words.pairCode).fill((answer.value as { code: string }).code);
  await page.getByRole('button', { name: words.pair, exact: true }).click();
  await page.getByText(words.live).waitFor();
}

/** Rings up the article whose name contains `name`. */
export async function ringUp(page: Page, language: PageLanguage, name: string): Promise<void> {
  const search = page.getByRole('textbox', { name: WORDS[language].register.search });
  await search.fill(name);
  const article = page.locator('section li button').filter({ hasText: name });
  await article.first().click();
  await search.fill('');
}
