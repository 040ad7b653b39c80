/**
 * The service worker of the pass: the page works without a network once it was opened. It keeps the page's own files and
 * nothing else; calls of headquarters are never kept. The page comes from the network where that answers in time, so that a
 * newer one is shown, and everything that it names is then kept with it. Whatever else is answered in its place, such as
 * the notice of a proxy, is neither kept nor shown while there is a kept page.
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
/** Begins the name of every cache of this page. */
const CACHES = 'tillside-pass-';
const KEPT = `${CACHES}1`;
const PAGE = '/pass/';
const BESIDE = ['/pass/manifest.webmanifest', '/pass/mark.svg'];
/** The network has so long to answer before the kept page is shown, in milliseconds. */
const NETWORK_MS = 3_000;
/** The page and all that it names have so long to arrive, behind a kept page that is on show already, in milliseconds. */
const WHOLE_MS = 60_000;

worker.addEventListener('install', (event) => {
  event.waitUntil(keepPage().then(() => worker.skipWaiting()));
});
worker.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin) return;
  if (!pathname.startsWith(PAGE)) return;
  if (request.mode === 'navigate') event.respondWith(page(event));
  else event.respondWith(file(request));
});

/** Fetches the page and what it names, and keeps it whole or not at all. Rejects where that is not the page. */
async function keepPage(): Promise<Response> {
  // Not `AbortSignal.timeout`, which Safari has only since 16.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), WHOLE_MS);
  try {
    const { signal } = late;
    const answer = await fetch(PAGE, { cache: 'no-cache', signal });
    const named = answer.ok && !answer.redirected ? await filesOf(answer) : [];
    if (named.length === 0) throw new Error('this is not the page of the pass');
    const cache = await caches.open(KEPT);
    const before = await cache.match(PAGE);
    const kept = new Set((await cache.keys()).map(pathOf));
    const missing = named.filter((path) => !kept.has(path));
    await cache.addAll([...BESIDE, ...missing].map((path) => new Request(path, { signal })));
    await cache.put(PAGE, answer.clone());
    // A page of the release before may be opening at this moment; what is older goes.
    const former = before === undefined ? [] : await filesOf(before);
    const stay = new Set([PAGE, ...BESIDE, ...named, ...former]);
    for (const request of await cache.keys())
      if (!stay.has(pathOf(request))) await cache.delete(request);
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

/** The files of its own that a page names; every page of the pass names its script. */
async function filesOf(answer: Response): Promise<string[]> {
  const html = await answer.clone().text();
  const found = html.matchAll(/(?:src|href)="(\/pass\/assets\/[^"]+)"/g);
  return [...new Set(Array.from(found, ([, path = '']) => path))];
}

function pathOf({ url }: Request): string {
  return new URL(url).pathname;
}

async function page(event: FetchEvent): Promise<Response> {
  const fresh = keepPage();
  // Over a slow line it arrives too late for this visit, and in time for the next one.
  event.waitUntil(fresh.catch(() => {}));
  const kept = await (await caches.open(KEPT)).match(PAGE);
  if (kept === undefined) return fresh.catch(() => fetch(event.request));
  const waited = new Promise<Response>((resolve) => {
    setTimeout(() => resolve(kept), NETWORK_MS);
  });
  // Offline, not the page, or too slow: the kept page is as good as it was.
  return Promise.race([fresh.catch(() => kept), waited]);
}

async function file(request: Request): Promise<Response> {
  return (await (await caches.open(KEPT)).match(request)) ?? fetch(request);
}

/** What a worker before this one has kept under another name. */
async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names
      .filter((name) => name.startsWith(CACHES) && name !== KEPT)
      .map((name) => caches.delete(name)),
  );
}
