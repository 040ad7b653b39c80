import type { CustomScheme } from 'electron';
import { FACE_PACK_PATH } from '../../agent/contract/face-session.ts';
import { ownOrigin, SCHEME, TILL_ORIGIN } from './addresses.ts';
import { readPackFile } from './pack-files.ts';
import { pageHeaders } from './page-headers.ts';
import { readScreenFile } from './screen-files.ts';

/**
 * What the scheme may do: an origin of its own like https, so that storage, workers and the camera work; no privilege
 * to read files or to pass by the content policy.
 */
export const APP_SCHEME: CustomScheme = {
  scheme: SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

export interface AppProtocolOptions {
  /** Folder of the built screens. */
  readonly uiFolder: string;
  /** Folder of the store's face model pack, once the agent has said that it has one. */
  readonly facePackFolder?: () => string | undefined;
  /** HTML of a page of the shell by its path; undefined = there is none. */
  readonly shellPage: (path: string) => string | undefined;
}

/** Answers every request under the program's scheme; it reads three places and reaches no network. */
export function createAppProtocol({
  uiFolder,
  facePackFolder,
  shellPage,
}: AppProtocolOptions): (request: Pick<Request, 'method' | 'url'>) => Promise<Response> {
  return async ({ method, url }) => {
    const origin = ownOrigin(url);
    if (origin === undefined) return refuse(404, 'no such place');
    if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'pages are only read');
    const { pathname } = new URL(url);
    if (origin !== TILL_ORIGIN) {
      const html = shellPage(pathname);
      return html === undefined
        ? refuse(404, 'no such page')
        : new Response(html, { headers: pageHeaders('shell', 'text/html; charset=utf-8') });
    }
    const file = pathname.startsWith(FACE_PACK_PATH)
      ? await readPackFile(facePackFolder?.(), pathname)
      : await readScreenFile(uiFolder, pathname);
    return file === undefined
      ? refuse(404, 'no such file')
      : new Response(file.bytes, { headers: pageHeaders('till', file.type, pathname) });
  };
}

function refuse(status: number, why: string): Response {
  return new Response(why, { status, headers: pageHeaders('shell', 'text/plain; charset=utf-8') });
}
