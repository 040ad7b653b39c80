import canonicalize from 'canonicalize';
import { assert, type Store as Shop, type TillPlace } from '../../contract/index.ts';
import type { DocumentsRepository } from '../store.ts';

/** Puts the till's place into force where it differs from the one that is; called inside a transaction. */
export function installPlace(
  documents: DocumentsRepository,
  place: TillPlace,
  installedAtMs: number,
): void {
  const body = canonicalize(place);
  assert(body !== undefined, 'a place is JSON');
  const current = documents.current('place');
  if (current?.body === body) return;
  const version = (current?.version ?? 0) + 1;
  documents.install({ kind: 'place', version, body, installedAtMs });
}

/** The store of the feed is the till's own: its name, tier and hours may have changed. Others are none of its matter. */
export function followStore(documents: DocumentsRepository, shop: Shop, atMs: number): void {
  const current = documents.current('place');
  if (current === undefined) return;
  const place = JSON.parse(current.body) as TillPlace;
  if (place.store.storeId === shop.storeId)
    installPlace(documents, { ...place, store: shop }, atMs);
}
