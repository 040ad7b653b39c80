import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createApi } from '../api/create-api.ts';
import { type HttpServer, serveHttp } from '../api/serve-http.ts';
import type { Clock } from '../app/deps.ts';
import type { Till } from '../app/till.ts';
import { err, ok, type Result, type Text, type TillPlace } from '../contract/index.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { type AdminAnswer, type AdminRequest, serveAdmin } from './admin-channel.ts';
import { type AgentLock, acquireAgentLock } from './agent-lock.ts';
import { type ComposedTill, compose } from './compose.ts';
import type { TillConfig } from './config.ts';
import { createForkHost, type Host } from './host.ts';
import { installRuleSet, trustedKeys } from './install-rule-set.ts';
import { createKeyFile, defaultKeyFile } from './key-file.ts';
import {
  createLog,
  sha256Hex,
  systemClock,
  systemRandom,
  systemTimers,
  toAppLog,
} from './system.ts';

/** The till opens after this long whether its driver process has come up or not. */
export const DEVICES_START_LIMIT_MS = 5_000;
const PROGRAM_FOLDER = fileURLToPath(new URL('../../', import.meta.url));
export const UI_FOLDER = fileURLToPath(new URL('../../dist/ui/', import.meta.url));

/** Why a till did not start, and what to do. */
export interface StartError {
  readonly code: string;
  readonly message: Text;
  readonly remedy: Text;
  readonly detail?: string;
}

export interface HeadlessOptions {
  readonly config: TillConfig;
  readonly dataDir: string;
  /** Absent = the user's configuration folder, under the data folder's name. */
  readonly keyFile?: string | undefined;
  readonly logLevel?: string;
  readonly clock?: Clock;
  readonly host?: Host;
  /** Documents for the screens beside the API, e.g. the demo's examples. */
  readonly documents?: Readonly<Record<string, unknown>>;
  /** Called once the database is open and before anything is served: the demo fills it here. */
  readonly prepare?: (store: Store) => Promise<void>;
  /** Called when the operator's tool asks the agent to stop. */
  readonly onStopRequest?: () => void;
}

/** A till without a window of its own: its screens are served to a browser on this machine. */
export interface HeadlessTill {
  readonly address: string;
  readonly port: number;
  readonly till: Till;
  readonly store: Store;
  readonly devices: ComposedTill['devices'];
  /** A fresh link that opens a screen once, e.g. `/manager`. */
  link(path: string): string;
  close(): Promise<void>;
}

