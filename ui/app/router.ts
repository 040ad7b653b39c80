import { useSyncExternalStore } from 'react';

/** The screens of the till, each with the address that opens it. */
export const SCREENS = [
  'cashier',
  'customer',
  'manager',
  'sync',
  'devices',
  'register',
  'demo',
] as const;
export type Screen = (typeof SCREENS)[number];

const PATHS: Readonly<Record<Screen, string>> = {
  cashier: '/',
  customer: '/customer',
  manager: '/manager',
  sync: '/sync',
  devices: '/devices',
  register: '/register',
  demo: '/demo',
};

/**
 * Which screen an address opens. A hash that begins with `#/` counts before the path, because a packaged program
 * opens its pages from a file, where only the hash is free. Unknown addresses open the cashier's screen.
 */
export function screenOf(location: Pick<Location, 'pathname' | 'hash'>): Screen {
  const path = location.hash.startsWith('#/') ? location.hash.slice(1) : location.pathname;
  const first = path.split(/[/?&#]/).find((part) => part !== '' && part !== 'index.html') ?? '';
  return SCREENS.find((screen) => PATHS[screen] === `/${first}`) ?? 'cashier';
}

/** The address of a screen. */
export function pathOf(screen: Screen): string {
  return PATHS[screen];
}

function subscribe(listener: () => void): () => void {
  addEventListener('popstate', listener);
  addEventListener('hashchange', listener);
  return () => {
    removeEventListener('popstate', listener);
    removeEventListener('hashchange', listener);
  };
}

/** The screen of the present address; follows the browser's back and forward. */
export function useScreen(): Screen {
  return useSyncExternalStore(subscribe, () => screenOf(location));
}

/** Goes to a screen without loading the page again. */
export function openScreen(screen: Screen): void {
  history.pushState(null, '', pathOf(screen));
  dispatchEvent(new PopStateEvent('popstate'));
}
