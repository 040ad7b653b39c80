/**
 * The service worker of the pass: the page works without a network once it was opened. It keeps the page's own files and
 * nothing else; calls of headquarters are never kept. The page comes from the network where that answers in time, so that a
 * newer one is shown, and everything that it names is then kept with it.
 */

/** What a service worker has that a page has not; the library of types for it does not go together with that of pages. */
interface LifeEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends LifeEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Worker {
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  readonly location: Location;
}

const worker = self as unknown as Worker;
const KEPT = 'tillside-pass-1';
const PAGE = '/pass/';
const BESIDE = ['/pass/manifest.webmanifest', '/pass/mark.svg'];
/** The network has so long to answer before the kept page is shown, in milliseconds. */
const NETWORK_MS = 3_000;

worker.addEventListener('install', (event) => {
  event.waitUntil(keepPage().then(() => worker.skipWaiting()));
});
worker.addEventListener('activate', (event) => {
  event.waitUntil(worker.clients.claim());
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin) return;
  if (!pathname.startsWith(PAGE)) return;
  if (request.mode === 'navigate') event.respondWith(page());
  else event.respondWith(file(request));
});

/** Fetches the page and what it names, and keeps it whole or not at all. */
async function keepPage(): Promise<Response> {
  const answer = await fetch(PAGE, { cache: 'no-cache', signal: AbortSignal.timeout(NETWORK_MS) });
  if (!answer.ok) return answer;
  const html = await answer.clone().text();
  const named = Array.from(
    html.matchAll(/(?:src|href)="(\/pass\/assets\/[^"]+)"/g),
    ([, at]) => at,
  );
  const cache = await caches.open(KEPT);
  await cache.addAll([...new Set([...BESIDE, ...named.flatMap((at) => at ?? [])])]);
  await cache.put(PAGE, answer.clone());
  return answer;
}

async function page(): Promise<Response> {
  try {
    const fresh = await keepPage();
    if (fresh.ok) return fresh;
  } catch {
    // Offline, or too slow: the kept page is as good as it was.
  }
  return (await caches.match(PAGE)) ?? fetch(PAGE);
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}
