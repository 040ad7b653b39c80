import type { Text } from '../contract/index.ts';

/** How well the database key is kept under the desktop shell; the log and `till doctor` tell it. */
export type KeyProtection =
  | { readonly kind: 'system-store'; readonly backend: string }
  /** In a 0600 file, and why not better. */
  | { readonly kind: 'key-file'; readonly reason: Text };
