/** A sentence for people, in both languages of the product. */
export type LocalText = { readonly 'zh-CN': string; readonly en: string };
