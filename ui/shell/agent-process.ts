import type { MessageChannelMain, MessagePortMain, UtilityProcess } from 'electron';
import {
  type AgentToShell,
  agentToShellSchema,
  type ShellProblem,
  type ShellToAgent,
} from '../../agent/contract/shell-message.ts';
import { type Text, text } from '../../agent/contract/text.ts';
import { createDriverProcesses } from './driver-processes.ts';
import type { ScreenAgent } from './port-broker.ts';
import type { ShellLog, ShellTimers } from './shell-log.ts';
import type { SystemSealer } from './system-sealing.ts';

/** An agent that has not checked a PIN within this time does not check it. */
export const KIOSK_ANSWER_LIMIT_MS = 10_000;
/** The system's key store may ask a person for a password first; after this time it counts as failed. */
export const SEALING_LIMIT_MS = 60_000;

/** Starts one of our own programs as a utility process. */
export type ForkProgram = (program: 'agent' | 'drivers') => UtilityProcess;

export interface AgentProcessOptions {
  readonly fork: ForkProgram;
  readonly newChannel: () => Pick<MessageChannelMain, 'port1' | 'port2'>;
  readonly sealer: SystemSealer;
  readonly settings: Omit<Extract<ShellToAgent, { type: 'start' }>, 'type' | 'sealing'>;
  readonly timers: ShellTimers;
  readonly log: ShellLog;
  /** @param facePackFolder where the store's face model pack lies, where it has one */
  readonly onOpen: (facePackFolder?: string) => void;
  readonly onRefused: (problem: ShellProblem) => void;
  /** It has ended what it did and is to be started again. */
  readonly onRestart: () => void;
  readonly onScreenClosed: (portId: number) => void;
}

/** One life of the agent's process, with the processes that it asked for. */
export interface AgentProcess extends ScreenAgent {
  readonly ended: Promise<number>;
  /** Why the window may not leave kiosk; undefined = it may. */
  leaveKiosk(managerId: string, pin: string): Promise<Text | undefined>;
  /** Tells it that the computer is about to sleep, or has woken. */
  power(asleep: boolean): void;
  stop(): void;
  kill(): void;
}

const NOT_ANSWERED = text(
  '本机服务没有回应，暂时无法核对 PIN',
  'The till program does not answer, so the PIN cannot be checked',
);

/** Starts the agent and serves what it asks of the shell: sibling processes and the system's key store. */
export function startAgentProcess(options: AgentProcessOptions): AgentProcess {
  const { fork, newChannel, sealer, settings, timers, log } = options;
  const child = fork('agent');
  let alive = true;
  const say = (message: ShellToAgent, ports: MessagePortMain[] = []): void => {
    if (alive) child.postMessage(message, ports);
  };
  const drivers = createDriverProcesses({ fork: () => fork('drivers'), newChannel, say, log });
  const questions = new Map<number, (refusal: Text | undefined) => void>();
  let nextQuestion = 0;

  const inTime = <T>(work: Promise<T>): Promise<T> =>
    new Promise((settle, fail) => {
      const limit = timers.set(SEALING_LIMIT_MS, () =>
        fail(new Error(`the system's key store did not answer within ${SEALING_LIMIT_MS} ms`)),
      );
      void work.then(settle, fail).finally(() => timers.clear(limit));
    });

  const answerSealing = (requestId: number, work: Promise<string>): void => {
    void inTime(work).then(
      (value) => say({ type: 'sealing-answer', requestId, answer: { ok: true, value } }),
      (cause: unknown) => {
        const detail = wordsOf(cause).slice(0, 1_024);
        say({ type: 'sealing-answer', requestId, answer: { ok: false, detail } });
      },
    );
  };

  function obey(message: AgentToShell): void {
    switch (message.type) {
      case 'open':
        return options.onOpen(message.facePackFolder);
      case 'refused':
        options.onRefused(message.problem);
        return say({ type: 'stop' });
      case 'restart':
        options.onRestart();
        return say({ type: 'stop' });
      case 'screen-port-closed':
        return options.onScreenClosed(message.portId);
      case 'spawn':
        return drivers.spawn(message.processId);
      case 'kill':
        return drivers.kill(message.processId);
      case 'seal':
        return answerSealing(message.requestId, sealer.seal(message.text));
      case 'unseal':
        return answerSealing(message.requestId, sealer.unseal(message.sealed));
      case 'kiosk-answer':
        return questions.get(message.requestId)?.(message.refusal);
    }
  }

  child.on('message', (data: unknown) => {
    const message = agentToShellSchema.safeParse(data);
    if (message.success) obey(message.data);
    else log('error', 'the agent said what nobody understands', { problem: message.error.message });
  });
  const ended = new Promise<number>((settle) => {
    child.once('exit', (code) => {
      alive = false;
      drivers.killAll();
      for (const settleQuestion of [...questions.values()]) settleQuestion(NOT_ANSWERED);
      settle(code);
    });
  });
  // Judged at each start: a keyring that was locked may have been opened since.
  void inTime(sealer.judge()).then(
    (sealing) => {
      if (sealing.kind === 'none')
        log('warn', 'the system keeps no secrets well', { reason: sealing.reason.en });
      say({ type: 'start', ...settings, sealing });
    },
    (cause: unknown) => {
      options.onRefused(keyStoreFailed(wordsOf(cause)));
      child.kill();
    },
  );

  return {
    ended,
    openScreen: (portId, port, page) => say({ type: 'screen-port', portId, page }, [port]),
    closeScreen: (portId) => say({ type: 'close-screen-port', portId }),
    leaveKiosk(managerId, pin) {
      if (!alive) return Promise.resolve(NOT_ANSWERED);
      const requestId = nextQuestion++;
      return new Promise((settle) => {
        const done = (refusal: Text | undefined): void => {
          timers.clear(limit);
          questions.delete(requestId);
          settle(refusal);
        };
        const limit = timers.set(KIOSK_ANSWER_LIMIT_MS, () => done(NOT_ANSWERED));
        questions.set(requestId, done);
        say({ type: 'leave-kiosk', requestId, managerId, pin });
      });
    },
    power: (asleep) => say({ type: 'power', asleep }),
    stop: () => say({ type: 'stop' }),
    kill: () => void child.kill(),
  };
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function keyStoreFailed(detail: string): ShellProblem {
  return {
    code: 'key-store-failed',
    message: text('系统密钥存储没有回应', "The system's key store does not answer"),
    remedy: text(
      '解锁系统密钥环或重新登录系统，再重试',
      'Unlock the keyring or sign in again, then try again',
    ),
    detail: detail.slice(0, 1_024),
  };
}
