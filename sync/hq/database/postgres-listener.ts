import { Client, type ClientConfig } from 'pg';
import type { HqLog } from '../deps.ts';
import { hqDatabaseError } from './hq-database-error.ts';

/** Waits before the connection for notifications is made again, in milliseconds: the last one from then on. */
export const LISTEN_RETRY_MS = [50, 200, 1_000, 3_000] as const;

type Heard = (payload: string) => void;

/** Notifications over a connection of their own. */
export interface PostgresListener {
  listen(channel: string, heard: Heard): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/**
 * LISTEN on one dedicated connection, made when first needed. A lost connection is made again and every channel then
 * hears an empty payload, since notifications in between are lost.
 */
export function createPostgresListener(config: ClientConfig, log: HqLog): PostgresListener {
  const channels = new Map<string, Set<Heard>>();
  let current: Promise<Client> | null = null;
  let retry: NodeJS.Timeout | null = null;
  let closed = false;

  const tell = (channel: string, payload: string) => {
    for (const heard of channels.get(channel) ?? []) heard(payload);
  };

  /** The one connection; where there is none, it is made. */
  function connection(): Promise<Client> {
    if (current !== null) return current;
    const next = new Client(config);
    const made = connect(next);
    current = made;
    const lost = () => {
      if (current !== made) return;
      current = null;
      if (!closed) reconnectLater(0);
    };
    next.on('error', lost);
    next.on('end', lost);
    next.on('notification', ({ channel, payload }) => tell(channel, payload ?? ''));
    return made;
  }

  async function connect(next: Client): Promise<Client> {
    try {
      await next.connect();
      for (const channel of channels.keys()) await next.query(`LISTEN ${quoted(channel)}`);
      return next;
    } catch (error) {
      current = null;
      await next.end().catch(() => {}); // It is broken already; the error above says why.
      throw hqDatabaseError(error);
    }
  }

  function reconnectLater(tries: number): void {
    if (retry !== null) return;
    log('warn', 'the connection for notifications was lost', { tries });
    const waitMs = LISTEN_RETRY_MS[Math.min(tries, LISTEN_RETRY_MS.length - 1)];
    retry = setTimeout(async () => {
      retry = null;
      try {
        await connection();
        for (const channel of channels.keys()) tell(channel, '');
      } catch {
        // Still away, as was logged; the next try comes.
        if (!closed) reconnectLater(tries + 1);
      }
    }, waitMs);
    retry.unref();
  }

  return {
    async listen(channel, heard) {
      const known = channels.get(channel);
      if (known !== undefined) known.add(heard);
      else channels.set(channel, new Set([heard]));
      const standing = current !== null;
      const client = await connection();
      if (standing && known === undefined) await client.query(`LISTEN ${quoted(channel)}`);
      return async () => {
        const all = channels.get(channel);
        all?.delete(heard);
        if (all?.size !== 0) return;
        channels.delete(channel);
        // A connection that breaks here listens to nothing any more either.
        await current
          ?.then((client) => client.query(`UNLISTEN ${quoted(channel)}`))
          .catch(() => {});
      };
    },
    async close() {
      closed = true;
      if (retry !== null) clearTimeout(retry);
      channels.clear();
      const last = current;
      current = null;
      await last?.then((client) => client.end()).catch(() => {}); // It may be gone already.
    },
  };
}

function quoted(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`;
}
