import { expect, test } from 'vitest';
import { routeCode } from '../../agent/domain/identify/route-code.ts';
import { scannedArticle } from '../../agent/domain/identify/scanned-article.ts';
import { demoPage } from '../../agent/main/demo-page.ts';
import { DEMO_SEED, generateDemoChain } from '../../demo/chain.ts';

test('the label of a scale among the codes to try names an article, its weight and its price', () => {
  const nowMs = Date.parse('2026-11-23T15:00:00+08:00');
  const chain = generateDemoChain({ seed: DEMO_SEED, nowMs });
  const label = demoPage(chain, 'sh-01', nowMs).codes.find(({ label }) => label.en.includes('734'));
  const { gtin, priceMinor = 0 } = chain.articles[0] ?? {};
  expect(scannedArticle(routeCode({ text: label?.text ?? '' }), 'CNY')).toEqual({
    gtin: gtin?.padStart(14, '0'),
    netGrams: 734,
    priceMinor: Math.round(priceMinor * 0.734),
  });
});
