/**
 * The value that a record itself holds under a key chosen by somebody outside; never one that every object inherits,
 * such as `constructor`.
 */
export function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
