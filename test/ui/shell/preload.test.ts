import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { PORT_REPLY, PORT_REQUEST } from '../../../ui/app/link-environment.ts';
import { passPort } from '../../../ui/shell/pass-port.ts';
import { serveForms } from '../../../ui/shell/serve-forms.ts';

function openPage() {
  const listeners: ((event: object) => void)[] = [];
  const posted: unknown[][] = [];
  const page = {
    location: { origin: 'app://till' },
    addEventListener: (_type: string, listener: (event: object) => void) =>
      void listeners.push(listener),
    postMessage: (...given: unknown[]) => void posted.push(given),
  };
  const sent: unknown[][] = [];
  const ipc = Object.assign(new EventEmitter(), {
    send: (...given: unknown[]) => void sent.push(given),
  });
  passPort(page as never, ipc as never);
  const post = (change: object = {}) => {
    const event = { source: page, origin: 'app://till', data: PORT_REQUEST, ...change };
    for (const listener of listeners) listener(event);
  };
  return { page, posted, sent, ipc, post };
}

test("the page's request goes to the main process, and says nothing more", () => {
  const { sent, post } = openPage();
  post();
  expect(sent).toEqual([['tillside:port-request']]);
});

test.each([
  ['a frame or an opener', { source: {} }],
  ['another origin', { origin: 'https://example.com' }],
  ['another message', { data: { type: PORT_REQUEST } }],
])('%s asks for nothing', (_who, change) => {
  const { sent, post } = openPage();
  post(change);
  expect(sent).toEqual([]);
});

test("the port goes to the page's own origin alone", () => {
  const { posted, ipc } = openPage();
  const port = {};
  ipc.emit('tillside:port', { ports: [port] });
  expect(posted).toEqual([[PORT_REPLY, 'app://till', [port]]]);
});

function openForms(answer: object) {
  const listeners: Record<string, (event: object) => void> = {};
  const status = { textContent: '' };
  const invoked: unknown[][] = [];
  serveForms(
    {
      addEventListener: (type: string, listener: (event: object) => void) => {
        listeners[type] = listener;
      },
      querySelector: () => status,
    } as never,
    {
      invoke: async (...given: unknown[]) => {
        invoked.push(given);
        return answer;
      },
    } as never,
  );
  const submit = (dataset: object) => {
    let prevented = false;
    listeners['submit']?.({
      preventDefault: () => {
        prevented = true;
      },
      target: { dataset, querySelectorAll: () => [] },
    });
    return prevented;
  };
  return { submit, status, invoked };
}

test('a marked form is sent once while it is under way, and a refusal is shown in both languages', async () => {
  // Node has FormData, but no forms to read it from.
  const original = globalThis.FormData;
  globalThis.FormData = class {
    *[Symbol.iterator]() {
      yield ['pin', '1234'];
    }
  } as never;
  try {
    const { submit, status, invoked } = openForms({ refusal: { 'zh-CN': '不对', en: 'Wrong' } });
    expect(submit({ action: 'leave-kiosk' })).toBe(true);
    submit({ action: 'leave-kiosk' });
    await new Promise((settle) => setImmediate(settle));
    expect(invoked).toEqual([['tillside:shell-action', { action: 'leave-kiosk', pin: '1234' }]]);
    expect(status.textContent).toBe('不对 / Wrong');
  } finally {
    globalThis.FormData = original;
  }
});

test('a form without a mark goes nowhere', () => {
  const { submit, invoked } = openForms({});
  expect([submit({}), invoked]).toEqual([true, []]);
});
