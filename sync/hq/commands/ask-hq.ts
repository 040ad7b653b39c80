import { Agent } from 'node:https';
import { resolve } from 'node:path';
import axios from 'axios';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type Text, text } from '../../../agent/contract/text.ts';
import { type HqInput, type HqReply, hqApi } from '../../protocol/hq-api.ts';
import { HQ_ERRORS, type HqErrorCode, hqErrorBody } from '../../protocol/hq-error.ts';
import { createAccuracyHandlers } from '../accuracy/create-accuracy-handlers.ts';
import type { HqHandler } from '../deps.ts';
import { createDeskHandlers } from '../desk/create-desk-handlers.ts';
import { createFaceHandlers } from '../faces/create-face-handlers.ts';
import { createFeedReader } from '../feed/create-feed-reader.ts';
import { readProxyCa } from '../keys/given-tls.ts';
import { openKeys } from '../keys/open-keys.ts';
import { readAuthority } from '../keys/open-tls.ts';
import { createPassHandlers } from '../pass/create-pass-handlers.ts';
import { openPassIssuers } from '../pass/pass-issuers.ts';
import { createTillHandlers } from '../server/till-handlers.ts';
import { listTills } from '../tills/list-tills.ts';
import { makeOperatorToken } from '../tills/operator-token.ts';
import { type HqConfig, keysFolderOf } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import type { Complaint } from './io.ts';
import { findLivingHq, findRunningHq, type RunningHqNote } from './running-hq.ts';
import { openHq } from './with-database.ts';

/** The running HQ of this machine must answer within this time, in milliseconds. */
const ANSWER_DEADLINE_MS = 10_000;

/** Calls of the operator's tool. */
type OperatorCall =
  | 'issueTicket'
  | 'listTills'
  | 'revokeTill'
  | 'makeToken'
  | 'makeConsoleLink'
  | 'accuracy'
  | 'listExceptions'
  | 'showException'
  | 'settleException'
  | 'reopenException'
  | 'listPasses'
  | 'revokePass'
  | 'issueWalletCard'
  | 'revokeWalletCard'
  | 'listPassIssuers'
  | 'rotatePassIssuer'
  | 'withdrawFaces'
  | 'faceReceipts'
  | 'faceFigures';

/**
 * Does one call as the operator: at the HQ that runs on the data folder, else on its database, which no other process
 * then uses.
 */
export async function askHq<Call extends OperatorCall>(
  config: HqConfig,
  system: HqSystem,
  call: Call,
  input: HqInput<Call>,
): Promise<Result<HqReply<Call>, Complaint>> {
  const keys = openKeys({ folder: keysFolderOf(config), random: system.random });
  if (!keys.ok) return keys;
  const data = resolve(config.data);
  const running = findLivingHq(data);
  if (running !== undefined) {
    const token = makeOperatorToken({ keys: keys.value, nowMs: system.nowMs });
    const answer = await askRunning(running, token, call, input);
    if (answer !== 'nobody-there') return answer;
  }
  return askDatabase(config, system, findRunningHq(data), call, input);
}

async function askRunning<Call extends OperatorCall>(
  { localUrl, ca }: RunningHqNote,
  token: string,
  call: Call,
  input: HqInput<Call>,
): Promise<Result<HqReply<Call>, Complaint> | 'nobody-there'> {
  const { method, path, reply } = hqApi[call];
  const fields: Record<string, unknown> = { ...input };
  const filled = path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(fields[name])),
  );
  try {
    const answer = await axios.request({
      url: new URL(filled, localUrl).href,
      method,
      ...(method === 'GET' ? { params: fields } : { data: fields }),
      headers: { Authorization: `Bearer ${token}` },
      timeout: ANSWER_DEADLINE_MS,
      proxy: false,
      validateStatus: () => true,
      ...(ca === null ? {} : { httpsAgent: new Agent({ ca }) }),
    });
    if (answer.status !== 200) return err(refused(answer.data));
    return ok(reply.parse(answer.data) as HqReply<Call>);
  } catch (cause) {
    // HQ was killed, and another program has its process id by now.
    if ((cause as NodeJS.ErrnoException).code === 'ECONNREFUSED') return 'nobody-there';
    return err({
      code: 'hq-unreachable',
      message: text('总部没有应答', 'Headquarters does not answer'),
      remedy: text('检查总部进程及其日志', 'Look at the headquarters process and its log'),
      detail: `${localUrl}: ${cause instanceof Error ? cause.message : String(cause)}`,
    });
  }
}

async function askDatabase<Call extends OperatorCall>(
  config: HqConfig,
  system: HqSystem,
  last: RunningHqNote | undefined,
  call: Call,
  input: HqInput<Call>,
): Promise<Result<HqReply<Call>, Complaint>> {
  const authority = readAuthority(keysFolderOf(config), system.random);
  if (!authority.ok) return authority;
  const given = config.http && config.ca !== undefined ? readProxyCa(config.ca) : ok(null);
  if (!given.ok) return given;
  const opened = await openHq(config, system);
  if (!opened.ok) return opened;
  const { deps } = opened.value;
  try {
    const name = config.hosts[0] ?? (config.host === '0.0.0.0' ? '127.0.0.1' : config.host);
    const scheme = config.http ? 'http' : 'https';
    const address = {
      url: config.url ?? last?.url ?? `${scheme}://${name}:${config.port}`,
      ca: last?.ca ?? (config.http ? given.value : (authority.value ?? null)),
    };
    const handlers = {
      ...createTillHandlers(deps, () => address),
      ...createAccuracyHandlers(deps),
      ...createDeskHandlers(deps),
      ...createFaceHandlers(deps),
      ...createPassHandlers(
        deps,
        openPassIssuers(keysFolderOf(config), system.random),
        () => address.url,
      ),
      listTills: async () => ok(await listTills(deps, createFeedReader(deps))),
    };
    const handler = handlers[call] as unknown as HqHandler<Call>;
    const answer = await handler({ kind: 'admin', name: 'operator' }, input, undefined);
    return answer.ok ? answer : err(refused(hqErrorBody(answer.error)));
  } finally {
    await deps.db.close();
  }
}

/** What HQ refused, in the form of the operator's tool. */
function refused(body: unknown): Complaint {
  const {
    code = 'internal',
    field,
    problem,
  } = (body ?? {}) as { code?: string; field?: string; problem?: string };
  const row: { message: Text; hint: Text } =
    code in HQ_ERRORS ? HQ_ERRORS[code as HqErrorCode] : HQ_ERRORS.internal;
  return {
    code,
    message: row.message,
    remedy: row.hint,
    ...(field === undefined
      ? {}
      : { detail: problem === undefined ? field : `${field}: ${problem}` }),
  };
}
