import { beforeEach, describe, expect, test } from 'vitest';
import { text } from '../../../agent/contract/text.ts';
import { holdKiosk, type Kiosk } from '../../../ui/shell/kiosk.ts';
import { createShellActions } from '../../../ui/shell/shell-actions.ts';
import { FakeFrame, FakeWindow, preventable } from '../../support/electron/fake-electron.ts';

let window: FakeWindow;
let dialogs: FakeWindow[];
let asked: string[][];
let logged: unknown[];

beforeEach(() => {
  window = new FakeWindow({ kiosk: true }, 1);
  [dialogs, asked, logged] = [[], [], []];
});

function hold(on = true): Kiosk {
  return holdKiosk({
    window: window as never,
    on,
    openDialog() {
      const dialog = new FakeWindow({}, 2 + dialogs.length);
      dialogs.push(dialog);
      return dialog as never;
    },
    async check(managerId, pin) {
      asked.push([managerId, pin]);
      return pin === '2222' ? undefined : text('PIN 不对', 'The PIN is wrong');
    },
    log: (_level, message, fields) => void logged.push([message, fields]),
  });
}

function press(keys: object): boolean {
  const event = preventable({});
  window.webContents.emit('before-input-event', event, { type: 'keyDown', ...keys });
  return event.prevented;
}

const SHORTCUT = { control: true, shift: true, key: 'K' };

describe('a window in kiosk', () => {
  test('does not close, until a manager has opened it', async () => {
    const kiosk = hold();
    window.close();
    expect(window.closed).toBe(false);
    expect(await kiosk.leave('m1', '1111')).toEqual(text('PIN 不对', 'The PIN is wrong'));
    expect(window.kiosk).toBe(true);
    expect(await kiosk.leave('m1', '2222')).toBeUndefined();
    expect(window.kiosk).toBe(false);
    window.close();
    expect(window.closed).toBe(true);
  });

  test('asks for the PIN by its keys, once at a time', () => {
    const kiosk = hold();
    expect(press({ ...SHORTCUT, control: false })).toBe(false);
    expect(press({ ...SHORTCUT, type: 'keyUp' })).toBe(false);
    expect(press(SHORTCUT)).toBe(true);
    expect(press(SHORTCUT)).toBe(true);
    expect([dialogs.length, dialogs[0]?.focused, kiosk.dialogId()]).toEqual([1, 1, 2]);
    dialogs[0]?.close();
    expect(kiosk.dialogId()).toBeUndefined();
    press(SHORTCUT);
    expect(dialogs).toHaveLength(2);
  });

  test('closes its question with the kiosk', async () => {
    const kiosk = hold();
    press(SHORTCUT);
    await kiosk.leave('m1', '2222');
    expect([dialogs[0]?.closed, press(SHORTCUT), dialogs.length]).toEqual([true, false, 1]);
  });

  test('is left without a PIN where no till runs that could check one, and that is logged', () => {
    const kiosk = hold();
    press(SHORTCUT);
    kiosk.leaveStopped();
    expect([window.kiosk, dialogs[0]?.closed, asked]).toEqual([false, true, []]);
    expect(logged).toEqual([['the window left kiosk', { how: 'the till is stopped' }]]);
    window.close();
    expect(window.closed).toBe(true);
  });

  test('ends when the system ends the program', () => {
    hold().release();
    window.close();
    expect(window.closed).toBe(true);
  });
});

test('a window out of kiosk closes, and asks nothing', () => {
  hold(false);
  expect(press(SHORTCUT)).toBe(false);
  window.close();
  expect([window.closed, dialogs.length]).toEqual([true, 0]);
});

describe('the one door for what pages ask of the shell', () => {
  let retries: number;
  const open = () => {
    retries = 0;
    const kiosk = hold();
    return createShellActions({
      windowIds: () => [1, undefined],
      retry: () => {
        retries += 1;
      },
      leaveKiosk: kiosk.leave,
      leaveStopped: () => undefined,
      log: () => undefined,
    });
  };
  const from = (frame: FakeFrame | null, id = 1) =>
    ({ sender: { id }, senderFrame: frame }) as never;
  const shellPage = () => new FakeFrame('app://shell');

  test("takes a retry and a PIN from the shell's own page", async () => {
    const act = open();
    expect(await act(from(shellPage()), { action: 'retry' })).toEqual({});
    const leave = { action: 'leave-kiosk', managerId: 'm1', pin: '2222' };
    expect(await act(from(shellPage()), { ...leave, pin: '0000' })).toHaveProperty('refusal');
    expect(await act(from(shellPage()), leave)).toEqual({});
    expect([retries, asked]).toEqual([
      1,
      [
        ['m1', '0000'],
        ['m1', '2222'],
      ],
    ]);
  });

  test.each([
    ["the till's page", new FakeFrame('app://till'), 1],
    ['a foreign page', new FakeFrame('https://example.com'), 1],
    ['a frame', Object.assign(new FakeFrame('app://shell'), { parent: new FakeFrame('') }), 1],
    ['a page that is gone', null, 1],
    ['another window', new FakeFrame('app://shell'), 9],
  ])('takes nothing from %s', async (_who, frame, id) => {
    const act = open();
    expect(await act(from(frame, id), { action: 'retry' })).toHaveProperty('refusal');
    expect(retries).toBe(0);
  });

  test.each([
    null,
    'retry',
    { action: 'quit' },
    { action: 'retry', more: 1 },
    { action: 'leave-kiosk', managerId: 'm1' },
    { action: 'leave-kiosk', managerId: 'm1', pin: '123456789' },
    { action: 'leave-kiosk', managerId: '', pin: '1' },
  ])('takes no %j', async (request) => {
    const act = open();
    expect(await act(from(shellPage()), request)).toHaveProperty('refusal');
    expect([retries, asked]).toEqual([0, []]);
  });
});
