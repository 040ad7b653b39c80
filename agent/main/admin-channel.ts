import { createHash } from 'node:crypto';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { err, memberIdSchema, ok, type Result } from '../contract/index.ts';

/** Longest request or answer on the channel, in bytes. */
export const ADMIN_MESSAGE_MAX_BYTES = 64 * 1024;
/** Connections at a time; the operator's tool needs one. */
export const ADMIN_CONNECTIONS_MAX = 4;
const ADMIN_TIMEOUT_MS = 10_000;
/** Longest path that a Unix socket may have on every system we run on. */
const SOCKET_PATH_MAX = 100;

const requestSchema = z.discriminatedUnion('command', [
  z.object({ command: z.literal('link') }),
  z.object({ command: z.literal('pair'), managerId: z.string().max(64), pin: z.string().max(8) }),
  z.object({ command: z.literal('status') }),
  z.object({
    command: z.literal('confirm-time'),
    managerId: z.string().max(64),
    pin: z.string().max(8),
  }),
  z.object({ command: z.literal('sync-status') }),
  z.object({ command: z.literal('sync-now') }),
  /** Begins a full-volume check; what came of it is asked by its number. */
  z.object({ command: z.literal('sync-verify'), deep: z.boolean() }),
  z.object({ command: z.literal('sync-verified'), run: z.int().min(1) }),
  /** The devices, and what else is plugged in. */
  z.object({ command: z.literal('devices') }),
  /** One page of what the devices did, from an offset on. */
  z.object({ command: z.literal('device-statistics'), offset: z.int().min(0) }),
  /** What lies here of faces, and of one member's. */
  z.object({ command: z.literal('face-status') }),
  z.object({ command: z.literal('face-facts') }),
  z.object({ command: z.literal('face-member'), memberId: memberIdSchema }),
  /** One page of confirmed pairs, from behind a number. */
  z.object({ command: z.literal('face-pairs'), after: z.int().min(0) }),
  z.object({ command: z.literal('stop') }),
]);
export type AdminRequest = z.infer<typeof requestSchema>;
export type AdminAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: { code: string; message: string } };

/**
 * Where the agent of a data folder listens for its operator's tool: a Unix socket that only the till's own account may
 * open, or a named pipe on Windows.
 */
export function adminAddress(dataDir: string): string {
  const folder = resolve(dataDir);
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\tillside-${name}`;
  const beside = join(folder, 'agent.sock');
  return Buffer.byteLength(beside) <= SOCKET_PATH_MAX
    ? beside
    : join(tmpdir(), `tillside-${name}.sock`);
}

/** Serves the operator's tool; one JSON line in, one JSON line out. The caller holds the folder's agent lock. */
export function serveAdmin(
  dataDir: string,
  handle: (request: AdminRequest) => Promise<AdminAnswer>,
): Promise<Server> {
  const address = adminAddress(dataDir);
  // Left by a killed agent: we hold the folder's lock, so nobody listens there.
  if (process.platform !== 'win32' && existsSync(address)) rmSync(address);
  const server = createServer((socket) => serveOne(socket, handle));
  server.maxConnections = ADMIN_CONNECTIONS_MAX;
  return new Promise((settle, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      if (process.platform !== 'win32') chmodSync(address, 0o600);
      settle(server);
    });
  });
}

function serveOne(socket: Socket, handle: (request: AdminRequest) => Promise<AdminAnswer>): void {
  let text = '';
  socket.setEncoding('utf8');
  socket.setTimeout(ADMIN_TIMEOUT_MS, () => socket.destroy());
  // A tool that goes away in the middle harms nobody.
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (text.length > ADMIN_MESSAGE_MAX_BYTES) socket.destroy();
    const end = text.indexOf('\n');
    if (end < 0) return;
    const line = text.slice(0, end);
    text = '';
    answer(line, handle).then(
      (a) => socket.end(`${JSON.stringify(a)}\n`),
      (cause) => socket.destroy(cause instanceof Error ? cause : undefined),
    );
  });
}

async function answer(
  line: string,
  handle: (request: AdminRequest) => Promise<AdminAnswer>,
): Promise<AdminAnswer> {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    // The parser's message would quote the request, which may hold a PIN.
    return { ok: false, error: { code: 'invalid-input', message: 'not JSON' } };
  }
  const parsed = requestSchema.safeParse(raw);
  if (!parsed.success)
    return { ok: false, error: { code: 'invalid-input', message: parsed.error.message } };
  return handle(parsed.data);
}

/** Asks the running agent of a data folder. Fails with `agent-not-running` when none listens. */
export function askAgent(
  dataDir: string,
  request: AdminRequest,
): Promise<Result<unknown, { code: string; message: string }>> {
  return new Promise((settle) => {
    const socket = connect(adminAddress(dataDir));
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(ADMIN_TIMEOUT_MS, () => socket.destroy(new Error('no answer in time')));
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', (cause) =>
      settle(
        err({
          code: 'agent-not-running',
          message: `no agent answers for ${resolve(dataDir)}: ${cause.message}`,
        }),
      ),
    );
    socket.on('close', () => {
      const line = text.split('\n')[0] ?? '';
      if (line === '')
        return settle(
          err({ code: 'agent-not-running', message: 'the agent closed without an answer' }),
        );
      const reply = JSON.parse(line) as AdminAnswer;
      settle(reply.ok ? ok(reply.value) : err(reply.error));
    });
  });
}
