import type { Article } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';

/** Writes articles with what finds them; both what this till writes and what headquarters feeds. */
export interface ArticleRows {
  find(sku: string): { readonly ver: number } | undefined;
  /** @param body the article's JSON, kept as it is */
  write(article: Article, body: string, ver: number): void;
  remove(sku: string): void;
}

/** What an article has where the JSON does not say. */
const DEFAULTS = { attributes: [] } as const satisfies Partial<Article>;

/** Articles come in checked, so a read only parses the JSON that was written. */
export function parseArticle({ body }: { readonly body: string }): Article {
  return { ...DEFAULTS, ...(JSON.parse(body) as Article) };
}

/** The rows of articles. */
export function createArticleRows(connection: Connection): ArticleRows {
  const find = connection.statement<{ ver: number }>('SELECT ver FROM articles WHERE sku = ?');
  const upsert = connection.statement(`
    INSERT INTO articles (sku, gtin14, name_zh, name_en, body, ver) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (sku) DO UPDATE SET gtin14 = excluded.gtin14, name_zh = excluded.name_zh,
      name_en = excluded.name_en, body = excluded.body, ver = excluded.ver`);
  const remove = connection.statement('DELETE FROM articles WHERE sku = ?');

  return {
    find: (sku) => find.get(sku),
    write(article, body, ver) {
      const gtin = article.gtin === undefined ? null : toGtin14(article.gtin);
      upsert.run(article.sku, gtin, article.name['zh-CN'], article.name.en, body, ver);
    },
    remove: (sku) => void remove.run(sku),
  };
}

/** GTIN-8, -12 and -13 are the same as zero-padded GTIN-14. */
export function toGtin14(gtin: string): string {
  return gtin.padStart(14, '0');
}
