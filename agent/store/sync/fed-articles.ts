import { articleSchema } from '../../contract/index.ts';
import { createArticleRows } from '../repositories/article-rows.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { FedTable } from './fed-table.ts';
import { rangeOf } from './range-of.ts';
import { readBody } from './read-body.ts';

/** Articles of the feed. */
export function createFedArticles(connection: Connection): FedTable {
  const rows = createArticleRows(connection);
  return {
    find: (key) => rows.find(key),
    put(key, ver, body) {
      const article = readBody(body, articleSchema);
      if (!article.ok) return article.error;
      if (article.value.sku !== key) return 'sku: is not the key';
      rows.write(article.value, body, ver);
      return undefined;
    },
    remove: (key) => rows.remove(key),
    range: rangeOf(connection, 'articles', 'sku'),
  };
}
