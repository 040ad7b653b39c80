import { cutToRoom, type MoneyEffect } from './effect-view.ts';

interface PriceRow {
  readonly sku: string;
  readonly tier?: string | undefined;
  readonly unitPriceMinor: number;
}

/** A price per unit by article and member tier; of the rows that fit the lowest counts. It never raises a price. */
export function memberPrice(effect: { prices: readonly PriceRow[] }): MoneyEffect {
  const rowsBySku = new Map<string, PriceRow[]>();
  for (const row of effect.prices) {
    const rows = rowsBySku.get(row.sku);
    if (rows === undefined) rowsBySku.set(row.sku, [row]);
    else rows.push(row);
  }
  return (view) => {
    const tier = view.member?.tier;
    const amounts = view.lines.map((line, index) => {
      let lowest: number | undefined;
      for (const row of rowsBySku.get(line.sku) ?? []) {
        if (row.tier !== undefined && row.tier !== tier) continue;
        if (lowest === undefined || row.unitPriceMinor < lowest) lowest = row.unitPriceMinor;
      }
      return lowest === undefined ? 0 : Math.max(0, (view.base[index] ?? 0) - lowest * line.qty);
    });
    return cutToRoom(amounts, view.room);
  };
}
