import { z } from 'zod';

/** The languages of every sentence a person reads. */
export const LANGUAGES = ['zh-CN', 'en'] as const;
export const languageSchema = z.enum(LANGUAGES);
export type Language = z.infer<typeof languageSchema>;

/** One sentence in every language. */
export const textSchema = z.object({ 'zh-CN': z.string().max(500), en: z.string().max(500) });
export type Text = z.infer<typeof textSchema>;

/**
 * The same as an author writes it. Strict, because in a flow mapping of YAML a comma ends the text: `{ en: Coupon, 15 off }`
 * is a text and a key `15 off`, and half of the name would be gone unnoticed.
 */
export const authoredTextSchema = z.strictObject(textSchema.shape);

/** Builds a {@link Text}. */
export function text(zhCN: string, en: string): Text {
  return { 'zh-CN': zhCN, en };
}

const CONTROL = /\p{Cc}/u;
const CONTROLS = /\p{Cc}/gu;

/**
 * Text that people or programs write freely and that travels to headquarters: whole characters without controls, which
 * no database, receipt or export there could keep.
 * @param max UTF-16 units
 */
export function freeTextSchema(max: number) {
  return z
    .string()
    .max(max)
    .refine((value) => isFreeText(value), 'holds control characters or broken UTF-16');
}

/** Whether a text is what {@link freeTextSchema} takes. */
export function isFreeText(value: string): boolean {
  return value.isWellFormed() && !CONTROL.test(value);
}

/** The text without what {@link freeTextSchema} refuses. */
export function toFreeText(value: string): string {
  return value.toWellFormed().replaceAll(CONTROLS, '');
}
