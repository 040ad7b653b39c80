import { describe, expect, it } from 'vitest';
import { type TillPlace, tillPlaceSchema } from '../../../agent/contract/index.ts';
import { DEFAULT_PLACE } from '../../../agent/main/config.ts';
import { placeOf } from '../../../agent/main/till-place.ts';
import type { Store } from '../../../agent/store/store.ts';
import { openTestStore, TEST_NOW_MS, TEST_PLACE } from '../../support/store.ts';

const elsewhere: TillPlace = tillPlaceSchema.parse({
  ...TEST_PLACE,
  store: { ...TEST_PLACE.store, storeId: 'elsewhere' },
});

function register(store: Store): void {
  store.sync.register({
    url: 'https://hq.example',
    ca: 'PEM',
    place: elsewhere,
    privateKey: 'PEM',
    trustedKeys: [],
    registeredAtMs: TEST_NOW_MS,
  });
}

describe('where a till stands', () => {
  it('is what its settings say while it has no headquarters', () => {
    const { store } = openTestStore();
    expect(placeOf(store, { place: elsewhere })).toEqual(elsewhere);
  });

  it('is what its database was told when the settings say nothing', () => {
    const { store } = openTestStore();
    expect(placeOf(store, {})).toEqual(TEST_PLACE);
  });

  it('is what headquarters says once it is registered, whatever the settings say', () => {
    const { store } = openTestStore();
    register(store);
    expect(placeOf(store, { place: TEST_PLACE }).store.storeId).toBe('elsewhere');
  });

  it('follows the store as headquarters changes it', () => {
    const { store } = openTestStore();
    register(store);
    const body = JSON.stringify({ ...elsewhere.store, storeTier: 'flagship' });
    store.sync.apply([['store', 'elsewhere', 7, body]]);
    expect(placeOf(store, {}).store.storeTier).toBe('flagship');
  });

  it('is a place of its own kind where nobody ever said', () => {
    const bare = {
      tillId: 'till-9',
      sync: { registration: () => undefined },
      documents: { current: () => undefined },
    } as unknown as Store;
    expect(placeOf(bare, {})).toEqual({ ...DEFAULT_PLACE, tillId: 'till-9' });
  });
});
