import { describe, expect, test } from 'vitest';
import { guardPermissions, isGranted, isOwnRequest } from '../../../ui/shell/permissions.ts';
import { FakeSession, preventable } from '../../support/electron/fake-electron.ts';

const camera = {
  permission: 'media',
  addresses: ['app://till/', 'app://till'],
  isMainFrame: true,
  media: ['video'],
  window: 'till',
  page: '/',
} as const;

describe('the permissions table', () => {
  test("grants the camera to the main frame of the till's screens, and of the page at the camera in its own window", () => {
    expect(isGranted(camera)).toBe(true);
    expect(isGranted({ ...camera, page: '/manager' })).toBe(true);
    expect(isGranted({ ...camera, window: 'capture', page: '/capture.html' })).toBe(true);
  });

  test.each([
    ['the microphone', { media: ['audio'] }],
    ['the camera with the microphone', { media: ['video', 'audio'] }],
    ['media of no stated kind', { media: [] }],
    ['media of an unknown kind', { media: ['unknown'] }],
    ['a frame inside the page', { isMainFrame: false }],
    ["the shell's own pages", { addresses: ['app://shell/stopped'] }],
    ['a page of which nothing is known', { addresses: [] }],
    ['a foreign page', { addresses: ['https://example.com'] }],
    ['a foreign page that names us, too', { addresses: ['app://till', 'https://example.com'] }],
    ['a host with our name in front', { addresses: ['app://till.example.com'] }],
    ['our host with a name before it', { addresses: ['app://x@till/'] }],
    ['our host with a port', { addresses: ['app://till:80/'] }],
    ['the customer display', { window: undefined, page: '/customer' }],
    ['the page at the camera in the window of the till', { page: '/capture.html' }],
    ['another page in the window of the camera', { window: 'capture' }],
    ['a file', { addresses: ['file:///till'] }],
    ...[
      'geolocation',
      'notifications',
      'clipboard-read',
      'hid',
      'serial',
      'usb',
      'midiSysex',
      'openExternal',
      'fullscreen',
      'pointerLock',
      'display-capture',
      'fileSystem',
      'a-permission-of-the-future',
    ].map((permission): [string, object] => [permission, { permission }]),
  ])('refuses %s', (_what, change) => {
    expect(isGranted({ ...camera, ...change })).toBe(false);
  });
});

describe('every door of the session', () => {
  const open = () => {
    const session = new FakeSession();
    const refused: unknown[] = [];
    guardPermissions(
      session as never,
      (id) => ({ 1: 'till', 2: 'capture' })[id] as 'till' | 'capture' | undefined,
      (_level, _message, fields) => void refused.push(fields),
    );
    return {
      session,
      refused,
      doors: session.handlers as Record<string, (...a: unknown[]) => unknown>,
    };
  };
  const contents = (url: string, id = 1) => ({ id, getURL: () => url });

  test('a permission that is asked for and not in the table is refused and logged', () => {
    const { doors, refused } = open();
    const answers: boolean[] = [];
    const ask = (permission: string, details: object, url = 'app://till/') =>
      doors['ask']?.(contents(url), permission, (granted: boolean) => answers.push(granted), {
        isMainFrame: true,
        requestingUrl: 'app://till/',
        ...details,
      });
    ask('media', { mediaTypes: ['video'], securityOrigin: 'app://till/' });
    ask('media', { mediaTypes: ['audio'], securityOrigin: 'app://till/' });
    ask('media', { mediaTypes: ['video'] }, 'https://example.com/');
    ask('geolocation', {});
    expect(answers).toEqual([true, false, false, false]);
    expect(refused).toHaveLength(3);
  });

  test('the camera is for the window and the page that it is asked from', () => {
    const { doors } = open();
    const details = { isMainFrame: true, securityOrigin: 'app://till/', mediaTypes: ['video'] };
    const ask = (url: string, id: number): boolean => {
      let answer = false;
      const requestingUrl = url;
      doors['ask']?.(
        contents(url, id),
        'media',
        (granted: boolean) => {
          answer = granted;
        },
        { ...details, requestingUrl },
      );
      return answer;
    };
    expect(ask('app://till/capture.html', 2)).toBe(true);
    expect(ask('app://till/manager/devices', 1)).toBe(true);
    expect(ask('app://till/capture.html', 1)).toBe(false);
    expect(ask('app://till/', 2)).toBe(false);
    expect(ask('app://till/customer', 3)).toBe(false);
  });

  test('a check answers like a request, and no where nobody knows the page', () => {
    const { doors } = open();
    const details = { isMainFrame: true, securityOrigin: 'app://till/', mediaType: 'video' };
    const page = contents('app://till/');
    expect(doors['check']?.(page, 'media', 'app://till', details)).toBe(true);
    expect(doors['check']?.(null, 'media', 'app://till', details)).toBe(false);
    expect(doors['check']?.(page, 'media', 'https://example.com', details)).toBe(false);
    expect(doors['check']?.(page, 'hid', 'app://till', details)).toBe(false);
  });

  test('no scanner, reader or serial line is given to a page', () => {
    const { session, doors } = open();
    expect(doors['device']?.({ deviceType: 'hid', origin: 'app://till' })).toBe(false);
    const chosen: unknown[] = [];
    for (const kind of ['select-hid-device', 'select-usb-device']) {
      const event = preventable({});
      session.emit(kind, event, {}, (id?: string) => chosen.push(id));
      expect(event.prevented).toBe(true);
    }
    const event = preventable({});
    session.emit('select-serial-port', event, [], {}, (id: string) => chosen.push(id));
    expect([event.prevented, chosen]).toEqual([true, [undefined, undefined, '']]);
  });

  test('the screen is not captured', () => {
    const { doors } = open();
    let given: unknown;
    doors['display']?.({}, (streams: unknown) => {
      given = streams;
    });
    expect(given).toEqual({});
  });

  test.each([
    ['app://till/assets/a.js', true],
    ['app://shell/stopped', true],
    ['blob:app://till/5f0c', true],
    ['data:image/png;base64,AA==', true],
    ['https://example.com/', false],
    ['http://127.0.0.1:17890/v1/status', false],
    ['ws://127.0.0.1/ws', false],
    ['file:///etc/passwd', false],
    ['blob:https://example.com/5f0c', false],
    ['app://other/', false],
  ])('a request to %s is let through: %s', (url, through) => {
    const { doors } = open();
    let answer: unknown;
    doors['request']?.({ url }, (given: unknown) => {
      answer = given;
    });
    expect(answer).toEqual({ cancel: !through });
    expect(isOwnRequest(url)).toBe(through);
  });
});
