import { useSyncExternalStore } from 'react';

/** The pages of the console; the first is the one that opens. */
export const PAGES = [
  'overview',
  'tills',
  'sales',
  'cases',
  'accuracy',
  'online',
  'faces',
] as const;
export type Page = (typeof PAGES)[number];

/** The page of an address such as `#/tills`; unknown ones open the first. HQ serves one file, so the hash says which. */
export function pageOf(hash: string): Page {
  return PAGES.find((page) => hash === `#/${page}` || hash.startsWith(`#/${page}/`)) ?? PAGES[0];
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

/** The page of the present address; follows the browser's back and forward. */
export function usePage(): Page {
  return useSyncExternalStore(subscribe, () => pageOf(location.hash));
}

/** The till whose own page an address such as `#/tills/sh-01-till-1` shows; null = the list of all. */
export function tillOf(hash: string): string | null {
  const [, id = ''] = /^#\/tills\/(.+)$/.exec(hash) ?? [];
  try {
    return id === '' ? null : decodeURIComponent(id);
  } catch {
    // A percent sign that begins nothing: somebody typed the address.
    return null;
  }
}

/** The till of the present address. */
export function useOpenTill(): string | null {
  return useSyncExternalStore(subscribe, () => tillOf(location.hash));
}

/** The address of a till's own page. */
export function tillAddress(tillId: string): string {
  return `#/tills/${encodeURIComponent(tillId)}`;
}

/** Goes to a page without loading anything again. */
export function openPage(page: Page): void {
  location.hash = `#/${page}`;
}

/** The one-time code of a console link, taken out of the address at once so that it is in no history. */
export function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code !== null) history.replaceState(null, '', location.pathname);
  return code;
}
