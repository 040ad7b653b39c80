import { beforeEach, expect, test } from 'vitest';
import { guardNavigation } from '../../../ui/shell/navigation.ts';
import { FakeContents, preventable } from '../../support/electron/fake-electron.ts';

let contents: FakeContents;
let log: { message: string; fields: unknown }[];

beforeEach(() => {
  contents = new FakeContents(1);
  contents.navigate('app://till/');
  log = [];
  guardNavigation(
    contents as never,
    (_level, message, fields) => void log.push({ message, fields }),
  );
});

/** Whether the page gets away with it. */
function goes(event: string, url: string, isMainFrame = true): boolean {
  const asked = preventable({ url, isMainFrame });
  contents.emit(event, asked);
  return !asked.prevented;
}

test.each([
  'https://example.com/',
  'http://127.0.0.1:17890/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,x',
  'app://shell/leave-kiosk',
  'app://till.example.com/',
  'app://till@example.com/',
  'about:blank',
  'not an address',
])('a page does not leave for %s', (url) => {
  expect(goes('will-navigate', url)).toBe(false);
  expect(log).toHaveLength(1);
});

test('a page may load itself again', () => {
  expect(goes('will-navigate', 'app://till/manager')).toBe(true);
});

test("the shell's page does not turn into the till's by itself", () => {
  contents.navigate('app://shell/stopped');
  expect(goes('will-navigate', 'app://till/')).toBe(false);
});

test('no frame inside a page loads anything', () => {
  expect(goes('will-frame-navigate', 'app://till/', false)).toBe(false);
  expect(goes('will-frame-navigate', 'app://till/', true)).toBe(true);
});

test('no redirect is followed', () => {
  expect(goes('will-redirect', 'app://till/')).toBe(false);
});

test('no page holds a webview', () => {
  expect(goes('will-attach-webview', '')).toBe(false);
});

test.each(['https://example.com/', 'app://till/', ''])('no page opens a window for %j', (url) => {
  expect(contents.openHandler?.({ url })).toEqual({ action: 'deny' });
});

test('the log says where to, and nothing of what stood in the address', () => {
  goes('will-navigate', 'https://example.com/collect?card=2900010000015#x');
  expect(log).toEqual([
    {
      message: 'a navigation was refused',
      fields: { what: 'page', to: 'https://example.com' },
    },
  ]);
});
