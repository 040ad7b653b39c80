import { z } from 'zod';
import type { KnownChain } from '../../../sync/hq/publish/advice/unknown-in-chain.ts';
import { articleSchema, err, ok, type Result, text } from '../../contract/index.ts';
import { type InputFileError, readJsonFile } from './read-input-file.ts';

/** Largest file that says what a chain has, in bytes. */
export const CHAIN_FILE_MAX_BYTES = 512 * 1024 * 1024;

const names = z.array(z.string()).optional();
const listSchema = z.strictObject({
  skus: names,
  categories: names,
  tiers: names,
  tags: names,
  groups: names,
});
const packageSchema = z.object({
  schema: z.literal('tillside/chain-package/1'),
  articles: z.array(articleSchema.pick({ sku: true, category: true })),
});

/**
 * Reads what a chain has: lists of names (`skus`, `categories`, `tiers`, `tags`, `groups`; an absent list is not looked
 * up), or the package that `till load` takes, of which the articles are read.
 */
export function readChainNames(file: string): Result<KnownChain, InputFileError> {
  const read = readJsonFile(file, CHAIN_FILE_MAX_BYTES);
  if (!read.ok) return read;
  const packed = packageSchema.safeParse(read.value);
  if (packed.success) {
    const { articles } = packed.data;
    return ok({
      skus: new Set<string>(articles.map(({ sku }) => sku)),
      categories: new Set(articles.map(({ category }) => category)),
    });
  }
  const lists = listSchema.safeParse(read.value);
  if (!lists.success) {
    return err({
      code: 'not-json',
      message: text(`不是连锁资料：${file}`, `Not a description of a chain: ${file}`),
      remedy: text(
        '写出 skus、categories、tiers、tags、groups 列表，或使用 till load 的文件',
        'Give lists named skus, categories, tiers, tags, groups, or the package of `till load`',
      ),
      detail: z.prettifyError(lists.error),
    });
  }
  const given = Object.entries(lists.data).filter(([, list]) => list !== undefined);
  return ok(Object.fromEntries(given.map(([kind, list]) => [kind, new Set(list)])));
}
