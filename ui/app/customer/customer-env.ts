import type { Env } from '../../kit/env.ts';
import { WEDGE_SETTINGS_KEY } from '../wedge/wedge-settings.ts';

/** Where the customer display keeps its choice of light or dark. */
export const CUSTOMER_SCHEME_KEY = 'tillside.customer.scheme';
const OWN = 'customer.';

/**
 * The page's {@link Env} with preferences of its own: the shopper's language is not the cashier's. The scanner is the
 * same one.
 */
export function customerEnv(env: Env): Env {
  const { preferences } = env;
  return {
    ...env,
    preferences: {
      getItem: (key) => preferences.getItem(key === WEDGE_SETTINGS_KEY ? key : `${OWN}${key}`),
      setItem: (key, value) => preferences.setItem(`${OWN}${key}`, value),
    },
  };
}
