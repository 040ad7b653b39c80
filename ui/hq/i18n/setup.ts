import type { Env } from '../../kit/env.ts';
import { startLanguage } from '../../kit/language.ts';
import { en } from './en.ts';
import { zhCN } from './zh-cn.ts';

/** Starts the catalogues of the console. */
export function setupLanguage(preferences: Env['preferences']): void {
  startLanguage('console', { 'zh-CN': { console: zhCN }, en: { console: en } }, preferences);
}
