import type { Text } from '../../agent/contract/text.ts';

/** What the parts of the kit say by themselves; each program has its own catalogues besides. */
export const KIT_WORDS = {
  /** Names the other language in its own words. */
  switchLanguage: { 'zh-CN': 'English', en: '中文' },
  toDark: { 'zh-CN': '切换到深色', en: 'Switch to dark' },
  toLight: { 'zh-CN': '切换到浅色', en: 'Switch to light' },
  crash: { 'zh-CN': '页面出错了', en: 'This page broke' },
  reload: { 'zh-CN': '重新加载', en: 'Load again' },
} as const satisfies Readonly<Record<string, Text>>;
