import { beforeEach, describe, expect, test } from 'vitest';
import { type CustomerWindow, keepCustomerWindow } from '../../../ui/shell/customer-window.ts';
import { FakeScreen, FakeWindow } from '../../support/electron/fake-electron.ts';

let windows: FakeWindow[];
let prepared: unknown[];
let closed: number[];

beforeEach(() => {
  [windows, prepared, closed] = [[], [], []];
});

function keep(
  screen: FakeScreen,
  settings: { customerScreen?: boolean; display?: number } = {},
): CustomerWindow {
  return keepCustomerWindow({
    settings: { customerScreen: true, display: 0, ...settings },
    screen: screen as never,
    Window: class extends FakeWindow {
      constructor(given: Record<string, unknown>) {
        super(given, 20 + windows.length);
        windows.push(this);
      }
    } as never,
    preload: '/program/preload.cjs',
    prepare: (window) => void prepared.push(window),
    onClosed: (windowId) => void closed.push(windowId),
    log: () => undefined,
  });
}

describe('the customer display', () => {
  test('fills the display that the till does not use, without a frame and guarded like any page', () => {
    const customer = keep(new FakeScreen(2));
    expect(windows).toHaveLength(1);
    expect(windows[0]?.options).toMatchObject({
      x: 1_366,
      width: 1_024,
      height: 768,
      fullscreen: true,
      frame: false,
      webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false },
    });
    expect(prepared).toEqual(windows);
    expect(customer.id()).toBe(20);
  });

  test('goes to the first display where the till is on the second', () => {
    keep(new FakeScreen(2), { display: 1 });
    expect(windows[0]?.options).toMatchObject({ x: 0, width: 1_366 });
  });

  test('is shown without taking the keyboard from the till', () => {
    keep(new FakeScreen(2));
    windows[0]?.emit('ready-to-show');
    expect(windows[0]?.shown).toBe('inactive');
  });

  test.each([
    ['there is one display', 1, {}],
    ['there is one display, and the settings name another for the till', 1, { display: 3 }],
    ['the settings turn it off', 2, { customerScreen: false }],
  ])('is not there where %s', (_why, displays, settings) => {
    const customer = keep(new FakeScreen(displays), settings);
    expect([windows, customer.id()]).toEqual([[], undefined]);
  });

  test('comes and goes with the second screen', () => {
    const screen = new FakeScreen(1);
    const customer = keep(screen);
    screen.plug(2);
    expect([windows.length, customer.id()]).toEqual([1, 20]);
    screen.plug(1);
    expect([windows[0]?.closed, customer.id(), closed]).toEqual([true, undefined, [20]]);
    screen.plug(2);
    expect([windows.length, customer.id()]).toEqual([2, 21]);
  });

  test('stays the same window when something else about the screens changes', () => {
    const screen = new FakeScreen(2);
    keep(screen);
    screen.emit('display-added');
    expect(windows).toHaveLength(1);
  });

  test('goes with the till and does not come back', () => {
    const screen = new FakeScreen(2);
    const customer = keep(screen);
    customer.close();
    screen.plug(1);
    screen.plug(2);
    expect([windows.length, windows[0]?.closed]).toEqual([1, true]);
  });
});
