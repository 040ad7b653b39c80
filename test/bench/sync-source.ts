/**
 * The sending side of the snapshot benchmarks, in a thread of its own: the same members over HTTP in the form that each
 * receiver loads. `workerData`: how many members. Posts its port once it listens.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { zstdCompressSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { SEGMENT_ROWS } from '../../sync/protocol/snapshot.ts';
import { packSegment } from '../support/segments.ts';
import { benchCard, benchMember, benchPhone, benchRows, memberKey } from './sync-members.ts';

const members = workerData as number;
const packed = new Map<string, Uint8Array>();
const REVISION = `1-${'0'.repeat(32)}`;

/** HQ's own bytes: the segment that begins with member `from`, all rows in version `ver`. */
function segment(from: number, ver: number): Uint8Array {
  const to = Math.min(members, from + SEGMENT_ROWS);
  const lastKey = memberKey(to - 1);
  return packSegment('member', benchRows(from, to, ver), { lastKey, done: to === members });
}

/** Columns that are ready to be inserted, packed and compressed like a segment. */
function columns(from: number): Uint8Array {
  const packr = new Packr({ useRecords: false });
  const to = Math.min(members, from + SEGMENT_ROWS);
  const parts = Array.from({ length: to - from }, (_, i) => {
    const n = from + i;
    const phoneReversed = [...benchPhone(n)].reverse().join('');
    return packr.pack([memberKey(n), 1, benchMember(n), phoneReversed, benchCard(n)]);
  });
  return zstdCompressSync(Buffer.concat(parts));
}

function cached(name: string, make: () => Uint8Array): Uint8Array {
  const bytes = packed.get(name) ?? make();
  packed.set(name, bytes);
  return bytes;
}

/** One page of a pull replication, as RxDB's handlers define it. */
function pull(from: number, limit: number): object {
  const to = Math.min(members, from + limit);
  const documents = Array.from({ length: to - from }, (_, i) => document(from + i));
  return { documents, checkpoint: { from: to } };
}

function document(n: number): object {
  const member = JSON.parse(benchMember(n)) as { cards: string[] };
  return { ...member, card: member.cards[0], _deleted: false };
}

/** As much of CouchDB's HTTP API as a replication from it reads. */
async function couch(path: string, query: URLSearchParams, request: IncomingMessage) {
  if (path === '/members/' || path === '/members')
    return {
      db_name: 'members',
      doc_count: members,
      update_seq: members,
      instance_start_time: '0',
    };
  if (path === '/') return { couchdb: 'Welcome', version: '3.3.0', uuid: 'bench' };
  if (path.startsWith('/members/_local/'))
    return request.method === 'PUT' ? { ok: true, id: path, rev: '0-1' } : undefined;
  if (path === '/members/_changes') return changes(query);
  if (path === '/members/_bulk_get') return bulkGet(await bodyOf(request));
  return undefined;
}

function changes(query: URLSearchParams): object {
  const since = Number(query.get('since') ?? 0) || 0;
  const to = Math.min(members, since + Number(query.get('limit') ?? members));
  const results = Array.from({ length: to - since }, (_, i) => ({
    seq: since + i + 1,
    id: memberKey(since + i),
    changes: [{ rev: REVISION }],
  }));
  return { results, last_seq: to, pending: members - to };
}

function bulkGet(body: string): object {
  const { docs } = JSON.parse(body) as { docs: { id: string }[] };
  const results = docs.map(({ id }) => {
    const member = JSON.parse(benchMember(Number(id.slice(2)))) as object;
    const ok = { _id: id, _rev: REVISION, _revisions: { start: 1, ids: [REVISION.slice(2)] } };
    return { id, docs: [{ ok: { ...member, ...ok } }] };
  });
  return { results };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bench');
  const from = Number(searchParams.get('from') ?? 0);
  if (pathname === '/segment') {
    const ver = Number(searchParams.get('ver') ?? 1);
    response.end(cached(`segment ${ver} ${from}`, () => segment(from, ver)));
    return;
  }
  if (pathname === '/columns') {
    response.end(cached(`columns ${from}`, () => columns(from)));
    return;
  }
  const content =
    pathname === '/pull'
      ? pull(from, Number(searchParams.get('limit')))
      : await couch(pathname, searchParams, request);
  response
    .writeHead(content === undefined ? 404 : 200, { 'content-type': 'application/json' })
    .end(JSON.stringify(content ?? { error: 'not_found', reason: 'missing' }));
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(error as Error));
});
// A receiver that works on a segment for longer than an idle connection lives must still find it open.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () =>
  parentPort?.postMessage((server.address() as AddressInfo).port),
);
