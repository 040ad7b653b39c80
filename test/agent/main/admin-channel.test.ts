import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ADMIN_MESSAGE_MAX_BYTES,
  type AdminRequest,
  adminAddress,
  askAgent,
  serveAdmin,
} from '../../../agent/main/admin-channel.ts';

let folder: string;
let server: Server;
let asked: AdminRequest[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-admin-'));
  asked = [];
  server = await serveAdmin(folder, async (request) => {
    asked.push(request);
    return request.command === 'status'
      ? { ok: true, value: { fine: true } }
      : { ok: false, error: { code: 'no', message: 'not that' } };
  });
});

afterEach(async () => {
  server.close();
  await once(server, 'close');
  rmSync(folder, { recursive: true });
});

/** Sends raw text and answers what comes back before the socket closes. */
async function send(text: string): Promise<string> {
  const socket = connect(adminAddress(folder));
  socket.setEncoding('utf8');
  let answer = '';
  socket.on('data', (chunk: string) => {
    answer += chunk;
  });
  // A message that is cut off may reset the connection while we still write.
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe("the operator's channel", () => {
  it('answers the request of the tool', async () => {
    expect(await askAgent(folder, { command: 'status' })).toEqual({
      ok: true,
      value: { fine: true },
    });
  });

  it('passes a refusal on', async () => {
    expect(await askAgent(folder, { command: 'link' })).toMatchObject({ error: { code: 'no' } });
  });

  it('is for the account of the till alone', () => {
    expect(statSync(adminAddress(folder)).mode & 0o777).toBe(0o600);
  });

  it('refuses what is no request and does nothing', async () => {
    expect(await send('{"command":"format-disk"}\n')).toContain('invalid-input');
    expect(await send('not json\n')).toContain('invalid-input');
    expect(asked).toEqual([]);
  });

  it('cuts a message off that is longer than its limit', async () => {
    expect(await send('x'.repeat(ADMIN_MESSAGE_MAX_BYTES + 1))).toBe('');
    expect(asked).toEqual([]);
  });

  it('says that no agent runs where none does', async () => {
    const other = mkdtempSync(join(tmpdir(), 'tillside-admin-'));
    expect(await askAgent(other, { command: 'status' })).toMatchObject({
      error: { code: 'agent-not-running' },
    });
    rmSync(other, { recursive: true });
  });

  it('finds a place for its socket where the path of the data folder is too long for one', () => {
    expect(Buffer.byteLength(adminAddress(`/${'a'.repeat(200)}`))).toBeLessThan(104);
  });
});
