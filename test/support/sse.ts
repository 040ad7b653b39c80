import type { TillEvent } from '../../agent/contract/index.ts';

/** An open stream of server-sent events. */
export interface EventStream {
  next(): Promise<TillEvent | undefined>;
  close(): void;
}

/** Opens GET /v1/events as a POS does. Settles once the till has answered. */
export async function openEvents(
  address: string,
  token: string,
  after?: number,
): Promise<EventStream> {
  const abort = new AbortController();
  const answer = await fetch(
    `${address}/v1/events${after === undefined ? '' : `?after=${after}`}`,
    {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
      signal: abort.signal,
    },
  );
  if (!answer.ok || answer.body === null)
    throw new Error(`GET /v1/events answered ${answer.status}: ${await answer.text()}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  return {
    async next() {
      for (;;) {
        const end = buffer.indexOf('\n\n');
        if (end < 0) {
          const { value, done } = await reader.read();
          if (done) return undefined;
          buffer += value;
          continue;
        }
        const block = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        const data = block
          .split('\n')
          .filter((line) => line.startsWith('data:'))
          .map((line) => line.slice(5).trim())
          .join('\n');
        if (data !== '') return JSON.parse(data) as TillEvent;
      }
    },
    close: () => abort.abort(),
  };
}

/** The next `count` events that fit. */
export async function nextEvents(
  stream: EventStream,
  fits: (event: TillEvent) => boolean,
  count: number,
): Promise<TillEvent[]> {
  const found: TillEvent[] = [];
  while (found.length < count) {
    const event = await stream.next();
    if (event === undefined) throw new Error('the stream of events ended');
    if (fits(event)) found.push(event);
  }
  return found;
}
