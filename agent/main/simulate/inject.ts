import type { Readable } from 'node:stream';
import type { HttpRequest } from '../../../sync/client/transport.ts';
import { hqApi, SEGMENT_PATH } from '../../../sync/protocol/hq-api.ts';
import type { HqMachine } from './hq-machine.ts';
import type { VirtualTime } from './virtual-time.ts';

/** An answer of headquarters, whose body comes as it is sent. */
export interface Injected {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly stream: Readable;
  close(): void;
}

/** One request at headquarters' routes; settles with the head of the answer. */
export async function inject(
  time: VirtualTime,
  target: HqMachine,
  { method, params, data, headers }: HttpRequest,
  pathname: string,
): Promise<Injected> {
  // A poll waits for rows on headquarters' timers; everything else is under way until it is answered.
  const isCounted = pathname !== hqApi.poll.path;
  const query = Object.fromEntries(
    Object.entries(params ?? {}).map(([key, value]) => [key, String(value)]),
  );
  if (isCounted) time.begin();
  try {
    const response = await target.server().inject({
      method,
      url: pathname,
      headers: { ...headers },
      query,
      ...(data === undefined ? {} : { payload: data }),
      payloadAsStream: true,
    });
    const stream = response.stream();
    // What comes from the compressor's thread is under way until all of it is there, or nobody waits for it any more.
    let isUnderWay = pathname === SEGMENT_PATH;
    const arrived = (): void => {
      if (isUnderWay) time.end();
      isUnderWay = false;
    };
    if (isUnderWay) {
      time.begin();
      stream.once('close', arrived);
    }
    return {
      status: response.statusCode,
      headers: response.headers as Record<string, unknown>,
      stream,
      close() {
        response.raw.res.destroy();
        arrived();
      },
    };
  } finally {
    if (isCounted) time.end();
  }
}
