import type { Article } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { ArticlesRepository } from '../store.ts';
import { createArticleRows, parseArticle, toGtin14 } from './article-rows.ts';

interface BodyRow {
  readonly body: string;
}

/** Articles by SKU, by GTIN and by a part of their name. GTIN-8, -12 and -13 are the same as zero-padded GTIN-14. */
export function createArticles(connection: Connection): ArticlesRepository {
  const bySku = connection.statement<BodyRow>('SELECT body FROM articles WHERE sku = ?');
  const byGtin = connection.statement<BodyRow>(
    'SELECT body FROM articles WHERE gtin14 = ? ORDER BY sku LIMIT 1',
  );
  const byName = connection.statement<BodyRow>(`
    SELECT body FROM articles WHERE name_zh LIKE ? ESCAPE '\\' OR name_en LIKE ? ESCAPE '\\' ORDER BY sku LIMIT ?`);
  const rows = createArticleRows(connection);

  function upsertOne(article: Article): void {
    const ver = rows.find(article.sku)?.ver ?? 0;
    // What headquarters said of it counts.
    if (ver === 0) rows.write(article, JSON.stringify(article), ver);
  }

  const parseFound = (row: BodyRow | undefined): Article | undefined => row && parseArticle(row);

  return {
    bySku: (sku) => parseFound(bySku.get(sku)),
    byGtin: (gtin) => parseFound(byGtin.get(toGtin14(gtin))),
    search(query, limit) {
      const text = query.trim();
      if (limit < 1) return [];
      // An empty query lists the first articles: what a register shows before anybody types.
      const exact = text === '' ? undefined : (byGtin.get(toGtin14(text)) ?? bySku.get(text));
      if (exact !== undefined) return [parseArticle(exact)];
      const pattern = `%${escaped(text)}%`;
      return byName.all(pattern, pattern, limit).map(parseArticle);
    },
    upsert: (articles) => connection.together(() => articles.forEach(upsertOne)),
  };
}

/** `%` and `_` in what a cashier types mean themselves. */
function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);
}
