import type { Language } from '../../contract/index.ts';
import { type Text, text } from '../../contract/text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A plain text as it may stand between tags and in quoted attributes. */
export function escapeHtml(plain: string): string {
  return plain.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/** A row of a table whose cells are sentences. */
export type Row = readonly Text[];

/** Pieces of a page in one language; every text is escaped, cells and items are HTML already. */
export interface HtmlPage {
  say(words: Text): string;
  /** A place that a person has to fill in. */
  fill(words: Text): string;
  table(head: Row, rows: readonly (readonly string[])[]): string;
  /** The same of sentences alone. */
  sentences(head: Row, rows: readonly Row[]): string;
  list(items: readonly string[]): string;
}

export function htmlPage(language: Language): HtmlPage {
  const row = (cells: readonly string[], tag = 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  const page: HtmlPage = {
    say: (words) => escapeHtml(words[language]),
    fill: (words) =>
      `<mark>${page.say(text('待填写：', 'To be filled in: '))}${page.say(words)}</mark>`,
    table: (head, rows) =>
      `<table>${row(head.map(page.say), 'th')}${rows.map((cells) => row(cells)).join('\n')}</table>`,
    sentences: (head, rows) =>
      page.table(
        head,
        rows.map((cells) => cells.map(page.say)),
      ),
    list: (items) => `<ul>${items.map((item) => `<li>${item}</li>`).join('\n')}</ul>`,
  };
  return page;
}
