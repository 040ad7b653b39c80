import type { ErrorCode } from '../contract/index.ts';

/**
 * What stands in `data` of a failure, for the programs that read it. The hints are for people at the counter and name no
 * fields.
 */
export const ERROR_FACTS: Partial<Record<ErrorCode, string>> = {
  'return-window-over': '`data.until`: the last business day on which goods could come back',
  'return-article-differs':
    '`data.sold`: the SKU of the line; `data.stated`: the SKU of the request',
  'return-quote-differs':
    '`data.quote`: the fresh quote; show it, then send its `quoteHash` with the same `returnId`',
  'return-elsewhere': '`data.tillId`: the till of the other return; null where it is not known',
  'return-too-much': '`data.unitsLeft`: units of the line that can still come back',
  'gift-not-due': '`data.due`: pieces of the gift that are due',
  'sale-not-here':
    '`data.reason`: `offline`, or `unknown`, `erased` or `unreadable` at headquarters',
};
