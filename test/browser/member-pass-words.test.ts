import { describe, expect } from 'vitest';
import { testWithProgram } from '../support/machine.ts';
import { away, passPhones } from '../support/pass-phones.ts';
import { button, link, say, shown } from '../support/pass-scene.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;
const phones = passPhones();

describe('what the page says', () => {
  test('about a wrong clock goes when the member has set it and comes back', async () => {
    const tab = await phones.scene.phone(10 * HOUR_MS);
    await link(tab, await phones.scene.code());
    const told = tab.getByText(say('clockFast', { n: '10 小时' })).first();
    await told.waitFor();
    await away(tab, () => tab.clock.setSystemTime(phones.scene.clock.nowMs));
    await told.waitFor({ state: 'detached' });
  });

  test('about an end that only its own clock sees is the clock, not an end', async () => {
    const tab = await phones.scene.phone();
    await link(tab, await phones.scene.code());
    await away(tab, () => tab.clock.setSystemTime(phones.scene.clock.nowMs + 100 * DAY_MS));
    await tab
      .getByText(say('clockFast', { n: '100 天' }))
      .first()
      .waitFor();
    expect(await tab.getByText(say('expired')).count()).toBe(0);
    expect(await tab.locator('#qr').count()).toBe(0);
  });

  test('to an iPhone is to keep the page first, and to one that has kept it no more', async () => {
    for (const standalone of [false, true]) {
      const tab = await phones.scene.phone();
      await tab.addInitScript((is) => {
        Object.defineProperty(navigator, 'standalone', { value: is });
      }, standalone);
      await tab.goto(phones.address());
      await tab.getByLabel(say('code')).waitFor();
      expect(await tab.getByText(say('homeScreen')).count()).toBe(standalone ? 0 : 1);
    }
  });

  test('is announced to whoever cannot see it, without the page being read again', async () => {
    const tab = await phones.scene.phone();
    await tab.goto(phones.address());
    const live = await tab.locator('[role=status]').elementHandle();
    await tab.getByLabel(say('code')).fill('7K3M');
    await button(tab, 'link').click();
    const announced = () => live?.evaluate((place) => (place.isConnected ? place.textContent : ''));
    await expect.poll(announced).toBe(say('codeForm'));
    await tab.getByLabel(say('code')).fill((await phones.scene.code()).code);
    await button(tab, 'link').click();
    await shown(tab);
    expect(await tab.locator('[role=status]').count()).toBe(1);
    // Who was in the form is led to the code that stands in its place.
    expect(await tab.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
  });

  test('about privacy stays open while the figures change', async () => {
    const tab = await phones.scene.phone();
    await link(tab, await phones.scene.code());
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
      const tab = await phones.scene.phone();
      await tab.addInitScript((zone) => {
        Intl.DateTimeFormat = class extends Intl.DateTimeFormat {
          constructor(language: string, how: Intl.DateTimeFormatOptions) {
            super(language, { timeZone: zone, ...how });
          }
        } as never;
      }, timeZone);
      await link(tab, await phones.scene.code());
      await tab.getByText('2027年12月31日').first().waitFor();
    },
  );

  test('of a removal without a line is said at once and then rightly, and one press is enough', async () => {
    const tab = await phones.scene.phone();
    await link(tab, await phones.scene.code());
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
    const tab = await phones.scene.phone();
    await link(tab, await phones.scene.code());
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

test('the page breaks no rule of its own policy, and asks nobody but its headquarters', () => {
  expect(phones.scene.faults).toEqual([]);
});
