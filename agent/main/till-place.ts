import { type TillPlace, tillPlaceSchema } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import { DEFAULT_PLACE, type TillConfig } from './config.ts';

/**
 * Where a till stands: as headquarters says once it is registered, else as its settings say, else as its database was
 * told when it was made.
 */
export function placeOf(
  store: Pick<Store, 'sync' | 'documents' | 'tillId'>,
  config: Pick<TillConfig, 'place'>,
): TillPlace {
  const kept = store.documents.current('place');
  const registration = store.sync.registration();
  if (registration === undefined && config.place !== undefined) return config.place;
  if (kept !== undefined) return tillPlaceSchema.parse(JSON.parse(kept.body));
  return registration?.place ?? { ...DEFAULT_PLACE, tillId: store.tillId };
}
