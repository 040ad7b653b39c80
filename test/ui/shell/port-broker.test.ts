import { beforeEach, expect, test } from 'vitest';
import {
  createPortBroker,
  type PortBroker,
  type ScreenAgent,
} from '../../../ui/shell/port-broker.ts';
import { FakeFrame } from '../../support/electron/fake-electron.ts';
import { FakeChannel } from '../../support/electron/fake-port.ts';

let broker: PortBroker;
let opened: number[];
let pages: string[];
let taken: number[];
let log: unknown[];
const WINDOW = 7;
const SECOND_WINDOW = 8;
const agent: ScreenAgent = {
  openScreen(portId, _port, page) {
    opened.push(portId);
    pages.push(page);
  },
  closeScreen: (portId) => void taken.push(portId),
};

beforeEach(() => {
  [opened, pages, taken, log] = [[], [], [], []];
  broker = createPortBroker({
    windowIds: () => [WINDOW, SECOND_WINDOW],
    newChannel: () => new FakeChannel() as never,
    log: (_level, message, fields) => void log.push([message, fields]),
  });
});

function ask(frame: FakeFrame | null, windowId = WINDOW): void {
  broker.request({ sender: { id: windowId }, senderFrame: frame as never });
}

const till = () => new FakeFrame('app://till');
const portsOf = (frame: FakeFrame) =>
  frame.received.map(({ channel, ports }) => [channel, ports.length]);

test("the main frame of our window gets one port, and the agent the channel's other end", () => {
  const frame = till();
  broker.agentOpened(agent);
  ask(frame);
  expect(portsOf(frame)).toEqual([['tillside:port', 1]]);
  expect(opened).toEqual([0]);
});

test('the agent is told which page is at the other end: that of the camera, or a screen', () => {
  broker.agentOpened(agent);
  ask(new FakeFrame('app://till', 'app://till/capture.html#x'));
  ask(new FakeFrame('app://till', 'app://till/customer?page=/capture.html'), SECOND_WINDOW);
  expect(pages).toEqual(['capture', 'screen']);
});

test('a page that asks before the agent has opened gets its port then', () => {
  const frame = till();
  ask(frame);
  expect(portsOf(frame)).toEqual([]);
  broker.agentOpened(agent);
  expect(portsOf(frame)).toEqual([['tillside:port', 1]]);
});

test.each([
  ['a frame inside the page', () => Object.assign(till(), { parent: till() }), WINDOW],
  ['another window', till, SECOND_WINDOW + 1],
  ["the shell's own page", () => new FakeFrame('app://shell'), WINDOW],
  ['a foreign page', () => new FakeFrame('https://example.com'), WINDOW],
  ['a page of no origin', () => new FakeFrame('null'), WINDOW],
  ['a page that is gone', () => null, WINDOW],
])('%s gets no port', (_who, make, windowId) => {
  broker.agentOpened(agent);
  const frame = make();
  ask(frame, windowId);
  expect(frame?.received ?? []).toEqual([]);
  expect(opened).toEqual([]);
  expect(log).toHaveLength(1);
});

test('the port is handed over once: a second request waits until the first port is closed', () => {
  const frame = till();
  broker.agentOpened(agent);
  ask(frame);
  ask(frame);
  expect(portsOf(frame)).toHaveLength(1);
  broker.portClosed(0);
  expect(portsOf(frame)).toHaveLength(2);
  expect(opened).toEqual([0, 1]);
});

test('a page that is loaded again gets a fresh port once the old one is closed', () => {
  const [before, after] = [till(), till()];
  broker.agentOpened(agent);
  ask(before);
  broker.pageGone(WINDOW);
  expect(taken).toEqual([0]);
  ask(after);
  expect(portsOf(after)).toEqual([]);
  broker.portClosed(0);
  expect(portsOf(after)).toHaveLength(1);
  expect(portsOf(before)).toHaveLength(1);
});

test('two windows have a port each: one that is left or closed leaves the other alone', () => {
  const [first, second] = [till(), till()];
  broker.agentOpened(agent);
  ask(first);
  ask(second, SECOND_WINDOW);
  expect(opened).toEqual([0, 1]);
  broker.pageGone(SECOND_WINDOW);
  expect(taken).toEqual([1]);
  ask(second, SECOND_WINDOW);
  broker.portClosed(1);
  expect(opened).toEqual([0, 1, 2]);
  expect(portsOf(first)).toHaveLength(1);
});

test('news of a port of long ago closes nothing', () => {
  const frame = till();
  broker.agentOpened(agent);
  ask(frame);
  broker.portClosed(0);
  ask(frame);
  broker.portClosed(0);
  ask(frame);
  expect(portsOf(frame)).toHaveLength(2);
});

test('a page that left while it waited gets nothing', () => {
  const [left, destroyed] = [till(), till()];
  ask(left);
  broker.pageGone(WINDOW);
  broker.agentOpened(agent);
  expect(portsOf(left)).toEqual([]);
  broker.agentGone();
  ask(destroyed);
  destroyed.destroyed = true;
  broker.agentOpened(agent);
  expect([portsOf(destroyed), opened]).toEqual([[], []]);
});

test('the page of an agent that was started again asks again and gets a port to the fresh one', () => {
  const frame = till();
  broker.agentOpened(agent);
  ask(frame);
  broker.agentGone();
  ask(frame);
  expect(portsOf(frame)).toHaveLength(1);
  broker.agentOpened(agent);
  expect(portsOf(frame)).toHaveLength(2);
});
