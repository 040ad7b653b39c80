import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** Serious and critical findings of axe on what the page shows: `rule: selector`. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: { readonly resultTypes: readonly ['violations'] }): Promise<{
          violations: {
            id: string;
            impact: string;
            nodes: { target: string[]; failureSummary: string }[];
          }[];
        }>;
      };
    };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
      );
  });
}

/** Smallest side of a target, in CSS pixels. */
export const TARGET_MIN_PX = 48;

/** Buttons and fields on show that are smaller than a finger needs: `name width x height`. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate((min) => {
    const targets = [
      ...document.querySelectorAll<HTMLElement>(
        'button, input:not([type=radio]):not([type=hidden]), select, textarea, [role=menuitem]',
      ),
    ];
    return targets
      .map((target) => ({ target, box: target.getBoundingClientRect() }))
      .filter(
        ({ target, box }) => box.width > 0 && target.checkVisibility({ visibilityProperty: true }),
      )
      .filter(({ box }) => box.height < min - 0.5 || box.width < min - 0.5)
      .map(
        ({ target, box }) =>
          `${target.textContent || target.getAttribute('aria-label')} ${box.width} x ${box.height}`,
      );
  }, TARGET_MIN_PX);
}

/** Texts that are cut off without an ellipsis, and a page that scrolls sideways. */
export function clippedTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const cut = [...document.querySelectorAll<HTMLElement>('body *')].filter((element) => {
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
      );
      if (!hasText || element.matches('.visually-hidden, option') || !element.checkVisibility())
        return false;
      const style = getComputedStyle(element);
      const hides = style.overflowX === 'hidden' || style.overflowX === 'clip';
      const says = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
      return (
        hides &&
        !says &&
        (element.scrollWidth > element.clientWidth + 1 ||
          element.scrollHeight > element.clientHeight + 1)
      );
    });
    const wide =
      document.documentElement.scrollWidth > document.documentElement.clientWidth
        ? ['the page scrolls sideways']
        : [];
    return [...wide, ...cut.map((element) => `${element.className}: ${element.textContent}`)];
  });
}
