import { articleTarget, staffTarget, storeTarget, tagTarget } from './chain-targets.ts';
import type { ImportKind } from './import-fields.ts';
import type { ImportTarget } from './import-target.ts';
import { memberTarget } from './member-target.ts';

/** Where the rows of each kind go. */
// biome-ignore lint/suspicious/noExplicitAny: what a target prepares is its own affair; it only comes back to it.
export const IMPORT_TARGETS: Readonly<Record<ImportKind, ImportTarget<any>>> = {
  members: memberTarget,
  articles: articleTarget,
  staff: staffTarget,
  stores: storeTarget,
  tags: tagTarget,
};
