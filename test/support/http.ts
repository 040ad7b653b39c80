import { connect, type Socket } from 'node:net';

/** The answer to a request, as a test looks at it. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  readonly body: any;
}

/** A caller of the POS API: JSON in, JSON out. */
export interface HttpClient {
  request(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<HttpAnswer>;
  /** Reads server-sent events until `until` says enough. */
  events(
    path: string,
    until: (events: readonly ServerEvent[]) => boolean,
    headers?: Record<string, string>,
  ): Promise<ServerEvent[]>;
}

export interface ServerEvent {
  readonly id?: string;
  readonly event?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of any shape
  readonly data: any;
}

/** @param address `http://127.0.0.1:PORT` */
export function httpClient(address: string, token?: string): HttpClient {
  const bearer: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    async request(method, path, body, headers = {}) {
      const response = await fetch(`${address}${path}`, {
        method,
        headers: {
          ...bearer,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const raw = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: raw === '' ? undefined : JSON.parse(raw),
      };
    },
    async events(path, until, headers = {}) {
      const stop = new AbortController();
      const response = await fetch(`${address}${path}`, {
        headers: { ...bearer, ...headers },
        signal: stop.signal,
      });
      if (!response.ok || response.body === null)
        throw new Error(`events answered ${response.status}: ${await response.text()}`);
      const found: ServerEvent[] = [];
      let rest = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const event = parseBlock(block);
          if (event !== undefined) found.push(event);
        }
        if (until(found)) break;
      }
      stop.abort();
      return found;
    },
  };
}

function parseBlock(block: string): ServerEvent | undefined {
  const fields = block
    .split('\n')
    .filter((line) => !line.startsWith(':'))
    .map(
      (line) =>
        [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()] as const,
    );
  const value = (name: string): string | undefined => fields.find(([key]) => key === name)?.[1];
  const data = value('data');
  const id = value('id');
  const event = value('event');
  if (data === undefined) return undefined;
  return {
    ...(id === undefined ? {} : { id }),
    ...(event === undefined ? {} : { event }),
    data: JSON.parse(data),
  };
}

/** A bare TCP connection, for requests that no HTTP client would send. */
export interface RawConnection {
  write(text: string): void;
  /** Everything received once the other side has ended the connection. */
  answer(): Promise<string>;
  close(): void;
}

export function rawConnection(port: number): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket: Socket = connect(port, '127.0.0.1', () => {
      resolve({
        write: (text) => void socket.write(text),
        answer: () => ended.then(() => received),
        close: () => socket.destroy(),
      });
    });
    const ended = new Promise<void>((done) => socket.once('close', () => done()));
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      received += text;
    });
    // A cut connection is what many tests are about; what was received until then counts.
    socket.on('error', (error) => reject(error));
  });
}
