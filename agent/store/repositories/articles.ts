import type { Article } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { ArticlesRepository } from '../store.ts';

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
  const upsert = connection.statement(`
    INSERT INTO articles (sku, gtin14, name_zh, name_en, body) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (sku) DO UPDATE SET gtin14 = excluded.gtin14, name_zh = excluded.name_zh,
      name_en = excluded.name_en, body = excluded.body`);

  function upsertOne(article: Article): void {
    const gtin = article.gtin === undefined ? null : toGtin14(article.gtin);
    upsert.run(article.sku, gtin, article.name['zh-CN'], article.name.en, JSON.stringify(article));
  }

  const parse = (row: BodyRow): Article => JSON.parse(row.body) as Article;
  const parseFound = (row: BodyRow | undefined): Article | undefined => row && parse(row);

  return {
    bySku: (sku) => parseFound(bySku.get(sku)),
    byGtin: (gtin) => parseFound(byGtin.get(toGtin14(gtin))),
    search(query, limit) {
      const text = query.trim();
      if (limit < 1) return [];
      // An empty query lists the first articles: what a register shows before anybody types.
      const exact = text === '' ? undefined : (byGtin.get(toGtin14(text)) ?? bySku.get(text));
      if (exact !== undefined) return [parse(exact)];
      const pattern = `%${escaped(text)}%`;
      return byName.all(pattern, pattern, limit).map(parse);
    },
    upsert: (articles) => connection.together(() => articles.forEach(upsertOne)),
  };
}

function toGtin14(gtin: string): string {
  return gtin.padStart(14, '0');
}

/** `%` and `_` in what a cashier types mean themselves. */
function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);
}
