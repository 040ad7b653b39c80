import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

interface AxeResult {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: string[]; readonly failureSummary?: string }[];
}

/**
 * Serious and critical findings of axe on what the page shows: `rule: selector`. Where axe is not sure of a contrast
 * (text of one character, text that is scrolled or covered in part, a shape drawn beside it) it calls it incomplete and
 * not a violation; those are reckoned here.
 */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { sure, unsure } = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: {
          readonly resultTypes: readonly string[];
        }): Promise<{ violations: AxeResult[]; incomplete: AxeResult[] }>;
      };
    };
    const { violations, incomplete } = await axe.run({ resultTypes: ['violations', 'incomplete'] });
    return {
      sure: violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) =>
          nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
        ),
      unsure: incomplete
        .filter(({ id }) => id === 'color-contrast')
        .flatMap(({ nodes }) => nodes.map(({ target }) => target.join(' '))),
    };
  });
  return [...sure, ...(await faintTexts(page, unsure))];
}

/**
 * Texts whose contrast with what lies behind them is below WCAG 2.1 1.4.3: 4.5, or 3 for large ones. Behind means the
 * colours of the element and of those that hold it, gradients too, laid over each other; what has a picture behind it is
 * named as well.
 * @param selectors one element each
 */
function faintTexts(page: Page, selectors: readonly string[]): Promise<string[]> {
  return page.evaluate((wanted) => {
    type Colour = readonly [number, number, number, number];
    const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext(
      '2d',
      { willReadFrequently: true },
    );
    const read = (css: string): Colour => {
      if (pen === null) throw new Error('this browser draws nothing');
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = css;
      pen.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 0] = pen.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a]: Colour, [r2, g2, b2]: Colour): Colour => [
      r * a + r2 * (1 - a),
      g * a + g2 * (1 - a),
      b * a + b2 * (1 - a),
      1,
    ];
    const luminance = ([r, g, b]: Colour): number => {
      const [lr = 0, lg = 0, lb = 0] = [r, g, b].map((part) =>
        part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * lr + 0.7152 * lg + 0.0722 * lb;
    };
    return wanted.flatMap((selector) => {
      const element = document.querySelector<HTMLElement>(selector);
      if (element === null) return [`color-contrast: ${selector} was not found again`];
      const style = getComputedStyle(element);
      const holders: Element[] = [];
      for (let at: Element | null = element; at !== null; at = at.parentElement) holders.push(at);
      const imageOf = (holder: Element): string => getComputedStyle(holder).backgroundImage;
      if (holders.some((holder) => imageOf(holder).includes('url(')))
        return [`color-contrast: ${selector} stands on a picture`];
      // Of a gradient every colour may be what lies behind.
      const behind = holders.reduceRight<readonly Colour[]>(
        (below, holder) => {
          const plain = below.map((one) =>
            over(read(getComputedStyle(holder).backgroundColor), one),
          );
          const stops = imageOf(holder).match(/[a-z]+\([^()]*\)/g) ?? [];
          return stops.length === 0
            ? plain
            : plain.flatMap((one) => stops.map((stop) => over(read(stop), one)));
        },
        [[255, 255, 255, 1]],
      );
      const opacity = holders.reduce((all, at) => all * Number(getComputedStyle(at).opacity), 1);
      const [r, g, b, a] = read(style.color);
      const ratios = behind.map((one) => {
        const pair = [luminance(over([r, g, b, a * opacity], one)), luminance(one)];
        const [light = 0, dark = 0] = pair.sort((x, y) => y - x);
        return (light + 0.05) / (dark + 0.05);
      });
      const ratio = Math.min(...ratios);
      const sizePx = Number.parseFloat(style.fontSize);
      const isLarge = sizePx >= 24 || (sizePx >= 18.66 && Number(style.fontWeight) >= 700);
      return ratio >= (isLarge ? 3 : 4.5)
        ? []
        : [`color-contrast: ${selector} has ${ratio.toFixed(2)}: ${element.textContent}`];
    });
  }, selectors);
}

/** Smallest side of a target, in CSS pixels. */
export const TARGET_MIN_PX = 48;

/** Buttons, fields and rows to choose on show that are smaller than a finger needs: `name width x height`. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate((min) => {
    const targets = [
      ...document.querySelectorAll<HTMLElement>(
        'button, input:not([type=radio]):not([type=hidden]), select, textarea, [role=menuitem], [role=option]',
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
