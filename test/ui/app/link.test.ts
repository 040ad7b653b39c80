import { MessageChannel, type MessagePort as NodePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type AnyPort, servePort } from '../../../agent/api/serve-port.ts';
import type { TillEvent } from '../../../agent/contract/index.ts';
import { createTillLink, readError, retryDelayMs, type TillLink } from '../../../ui/app/link.ts';
import type { LinkEnvironment, LinkPort, LinkSocket } from '../../../ui/app/link-environment.ts';
import type { FakeTill } from '../../agent/api/fake-till.ts';
import { MANAGER_PIN } from '../../agent/api/fake-till.ts';
import { type ApiRig, serveFakeTill, serveTill } from '../../agent/api/rig.ts';

/** Long enough for a busy machine; nothing waits for it in vain. */
const WAIT = { timeout: 10_000 };

/** A page in memory: its storage, its address, its timers, which run at once when the test says so. */
function pageAt(address: () => string, code?: string) {
  const stored = new Map<string, string>();
  const page = { code, sockets: [] as WebSocket[], stored };
  const environment: LinkEnvironment = {
    openSocket: () => {
      const socket = new WebSocket(`${address().replace('http', 'ws')}/ws`, { origin: address() });
      // A refused connection tells the link by its close.
      socket.on('error', () => undefined);
      page.sockets.push(socket);
      return socket as unknown as LinkSocket;
    },
    storage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
      removeItem: (key) => void stored.delete(key),
    },
    code: () => page.code,
    forgetCode: () => {
      page.code = undefined;
    },
    random: () => 0.1,
    epochMs: () => 1_000,
    after: (delayMs, run) => {
      // All waits are short but the one for the till's answer.
      const timer = setTimeout(run, delayMs === 5_000 ? 1_000 : 5);
      return () => clearTimeout(timer);
    },
  };
  return { page, environment };
}

let rig: ApiRig<FakeTill>;
let link: TillLink;
const openLink = (environment: LinkEnvironment): void => {
  link = createTillLink(environment);
};
const opened = () => expect.poll(() => link.state().phase, WAIT).toBe('open');

