import type { Session, WebContents } from 'electron';
import { CAPTURE_PAGE, ownOrigin, SHELL_ORIGIN, TILL_ORIGIN } from './addresses.ts';
import type { ShellLog } from './shell-log.ts';

/** What a page asks for, from whichever of Electron's handlers it came. */
export interface PermissionAsk {
  readonly permission: string;
  /** Every address that is told of who asks; all of them must be ours. */
  readonly addresses: readonly string[];
  readonly isMainFrame: boolean;
  readonly media: readonly string[];
  /** Which of our windows asks; undefined = another one, or nobody knows. */
  readonly window: ShellWindow | undefined;
  /** Path of the page that the window shows. */
  readonly page: string;
}

/** Windows whose pages may be granted anything. The customer display is none of them. */
export type ShellWindow = 'till' | 'capture';

const isVideo = ({ media }: PermissionAsk): boolean =>
  media.length > 0 && media.every((type) => type === 'video');

interface Grant {
  readonly permission: string;
  readonly allows: (ask: PermissionAsk) => boolean;
  readonly because: string;
}

/**
 * The whole of what pages may do beyond showing themselves. Electron grants what no handler refuses, so everything that
 * has no row here is refused. Scanners and readers belong to the agent and never to a page.
 */
export const GRANTS: readonly Grant[] = [
  {
    permission: 'media',
    allows: (ask) => isVideo(ask) && ask.window === 'till' && ask.page !== CAPTURE_PAGE,
    because: 'the camera reads codes for the cashier, and a manager chooses one; nothing listens',
  },
  {
    permission: 'media',
    allows: (ask) => isVideo(ask) && ask.window === 'capture' && ask.page === CAPTURE_PAGE,
    because:
      'the camera sees the face of whoever agreed to it, in the window that does nothing else',
  },
];

/** Whether the table grants it: to the main frame of our windows, and to nobody else. */
export function isGranted(ask: PermissionAsk): boolean {
  const fromTheTill =
    ask.isMainFrame &&
    ask.addresses.length > 0 &&
    ask.addresses.every((address) => ownOrigin(address) === TILL_ORIGIN);
  return (
    fromTheTill &&
    GRANTS.some(({ permission, allows }) => permission === ask.permission && allows(ask))
  );
}

type PermissionSession = Pick<
  Session,
  | 'setPermissionRequestHandler'
  | 'setPermissionCheckHandler'
  | 'setDevicePermissionHandler'
  | 'setDisplayMediaRequestHandler'
  | 'on'
  | 'webRequest'
>;

/**
 * Puts the table in front of everything that a page can ask the browser for.
 * @param windowOf which of our windows a `webContents.id` is
 */
export function guardPermissions(
  session: PermissionSession,
  windowOf: (windowId: number) => ShellWindow | undefined,
  log: ShellLog,
): void {
  const placeOf = (contents: Pick<WebContents, 'id' | 'getURL'> | null) => ({
    window: contents === null ? undefined : windowOf(contents.id),
    page: (contents && URL.parse(contents.getURL())?.pathname) ?? '',
  });

  session.setPermissionRequestHandler((contents, permission, answer, details) => {
    const media = 'mediaTypes' in details ? (details.mediaTypes ?? []) : [];
    const origin = 'securityOrigin' in details ? details.securityOrigin : undefined;
    const granted = isGranted({
      permission,
      addresses: given(contents.getURL(), details.requestingUrl, origin),
      isMainFrame: details.isMainFrame,
      media,
      ...placeOf(contents),
    });
    if (!granted) log('warn', 'a permission was refused', { permission, media });
    answer(granted);
  });
  session.setPermissionCheckHandler((contents, permission, requestingOrigin, details) =>
    isGranted({
      permission,
      addresses: given(
        requestingOrigin,
        details.requestingUrl,
        details.securityOrigin,
        details.embeddingOrigin,
      ),
      isMainFrame: details.isMainFrame,
      media: details.mediaType === undefined ? [] : [details.mediaType],
      ...placeOf(contents),
    }),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.on('select-hid-device', (event, _details, choose) => {
    event.preventDefault();
    choose();
  });
  session.on('select-usb-device', (event, _details, choose) => {
    event.preventDefault();
    choose();
  });
  session.on('select-serial-port', (event, _ports, _contents, choose) => {
    event.preventDefault();
    choose('');
  });
  // A page that got past everything else still reaches no network: the agent is behind a port.
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isOwnRequest(url) }));
}

/** Requests that the program makes of itself; `blob:` and `data:` carry what a page already has. */
export function isOwnRequest(url: string): boolean {
  if (url.startsWith('data:')) return true;
  const inner = url.startsWith('blob:') ? url.slice('blob:'.length) : url;
  const origin = ownOrigin(inner);
  return origin === TILL_ORIGIN || origin === SHELL_ORIGIN;
}

function given(...addresses: readonly (string | undefined)[]): string[] {
  return addresses.filter((address) => address !== undefined && address !== '') as string[];
}
