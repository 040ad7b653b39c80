import { z } from 'zod';

/** The languages of every sentence a person reads. */
export const LANGUAGES = ['zh-CN', 'en'] as const;
export const languageSchema = z.enum(LANGUAGES);
export type Language = z.infer<typeof languageSchema>;

/** One sentence in every language. */
export const textSchema = z.object({ 'zh-CN': z.string().max(500), en: z.string().max(500) });
export type Text = z.infer<typeof textSchema>;

/** Builds a {@link Text}. */
export function text(zhCN: string, en: string): Text {
  return { 'zh-CN': zhCN, en };
}