describe("the page's link to its till", () => {
  beforeEach(async () => {
    rig = await serveFakeTill();
  });
  afterEach(async () => {
    link.close();
    await rig.close();
  });

  it('exchanges the one-time code for a token, forgets the code and calls the whole contract', async () => {
    const { page, environment } = pageAt(() => rig.address, rig.till.issueScreenCode());
    openLink(environment);
    await opened();
    expect(page.code).toBeUndefined();
    expect([...page.stored.values()][0]).toContain('screen-token');
    expect((await link.client.screen.staff.list()).staff).toHaveLength(1);
    expect(
      (await link.client.screen.staff.signIn({ staffId: 'C1', pin: MANAGER_PIN })).staff?.name,
    ).toBe('王敏');
  });

  it('comes back after a reload with the token of its tab', async () => {
    const { page, environment } = pageAt(() => rig.address, rig.till.issueScreenCode());
    openLink(environment);
    await opened();
    link.close();
    openLink(environment);
    await opened();
    expect(page.sockets).toHaveLength(2);
  });

  it('falls back to the token of its tab when the code of the address was used before', async () => {
    const { environment, page } = pageAt(() => rig.address, 'used-before');
    page.stored.set('tillside.screen-token', rig.till.screenToken());
    openLink(environment);
    await opened();
    expect(page.code).toBeUndefined();
  });

  it('gives up, with the reason, where the till refuses its code', async () => {
    const { environment } = pageAt(() => rig.address, 'used-before');
    openLink(environment);
    await expect.poll(() => link.state().phase, WAIT).toBe('refused');
    expect(link.state().error?.code).toBe('ui-code-wrong');
  });

  it('gives up, with the reason, where the page was not opened from the till', async () => {
    const { environment, page } = pageAt(() => rig.address);
    openLink(environment);
    await expect.poll(() => link.state().phase, WAIT).toBe('refused');
    expect(link.state().error?.code).toBe('unauthenticated');
    expect(page.sockets).toHaveLength(0);
  });

  it('gives errors of the till their code, sentences and field', async () => {
    const { environment } = pageAt(() => rig.address, rig.till.issueScreenCode());
    openLink(environment);
    await opened();
    const error = await link.client.screen.staff
      .signIn({ staffId: 'C1', pin: '0000' })
      .catch(readError);
    expect(error).toMatchObject({
      code: 'pin-wrong',
      field: 'pin',
      message: { en: 'The PIN is wrong', 'zh-CN': '密码不对' },
    });
  });

  it('fails calls at once while the till is away, and comes back by itself', async () => {
    const { environment } = pageAt(() => rig.address, rig.till.issueScreenCode());
    openLink(environment);
    await opened();
    const phases: string[] = [];
    const stop = link.subscribe(() => phases.push(link.state().phase));
    await rig.close();
    await expect.poll(() => link.state().failures, WAIT).toBeGreaterThan(1);
    expect(readError(await link.client.pos.status().catch((error: unknown) => error)).code).toBe(
      'disconnected',
    );
    rig = await serveTill(rig.till, { http: { port: rig.port } });
    await opened();
    stop();
    expect(phases.slice(0, 2)).toEqual(['closed', 'connecting']);
    expect((await link.client.pos.status()).name).toBe('tillside');
  });

  it('loses no event and repeats none over a restart of the server, an ended reader and a dropped line', async () => {
    const { page, environment } = pageAt(() => rig.address, rig.till.issueScreenCode());
    openLink(environment);
    await opened();
    rig.till.emit({ kind: 'till', what: 'started', detail: 'before' });
    const seen: number[] = [];
    const stop = link.follow({ onEvent: ({ seq }: TillEvent) => seen.push(seq) });
    await expect.poll(() => rig.till.readersOpen(), WAIT).toBe(1);
    rig.till.emit({ kind: 'till', what: 'started' });
    rig.till.endReaders();
    rig.till.emit({ kind: 'till', what: 'started' });
    await expect.poll(() => seen, WAIT).toEqual([2, 3]);
    page.sockets.at(-1)?.terminate();
    rig.till.emit({ kind: 'till', what: 'started' });
    await expect.poll(() => seen, WAIT).toEqual([2, 3, 4]);
    await rig.close();
    rig.till.emit({ kind: 'till', what: 'started' });
    rig = await serveTill(rig.till, { http: { port: rig.port } });
    await expect.poll(() => seen, WAIT).toEqual([2, 3, 4, 5]);
    stop();
    await expect.poll(() => rig.till.readersOpen(), WAIT).toBe(0);
  });

  it('says so when the events to resume from are gone, and goes on from the present', async () => {
    const { environment } = pageAt(() => rig.address, rig.till.issueScreenCode());
    openLink(environment);
    await opened();
    let gaps = 0;
    const seen: number[] = [];
    link.follow({ after: 99, onEvent: ({ seq }) => seen.push(seq), onGap: () => (gaps += 1) });
    await expect.poll(() => rig.till.readersOpen(), WAIT).toBe(1);
    rig.till.emit({ kind: 'till', what: 'started' });
    await expect.poll(() => seen, WAIT).toEqual([1]);
    expect(gaps).toBe(1);
  });

  it('takes a message port from the desktop shell, and another when the till was restarted', async () => {
    const ports: NodePort[] = [];
    const { environment } = pageAt(() => rig.address);
    openLink({
      ...environment,
      shell: {
        requestPort: (given) => {
          const { port1, port2 } = new MessageChannel();
          servePort(rig.api, port1 as unknown as AnyPort, { kind: 'screen' });
          ports.push(port1);
          port2.start();
          given(port2 as unknown as LinkPort, (closed) => port2.once('close', closed));
          return () => undefined;
        },
      },
    });
    await opened();
    expect((await link.client.screen.staff.list()).staff).toHaveLength(1);
    ports[0]?.close();
    await expect.poll(() => ports.length, WAIT).toBe(2);
    await opened();
    expect((await link.client.pos.status()).name).toBe('tillside');
    for (const port of ports) port.close();
  });
});

describe('the backoff of the link', () => {
  it('doubles up to ten seconds, and no two tills need to come back together', () => {
    expect([1, 2, 3, 6, 7, 50].map((failures) => retryDelayMs(failures, 0))).toEqual([
      125, 250, 500, 4_000, 5_000, 5_000,
    ]);
    expect([1, 7].map((failures) => retryDelayMs(failures, 0.999_999))).toEqual([
      expect.closeTo(250, 2),
      expect.closeTo(10_000, 1),
    ]);
  });
});
