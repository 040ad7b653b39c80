import type { Env } from '../../kit/env.ts';
import { startLanguage } from '../../kit/language.ts';
import { en } from './en.ts';
import { zhCN } from './zh-cn.ts';

/** Starts the catalogues of the till's screens. */
export function setupLanguage(preferences: Env['preferences']): void {
  startLanguage('screen', { 'zh-CN': { screen: zhCN }, en: { screen: en } }, preferences);
}
