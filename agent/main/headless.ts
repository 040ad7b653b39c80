import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createApi } from '../api/create-api.ts';
import { type HttpServer, serveHttp } from '../api/serve-http.ts';
import { type AnyPort, servePort } from '../api/serve-port.ts';
import type { Clock } from '../app/deps.ts';
import type { LinkedPage } from '../app/screen-links.ts';
import type { Till } from '../app/till.ts';
import { err, ok, type Result, toInstant } from '../contract/index.ts';
import { createIntegrityChecker } from '../store/integrity/create-integrity-checker.ts';
import type { KeyStore } from '../store/key-store.ts';
import { noteDamage } from '../store/salvage/damage-note.ts';
import type { Store } from '../store/store.ts';
import { serveAdmin } from './admin-channel.ts';
import { answerAdmin } from './answer-admin.ts';
import { type ComposedTill, type ComposeOptions, compose } from './compose.ts';
import type { TillConfig } from './config.ts';
import { configuredModel } from './face/configured-model.ts';
import { createForkHost, type Host } from './host.ts';
import { installRuleSet, revokedKeys, trustedKeys } from './install-rule-set.ts';
import { createKeyFile } from './key-file.ts';
import type { KeyProtection } from './key-protection.ts';
import { lastRepair } from './last-repair.ts';
import { keyFileFor, type StartError, templateKeysFileOf } from './open-locked.ts';
import { openTill } from './open-till.ts';
import { registerOpenStore } from './register-store.ts';
import {
  createLog,
  systemClock,
  systemRandom,
  systemTimers,
  toAppLog,
  waitedTimers,
} from './system.ts';
import { placeOf } from './till-place.ts';
import { createVerifyRuns } from './verify-runs.ts';

/** The till opens after this long whether its driver process has come up or not. */
export const DEVICES_START_LIMIT_MS = 5_000;
const PROGRAM_FOLDER = fileURLToPath(new URL('../../', import.meta.url));
/** Between the answer to whoever registered the till and its new start, so that the answer arrives. */
export const RESTART_AFTER_ANSWER_MS = 300;
export const UI_FOLDER = fileURLToPath(new URL('../../dist/ui/', import.meta.url));

export interface HeadlessOptions {
  readonly config: TillConfig;
  readonly dataDir: string;
  /** Absent = the user's configuration folder, under the data folder's name. */
  readonly keyFile?: string | undefined;
  /** Holds the key in place of the key file, and how well: the desktop shell has the system's own store. */
  readonly keys?: { readonly store: KeyStore; readonly protection: KeyProtection };
  /** Absent = the version of this checkout's manifest. */
  readonly version?: string;
  /** Whether a browser gets the screens, too; the desktop program has a window of its own. */
  readonly browserScreens?: boolean;
  readonly logLevel?: string;
  readonly clock?: Clock;
  readonly host?: Host;
  /** Documents for the screens beside the API, e.g. the demo's examples. */
  readonly documents?: Readonly<Record<string, unknown>>;
  /** Called once the database is open and before anything is served: the demo fills it here. */
  readonly prepare?: (store: Store) => Promise<void>;
  /** The way to headquarters; absent = by the registration in the folder. */
  readonly headquarters?: ComposeOptions['headquarters'];
  /** Told of rows taken and rows in all while the first copy of headquarters comes down, before the till opens. */
  readonly onFirstCopy?: ((rowsDone: number, rowsAll: number) => void) | undefined;
  /** Opens at once and takes the first copy beside sales: its progress is on the sync page. */
  readonly firstCopyBeside?: boolean;
  /**
   * Called when the till has to start again, after it was registered at its screen; whoever runs it closes it and starts
   * it. Absent = it cannot be registered there.
   */
  readonly onRestartRequest?: () => void;
  /** Ends the wait for the first copy of headquarters, so that a till that is to stop opens and can be closed. */
  readonly signal?: AbortSignal;
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
  /** Of the face model that the store has added. */
  readonly facePackFolder?: string;
  /** Serves the contract to one of the till's own pages; whoever hands out ports vouches for which it is. */
  servePort(port: AnyPort, page: LinkedPage): void;
  /** A fresh link that opens a screen once, e.g. `/manager`. */
  link(path: string): string;
  /** A fresh link that opens the page at the camera once. */
  captureLink(): string;
  close(): Promise<void>;
}

/** The page at the camera. */
const CAPTURE_PAGE = '/capture.html';

