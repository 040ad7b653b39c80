import type { ParentPort, UtilityPort } from '../../drivers/utility-port.ts';
import { assert, ERRORS, err, ok, type Result } from '../contract/index.ts';
import {
  type AgentToShell,
  type ShellToAgent,
  shellToAgentSchema,
} from '../contract/shell-message.ts';
import { loadConfig } from './config.ts';
import { type HeadlessTill, startHeadless } from './headless.ts';
import { keyFileFor, type StartError } from './open-locked.ts';
import { createScreenPorts } from './screen-ports.ts';
import { createShellHost } from './shell-host.ts';
import { openShellKeys, type Sealer } from './shell-keys.ts';
import { createLog, systemRandom, waitedTimers } from './system.ts';

/** An agent that has said its last words ends after this time, in milliseconds, whether the shell has heard them or not. */
export const LAST_WORDS_LIMIT_MS = 5_000;

/** How this process ends when the till does not start and starting it again would not help. */
export const EXIT_REFUSED = 2;

type StartMessage = Extract<ShellToAgent, { type: 'start' }>;

/**
 * The agent under the desktop shell: takes its settings, its key and its ports from the parent port and serves the till
 * until it is told to stop. A till that does not start says why and ends the process.
 */
export function runAgent(parentPort: ParentPort, exit: (code: number) => void): void {
  const log = createLog('info');
  const post = (message: AgentToShell): void => parentPort.postMessage(message);
  const host = createShellHost(post);
  const sealing = createRemoteSealer(post);
  const screens = createScreenPorts(
    (port, page) => {
      till?.servePort(port, page);
      return till !== undefined;
    },
    (portId) => post({ type: 'screen-port-closed', portId }),
  );
  let till: HeadlessTill | undefined;
  let starting: Promise<void> | undefined;
  const stopping = new AbortController();
  let exitCode = 0;

  async function start(message: StartMessage): Promise<void> {
    const started = await open(message);
    if (!started.ok) {
      const { code, message: words, remedy, detail } = started.error;
      return endWith(EXIT_REFUSED, {
        type: 'refused',
        problem: {
          code,
          message: words,
          remedy,
          ...(detail === undefined ? {} : { detail: detail.slice(0, 4_096) }),
        },
      });
    }
    till = started.value;
    const { address, facePackFolder } = till;
    post({ type: 'open', address, ...(facePackFolder === undefined ? {} : { facePackFolder }) });
  }

  /** The message would be lost with the process: it ends when the shell has answered `stop`. */
  function endWith(code: number, lastWords: AgentToShell): void {
    exitCode = code;
    post(lastWords);
    waitedTimers.set(LAST_WORDS_LIMIT_MS, () => exit(code));
  }

  async function open(message: StartMessage): Promise<Result<HeadlessTill, StartError>> {
    const { dataDir, configFile, version, logLevel } = message;
    const config = loadConfig(configFile);
    if (!config.ok) return config;
    const keys = await openShellKeys({
      dataDir,
      keyFile: keyFileFor(dataDir, message.keyFile),
      sealing: message.sealing,
      sealer: sealing.sealer,
      random: systemRandom,
    });
    if (!keys.ok) return keys;
    const { protection } = keys.value;
    if (protection.kind === 'system-store')
      log.info({ backend: protection.backend }, "the system's key store keeps the database key");
    else log.warn({ reason: protection.reason.en }, 'the database key lies in a file');
    return startHeadless({
      config: config.value,
      dataDir,
      keys: keys.value,
      keyFile: message.keyFile,
      version,
      logLevel,
      browserScreens: false,
      host,
      firstCopyBeside: true,
      onRestartRequest: () => void restart(),
      signal: stopping.signal,
      onStopRequest: () => void stop(),
    });
  }

  async function stop(): Promise<void> {
    if (stopping.signal.aborted) return;
    stopping.abort();
    await starting;
    await closeTill();
    exit(exitCode);
  }

  async function restart(): Promise<void> {
    await closeTill();
    endWith(0, { type: 'restart' });
  }

  async function closeTill(): Promise<void> {
    const open = till;
    till = undefined;
    await open?.close();
  }

  async function leaveKiosk(message: Extract<ShellToAgent, { type: 'leave-kiosk' }>) {
    const { requestId, managerId, pin } = message;
    const left = await till?.till.leaveKiosk(managerId, pin);
    const code = left === undefined ? 'busy' : left.ok ? undefined : left.error.code;
    post({
      type: 'kiosk-answer',
      requestId,
      ...(code === undefined ? {} : { refusal: ERRORS[code].message }),
    });
  }

  function obey(message: ShellToAgent, ports: readonly UtilityPort[]): unknown {
    switch (message.type) {
      case 'start':
        assert(starting === undefined, 'the shell starts an agent once');
        starting = start(message);
        return starting;
      case 'screen-port': {
        const [port] = ports;
        assert(port !== undefined, 'a screen comes with its port');
        return screens.open(message.portId, port, message.page);
      }
      case 'close-screen-port':
        return screens.close(message.portId);
      case 'process-port':
      case 'process-ended':
        return host.receive(message, ports);
      case 'sealing-answer':
        return sealing.receive(message);
      case 'power':
        return message.asleep ? till?.devices.suspend() : till?.devices.wake();
      case 'leave-kiosk':
        return leaveKiosk(message);
      case 'stop':
        return stop();
    }
  }

  parentPort.on('message', ({ data, ports }) => {
    const message = shellToAgentSchema.safeParse(data);
    if (message.success) obey(message.data, ports);
    else log.error({ problem: message.error.message }, 'the shell said what nobody understands');
  });
}

/** The system's key store, asked through the shell. */
function createRemoteSealer(post: (message: AgentToShell) => void): {
  readonly sealer: Sealer;
  receive(message: Extract<ShellToAgent, { type: 'sealing-answer' }>): void;
} {
  const open = new Map<number, (answer: Result<string, string>) => void>();
  let nextId = 0;
  const ask = (build: (requestId: number) => AgentToShell): Promise<Result<string, string>> =>
    new Promise((settle) => {
      const requestId = nextId++;
      open.set(requestId, settle);
      post(build(requestId));
    });
  return {
    sealer: {
      seal: (secret) => ask((requestId) => ({ type: 'seal', requestId, text: secret })),
      unseal: (sealed) => ask((requestId) => ({ type: 'unseal', requestId, sealed })),
    },
    receive({ requestId, answer }) {
      open.get(requestId)?.(answer.ok ? ok(answer.value) : err(answer.detail));
      open.delete(requestId);
    },
  };
}
