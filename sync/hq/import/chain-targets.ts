import { z } from 'zod';
import { articleSchema, GTIN_PATTERN } from '../../../agent/contract/article.ts';
import { currencySchema } from '../../../agent/contract/money.ts';
import type { StaffRole } from '../../../agent/contract/staff.ts';
import { storeSchema } from '../../../agent/contract/store.ts';
import { type Text, text, textSchema } from '../../../agent/contract/text.ts';
import { isTimeZone } from '../../../agent/contract/time.ts';
import { staffRowSchema } from '../../protocol/feed.ts';
import { hashPin } from '../records/staff-pin.ts';
import { writeArticles, writeStaff, writeStores, writeTags } from '../records/write-chain.ts';
import { rowProblem } from './import-problem.ts';
import { type KeyedDraft, keyedTarget } from './keyed-target.ts';
import { IMPORT_BATCH_ROWS, IMPORT_STAFF_BATCH_ROWS } from './limits.ts';
import { maskValue } from './mask-value.ts';
import type { RowReader } from './row-reader.ts';

/** The whole list of stores, as a cell says it. */
const EVERYWHERE = new Set(['*', '全部', '所有', 'all']);

export const articleTarget = keyedTarget({
  batchRows: IMPORT_BATCH_ROWS,
  table: 'articles',
  keyColumn: 'sku',
  keyField: 'sku',
  needed: { name: 'name', category: 'category', priceMinor: 'price' },
  schema: articleSchema,
  defaults: () => ({}),
  read: (reader) => ({
    name: readName(reader),
    gtin: reader.digits('gtin', GTIN_PATTERN, 'GTIN with 8, 12, 13 or 14 digits'),
    category: reader.text('category', 64),
    priceMinor: reader.major('price') ?? reader.count('priceMinor'),
    minUnitPriceMinor: reader.major('minUnitPrice') ?? reader.count('minUnitPriceMinor'),
    attributes: reader.list('attributes', 64, 1, 64),
  }),
  write: writeArticles,
});

export const storeTarget = keyedTarget({
  batchRows: IMPORT_BATCH_ROWS,
  table: 'stores',
  keyColumn: 'store_id',
  keyField: 'storeId',
  needed: { name: 'name', storeTier: 'storeTier' },
  schema: storeSchema,
  defaults: ({ deps }) => ({ timeZone: deps.timeZone, currency: deps.currency }),
  read(reader) {
    reader.id('storeId');
    const timeZone = reader.text('timeZone', 64);
    if (timeZone !== undefined && !isTimeZone(timeZone)) {
      reader.problem('timeZone', 'invalid', 'an IANA time zone such as Asia/Shanghai');
    }
    const currency = reader.text('currency', 3);
    if (currency !== undefined && !currencySchema.safeParse(currency).success) {
      reader.problem('currency', 'invalid', 'an ISO 4217 code such as CNY');
    }
    return {
      name: readName(reader),
      storeTier: reader.text('storeTier', 32),
      timeZone,
      currency,
      dayEndsAtMinute: readMinute(reader),
    };
  },
  write: writeStores,
});

export const tagTarget = keyedTarget({
  batchRows: IMPORT_BATCH_ROWS,
  table: 'tags',
  keyColumn: 'tag',
  keyField: 'tag',
  needed: { name: 'name' },
  schema: z.object({ tag: z.string().min(1).max(64), name: textSchema }),
  defaults: () => ({}),
  read: (reader) => ({ name: readName(reader) }),
  write: writeTags,
});

const ROLES: Readonly<Record<string, StaffRole>> = {
  cashier: 'cashier',
  收银员: 'cashier',
  收银: 'cashier',
  manager: 'manager',
  店长: 'manager',
  经理: 'manager',
  it: 'it',
  信息: 'it',
  信息部: 'it',
};

export const staffTarget = keyedTarget({
  batchRows: IMPORT_STAFF_BATCH_ROWS,
  table: 'staff',
  keyColumn: 'staff_id',
  keyField: 'staffId',
  needed: { name: 'name', role: 'role', pinHash: 'pin', storeIds: 'stores' },
  schema: staffRowSchema,
  defaults: () => ({ active: true }),
  read(reader) {
    reader.id('staffId');
    const stores = reader.list('stores', 500, 1, 64);
    return {
      name: reader.text('name', 80),
      role: reader.choice('role', ROLES),
      active: reader.flag('active'),
      storeIds: stores?.some((store) => EVERYWHERE.has(store.toLowerCase())) ? null : stores,
      pin: reader.digits('pin', /^\d{4,8}$/, '4 to 8 digits'),
    };
  },
  async complete(drafts, { deps }) {
    const rows = await deps.db.query<{ staff_id: string; body: string }>(
      'SELECT staff_id, body FROM staff WHERE staff_id = ANY($1::text[])',
      [drafts.map(({ key }) => key)],
    );
    const known = new Map(
      rows.map(({ staff_id, body }) => [
        staff_id,
        (JSON.parse(body) as { pinHash: string }).pinHash,
      ]),
    );
    const completed: KeyedDraft[] = [];
    for (const { facts, ...draft } of drafts) {
      const { pin, ...others } = facts;
      const pinHash =
        typeof pin === 'string' ? await hashPin(pin, deps.random, known.get(draft.key)) : undefined;
      completed.push({
        ...draft,
        facts: { ...others, ...(pinHash === undefined ? {} : { pinHash }) },
      });
    }
    return completed;
  },
  async check(tx) {
    const rows = await tx.query<{ store_id: string }>('SELECT store_id FROM stores');
    const known = new Set(rows.map(({ store_id }) => store_id));
    return ({ rowNo, facts }) => {
      const said = (facts['storeIds'] ?? []) as readonly string[];
      return said
        .filter((storeId) => !known.has(storeId))
        .slice(0, 1)
        .map((storeId) =>
          rowProblem(rowNo, 'stores', 'unknown-store', maskValue('stores', storeId)),
        );
    };
  },
  write: writeStaff,
});

/** A name in both languages; one language stands for both. In JSON lines also `{ "zh-CN": ..., "en": ... }`. */
function readName(reader: RowReader): Text | undefined {
  const both = textSchema.safeParse(reader.raw('name'));
  if (both.success) return both.data;
  const plain = reader.text('name', 500);
  const zhCN = reader.text('nameZh', 500) ?? plain;
  const en = reader.text('nameEn', 500) ?? plain;
  if (zhCN === undefined && en === undefined) return undefined;
  return text(zhCN ?? en ?? '', en ?? zhCN ?? '');
}

function readMinute(reader: RowReader): number | undefined {
  const said = reader.text('dayEndsAt', 8);
  if (said === undefined) return undefined;
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(said) ?? [];
  const minutes = hour === undefined ? Number(said) : Number(hour) * 60 + Number(minute);
  if (Number.isInteger(minutes) && minutes >= 0 && minutes <= 719) return minutes;
  reader.problem('dayEndsAt', 'invalid', 'a time of day such as 02:00, before noon');
  return undefined;
}