/** The program's version, from its own manifest. */
export function programVersion(): string {
  const manifest = JSON.parse(readFileSync(resolve(PROGRAM_FOLDER, 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

/** Starts a till and serves it at 127.0.0.1. Everything opened is closed again where a later step fails. */
export async function startHeadless(
  options: HeadlessOptions,
): Promise<Result<HeadlessTill, StartError>> {
  const { config, dataDir, clock = systemClock } = options;
  const log = createLog(options.logLevel ?? 'info');
  const version = options.version ?? programVersion();
  const opened = await openTill({
    dataDir,
    keyStore:
      options.keys?.store ?? createKeyFile({ path: keyFileFor(dataDir, options.keyFile), dataDir }),
    templateKeysFile: templateKeysFileOf(keyFileFor(dataDir, options.keyFile)),
    config,
    clock,
    version,
    log: toAppLog(log),
    onFirstCopy: options.onFirstCopy,
    signal: options.signal,
    firstCopyBeside: options.firstCopyBeside,
  });
  if (!opened.ok) return opened;
  const { store, snapshot } = opened.value;
  const undo: (() => void | Promise<void>)[] = [() => opened.value.close()];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  const fail = async (error: StartError): Promise<Result<never, StartError>> => {
    await close();
    return err(error);
  };

  await options.prepare?.(store);
  const isRegistered = store.sync.registration() !== undefined;
  if (config.ruleSetFile !== undefined && isRegistered)
    log.warn('ruleSetFile is not read: the rules of a registered till come from headquarters');
  if (config.ruleSetFile !== undefined && !isRegistered) {
    const installed = installRuleSet(store, config.ruleSetFile, {
      trusted: trustedKeys(config, store.sync.registration()),
      revoked: revokedKeys(config, store),
      currency: placeOf(store, config).store.currency,
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

  const { onRestartRequest } = options;
  const openAnew = (): void => {
    if (onRestartRequest !== undefined) waitedTimers.set(RESTART_AFTER_ANSWER_MS, onRestartRequest);
  };
  // What is in hand is answered first; nothing that touches the damaged pages was booked.
  const onFault = (detail: string): void => {
    // To open anew would find no room once more; the next start that somebody makes tries again.
    if (opened.value.isPostponed) return log.error({ detail }, 'a page cannot be read');
    log.error(
      { detail },
      'a page of the database cannot be read; the till opens anew and salvages it',
    );
    noteDamage(dataDir, toInstant(clock.now()), detail);
    openAnew();
  };
  store.onDamaged(onFault);
  const faceModel = await configuredModel(config);
  const composed = compose({
    ...(onRestartRequest === undefined
      ? {}
      : {
          registration: {
            register: (ticket) => registerOpenStore(store, ticket, version, config.place),
            restart: () => void waitedTimers.set(RESTART_AFTER_ANSWER_MS, onRestartRequest),
          },
        }),
    host: options.host ?? createForkHost(),
    store,
    config,
    clock,
    timers: systemTimers,
    random: systemRandom,
    version,
    log: toAppLog(log),
    repair: lastRepair(store, toAppLog(log)),
    onOutdated() {
      const isWanted = store.wantIncarnation();
      log.error(
        isWanted
          ? 'headquarters holds entries that this database does not know; it goes on under a fresh incarnation'
          : 'headquarters holds entries that this database does not know, and a fresh incarnation did not help',
      );
      if (isWanted) openAnew();
    },
    ...(snapshot === undefined ? {} : { snapshot }),
    templateKeys: opened.value.templateKeys,
    faceModel,
    ...(options.headquarters === undefined ? {} : { headquarters: options.headquarters }),
  });
  undo.push(() => composed.close());
  const integrity = createIntegrityChecker({
    store,
    key: opened.value.key,
    clock,
    timers: systemTimers,
    log: toAppLog(log),
    idle: () => composed.till.isIdle(),
    onFaults: (faults) => onFault(faults.join('; ')),
  });
  undo.push(() => integrity.close());
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
    ...(options.browserScreens !== false && existsSync(UI_FOLDER) ? { uiFolder: UI_FOLDER } : {}),
    ...(options.documents === undefined ? {} : { documents: options.documents }),
    ...(faceModel.packFolder === undefined ? {} : { facePackFolder: faceModel.packFolder }),
  });
  if (!served.ok) return fail(served.error);
  const http: HttpServer = served.value;
  undo.push(() => http.close());

  const link = (path: string): string =>
    `${http.address}${path}#code=${composed.till.issueScreenCode()}`;
  const captureLink = (): string =>
    `${http.address}${CAPTURE_PAGE}#code=${composed.till.issueCaptureCode()}`;
  const verifying = createVerifyRuns(composed.till);
  const admin = await serveAdmin(dataDir, (request) =>
    answerAdmin(request, {
      store,
      till: composed.till,
      verifying,
      link,
      captureLink,
      onStopRequest: options.onStopRequest,
      keyProtection: options.keys?.protection,
      faceModel,
    }),
  );
  undo.push(() => void admin.close());
  log.info({ address: http.address, till: store.tillId }, 'the till is open');
  return ok({
    address: http.address,
    port: http.port,
    till: composed.till,
    store,
    devices: composed.devices,
    ...(faceModel.packFolder === undefined ? {} : { facePackFolder: faceModel.packFolder }),
    servePort: (port, page) => servePort(api, port, { kind: page }),
    link,
    captureLink,
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