/** The program's version, from its own manifest. */
export function programVersion(): string {
  const manifest = JSON.parse(readFileSync(resolve(PROGRAM_FOLDER, 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

/** Where the key of a data folder lies unless told otherwise. */
export function keyFileFor(dataDir: string, keyFile: string | undefined): string {
  return (
    keyFile ??
    defaultKeyFile({
      platform: process.platform,
      env: process.env,
      homeDir: homedir(),
      name: `${basename(resolve(dataDir))}-${sha256Hex(resolve(dataDir)).slice(0, 8)}`,
    })
  );
}

/**
 * Takes the folder's lock and opens its database; releases the lock again where that fails.
 * @param place compared with the till that the folder belongs to; absent = whichever it is
 */
export function openLocked(
  dataDir: string,
  keyFile: string | undefined,
  place: TillPlace | undefined,
  clock: Clock = systemClock,
): Result<{ store: Store; lock: AgentLock }, StartError> {
  const lock = acquireAgentLock(dataDir);
  if (!lock.ok) return lock;
  const opened = openStore({
    dataDir,
    keyStore: createKeyFile({ path: keyFileFor(dataDir, keyFile), dataDir }),
    clock,
    random: systemRandom,
    ...(place === undefined ? {} : { place }),
  });
  if (opened.ok) return ok({ store: opened.value, lock: lock.value });
  lock.value.release();
  return opened;
}

/** Starts a till and serves it at 127.0.0.1. Everything opened is closed again where a later step fails. */
export async function startHeadless(
  options: HeadlessOptions,
): Promise<Result<HeadlessTill, StartError>> {
  const { config, dataDir, clock = systemClock } = options;
  const log = createLog(options.logLevel ?? 'info');
  const opened = openLocked(dataDir, options.keyFile, config.place, clock);
  if (!opened.ok) return opened;
  const { store, lock } = opened.value;
  const undo: (() => void | Promise<void>)[] = [() => lock.release(), () => store.close()];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  const fail = async (error: StartError): Promise<Result<never, StartError>> => {
    await close();
    return err(error);
  };

  await options.prepare?.(store);
  if (config.ruleSetFile !== undefined) {
    const installed = installRuleSet(store, config.ruleSetFile, {
      trusted: trustedKeys(config),
      currency: config.place.store.currency,
      nowMs: clock.now(),
    });
    // Without any rules the till could do nothing; with older ones it goes on selling and says so.
    if (!installed.ok && store.documents.current('rule-set') === undefined)
      return fail(installed.error);
    if (!installed.ok)
      log.warn(
        { code: installed.error.code },
        'the rule set was not installed; the one in force stays',
      );
  }

  const composed = compose({
    host: options.host ?? createForkHost(),
    store,
    config,
    clock,
    timers: systemTimers,
    random: systemRandom,
    version: programVersion(),
    log: toAppLog(log),
  });
  undo.push(() => composed.close());
  const problem = await inTime(composed.devices.started);
  if (problem !== null) {
    return fail({
      code: 'devices-invalid',
      message: {
        'zh-CN': `设备设置不对：${problem['zh-CN']}`,
        en: `The device settings are wrong: ${problem.en}`,
      },
      remedy: { 'zh-CN': '修正设置文件中的 devices', en: 'Correct `devices` in the settings file' },
    });
  }

  const api = createApi({
    till: composed.till,
    monoMs: clock.monoMs,
    log: {
      access: (line) => log.debug(line, 'request'),
      problem: (facts) => log.error(facts, 'a request broke'),
    },
  });
  undo.push(() => api.close());
  const served = await serveHttp(api, {
    port: config.port,
    ...(existsSync(UI_FOLDER) ? { uiFolder: UI_FOLDER } : {}),
    ...(options.documents === undefined ? {} : { documents: options.documents }),
  });
  if (!served.ok) return fail(served.error);
  const http: HttpServer = served.value;
  undo.push(() => http.close());

  const link = (path: string): string =>
    `${http.address}${path}#code=${composed.till.issueScreenCode()}`;
  const admin = await serveAdmin(dataDir, (request) =>
    answerAdmin(request, composed.till, link, options.onStopRequest),
  );
  undo.push(() => void admin.close());
  log.info({ address: http.address, till: config.place.tillId }, 'the till is open');
  return ok({
    address: http.address,
    port: http.port,
    till: composed.till,
    store,
    devices: composed.devices,
    link,
    close,
  });
}

/** What `started` says, or nothing where the devices take too long: a till sells without its scanner, too. */
async function inTime<T>(started: Promise<T | null>): Promise<T | null> {
  const waiting = new AbortController();
  const limit = sleep(DEVICES_START_LIMIT_MS, null, { signal: waiting.signal });
  // Ended by us, once the devices have answered.
  limit.catch(() => undefined);
  const first = await Promise.race([started, limit]);
  waiting.abort();
  return first;
}

async function answerAdmin(
  request: AdminRequest,
  till: Till,
  link: (path: string) => string,
  onStopRequest: (() => void) | undefined,
): Promise<AdminAnswer> {
  switch (request.command) {
    case 'link':
      return { ok: true, value: { cashier: link('/'), manager: link('/manager') } };
    case 'status': {
      const status = await till.status();
      return status.ok
        ? { ok: true, value: status.value }
        : { ok: false, error: { code: status.error.code, message: status.error.code } };
    }
    case 'pair': {
      const window = await till.openPairing(request.managerId, request.pin);
      return window.ok
        ? { ok: true, value: window.value }
        : { ok: false, error: { code: window.error.code, message: window.error.code } };
    }
    case 'confirm-time': {
      const confirmed = await till.confirmTime(request.managerId, request.pin);
      return confirmed.ok
        ? { ok: true, value: confirmed.value }
        : { ok: false, error: { code: confirmed.error.code, message: confirmed.error.code } };
    }
    case 'stop':
      // Answer first: the caller should learn that it was heard.
      if (onStopRequest !== undefined) setImmediate(onStopRequest);
      return { ok: true, value: { stopping: onStopRequest !== undefined } };
  }
}
