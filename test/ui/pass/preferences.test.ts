import { describe, expect, test } from 'vitest';
import { openPreferences } from '../../../ui/pass/preferences.ts';

function storage(kept: Record<string, string> = {}) {
  return {
    getItem: (name: string) => kept[name] ?? null,
    setItem(name: string, value: string) {
      kept[name] = value;
    },
  };
}

const blocked = (): never => {
  throw new DOMException('no', 'SecurityError');
};
const full = () => ({
  getItem: () => null,
  setItem() {
    throw new DOMException('no', 'QuotaExceededError');
  },
});

describe('the language of the pass', () => {
  test.each([
    ['zh-CN', 'zh-CN'],
    ['zh-Hant-TW', 'zh-CN'],
    ['ZH', 'zh-CN'],
    ['en-GB', 'en'],
    ['fr', 'en'],
    ['zhx', 'en'],
    ['', 'en'],
  ] as const)('of a browser in "%s" is %s', (browser, language) => {
    expect(openPreferences(() => storage(), browser).language()).toBe(language);
  });

  test('is the one that the member has chosen, whatever the browser speaks', () => {
    const kept = storage();
    openPreferences(() => kept, 'zh-CN').choose('en');
    expect(openPreferences(() => kept, 'zh-CN').language()).toBe('en');
  });

  test('is that of the browser where something else was kept', () => {
    const kept = storage({ 'tillside.language': 'tlh' });
    expect(openPreferences(() => kept, 'zh-CN').language()).toBe('zh-CN');
  });

  test.each([
    ['blocked', blocked],
    ['full', full],
  ])('needs no storage: one that is %s stops nothing', (_, open) => {
    const preferences = openPreferences(open, 'fr');
    expect(() => preferences.choose('zh-CN')).not.toThrow();
    expect(preferences.language()).toBe('en');
  });
});
