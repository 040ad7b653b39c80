import type { ShellProblem } from '../../agent/contract/shell-message.ts';
import { type Text, text } from '../../agent/contract/text.ts';
import type { AgentProcess, AgentProcessOptions } from './agent-process.ts';
import { createCrashCount } from './crash-count.ts';
import type { PortBroker } from './port-broker.ts';
import type { ShellLog, ShellTimers } from './shell-log.ts';

/** First and longest wait before an agent that ended is started again, in milliseconds; each crash doubles it. */
export const AGENT_RESTART_FIRST_MS = 500;
export const AGENT_RESTART_LONGEST_MS = 10_000;
/** So many crashes within the window end the starting over: a person has to look. */
export const AGENT_CRASHES_MAX = 5;
export const AGENT_CRASH_WINDOW_MS = 5 * 60_000;
/**
 * An agent that has not opened the till this long after its start is reported. It may open it yet: the system may be
 * asking for a password, or a big database is being brought to a later version.
 */
export const AGENT_START_LIMIT_MS = 120_000;
/** An agent that has not ended this long after it was asked is killed. */
export const AGENT_STOP_LIMIT_MS = 8_000;

type AgentEvents = Pick<
  AgentProcessOptions,
  'onOpen' | 'onRefused' | 'onRestart' | 'onScreenClosed'
>;

export interface AgentSupervisorOptions {
  readonly launch: (events: AgentEvents) => AgentProcess;
  readonly broker: PortBroker;
  readonly timers: ShellTimers;
  readonly monoMs: () => number;
  readonly log: ShellLog;
  readonly onOpen: AgentEvents['onOpen'];
  /** It is not started again by itself. */
  readonly onStopped: (problem: ShellProblem) => void;
}

/** Keeps the agent running. */
export interface AgentSupervisor {
  start(): void;
  /** Starts it again after it was given up; one that hangs before it has opened is ended first. */
  retry(): void;
  /** Whether a till is served: something can be sold. */
  isOpen(): boolean;
  leaveKiosk(managerId: string, pin: string): Promise<Text | undefined>;
  /** The computer is about to sleep, or has woken. */
  power(asleep: boolean): void;
  close(): Promise<void>;
}

/** Starts the agent again whenever it ends, ever later, until it has crashed too often or says that it is no use. */
export function superviseAgent(options: AgentSupervisorOptions): AgentSupervisor {
  const { launch, broker, timers, monoMs, log } = options;
  const crashes = createCrashCount(AGENT_CRASH_WINDOW_MS, monoMs);
  let agent: AgentProcess | undefined;
  let restart: unknown;
  let closing = false;
  let isOpen = false;
  let startLimit: unknown;
  let startAgain: () => void = () => undefined;

  function start(): void {
    let refusal: ShellProblem | undefined;
    let again = false;
    startAgain = () => {
      again = true;
    };
    const started = launch({
      onOpen(facePackFolder) {
        timers.clear(startLimit);
        isOpen = true;
        broker.agentOpened(started);
        options.onOpen(facePackFolder);
      },
      onRefused(problem) {
        refusal = problem;
      },
      onRestart: () => startAgain(),
      onScreenClosed: (portId) => broker.portClosed(portId),
    });
    agent = started;
    startLimit = timers.set(AGENT_START_LIMIT_MS, () => {
      log('error', 'the agent does not open the till', { afterMs: AGENT_START_LIMIT_MS });
      options.onStopped(hanging());
    });
    void started.ended.then((exitCode) => {
      agent = undefined;
      isOpen = false;
      timers.clear(startLimit);
      broker.agentGone();
      if (closing) return;
      if (again) return start();
      if (refusal !== undefined) return giveUp(refusal);
      afterCrash(exitCode);
    });
  }

  function afterCrash(exitCode: number): void {
    const count = crashes.note();
    if (count >= AGENT_CRASHES_MAX) return giveUp(crashedTooOften(exitCode));
    const waitMs = Math.min(AGENT_RESTART_LONGEST_MS, AGENT_RESTART_FIRST_MS * 2 ** (count - 1));
    log('warn', 'the agent ended; starting it again', { exitCode, count, waitMs });
    restart = timers.set(waitMs, start);
  }

  function giveUp(problem: ShellProblem): void {
    log('error', 'the agent is not started again', { code: problem.code, detail: problem.detail });
    options.onStopped(problem);
  }

  return {
    start,
    isOpen: () => isOpen,
    retry() {
      if (closing || isOpen) return;
      if (agent !== undefined) {
        startAgain();
        return agent.kill();
      }
      timers.clear(restart);
      crashes.forgive();
      start();
    },
    leaveKiosk: async (managerId, pin) =>
      agent === undefined ? NOT_RUNNING : agent.leaveKiosk(managerId, pin),
    power: (asleep) => agent?.power(asleep),
    async close() {
      closing = true;
      timers.clear(restart);
      const last = agent;
      if (last === undefined) return;
      last.stop();
      const limit = timers.set(AGENT_STOP_LIMIT_MS, () => last.kill());
      await last.ended;
      timers.clear(limit);
    },
  };
}

const NOT_RUNNING = text(
  '本机服务没有运行，无法核对 PIN',
  'The till program is not running, so the PIN cannot be checked',
);

function crashedTooOften(exitCode: number): ShellProblem {
  return {
    code: 'agent-crashed',
    message: text(
      `收银台程序连续意外停止了 ${AGENT_CRASHES_MAX} 次`,
      `The till program stopped unexpectedly ${AGENT_CRASHES_MAX} times in a row`,
    ),
    remedy: text(
      '请重试一次；如果再次停止，请把日志发给技术支持',
      'Try again once; if it stops again, send the log to support',
    ),
    detail: `exit code ${exitCode}`,
  };
}

function hanging(): ShellProblem {
  const seconds = AGENT_START_LIMIT_MS / 1_000;
  return {
    code: 'agent-hangs',
    message: text(
      `收银台程序启动超过 ${seconds} 秒仍未就绪`,
      `The till program has not opened ${seconds} seconds after its start`,
    ),
    remedy: text(
      '再等一会儿，好了会自动打开；否则请重试一次，并把日志发给技术支持',
      'Wait a little, it opens by itself when it is ready; else try again, and send the log to support',
    ),
  };
}
