import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { instructions } from '../../../drivers/finger/codes.ts';
import { moduleFaults } from '../../../drivers/sim/finger-module/faults.ts';
import { type ModuleOnPty, startModuleOnPty } from '../../../drivers/sim/finger-module/on-pty.ts';
import {
  type ModuleProfileName,
  moduleProfileNames,
} from '../../../drivers/sim/finger-module/profile.ts';
import { createSystemEnv } from '../../../drivers/system-env.ts';
import { text } from '../../contract/index.ts';
import { complain, withJsonOption } from './io.ts';

interface Options {
  readonly profile: string;
  readonly link: string;
  readonly memory?: string;
  readonly json?: boolean;
}

const HELP = `place NAME [poor] | lift | unplug | plug | restart | fault NAME [INSTRUCTION [TIMES]] | obeyed | quit
faults: ${moduleFaults.join(' ')}
instructions: ${Object.keys(instructions).join(' ')}`;

/** `till simulate finger`: an emulated fingerprint module that any program opens as a serial port. */
export function registerSimulateFinger(simulate: Command): void {
  withJsonOption(
    simulate
      .command('finger')
      .description('a fingerprint module on a pseudo-terminal; commands on standard input')
      .requiredOption('--link <path>', 'where the serial port appears')
      .option('--profile <name>', `family: ${moduleProfileNames.join(', ')}`, 'r503')
      .option('--memory <file>', "the module's flash, kept over restarts"),
  ).action(run);
}

async function run({ profile, link, memory, json }: Options): Promise<void> {
  if (!isProfile(profile))
    return complain(json, {
      code: 'usage',
      message: text(`没有型号 ${profile}`, `There is no family ${profile}`),
      remedy: text(
        `可用：${moduleProfileNames.join('、')}`,
        `Choose one of ${moduleProfileNames.join(', ')}`,
      ),
    });
  const env = createSystemEnv(() => {});
  const started = await startModuleOnPty(
    { profile, link, ...(memory === undefined ? {} : { memoryFile: memory }) },
    env,
  );
  if (!started.ok)
    return complain(json, {
      code: 'no-terminal',
      message: text(`无法创建虚拟串口：${started.error}`, `No serial port: ${started.error}`),
      remedy: text('请安装 socat 后重试', 'Install socat and try again'),
    });
  const lines = createInterface({ input: process.stdin });
  process.once('SIGINT', () => lines.close());
  process.once('SIGTERM', () => lines.close());
  say(json, { ready: link, profile }, `${link}: ${profile}\n${HELP}`);
  for await (const line of lines) {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    if (word === 'quit') break;
    const answer = await obey(started.value, word, rest);
    say(json, { command: line.trim(), ...answer }, answer.ok ? 'ok' : answer.detail);
  }
  lines.close();
  await started.value.stop();
}

interface Answer {
  readonly ok: boolean;
  readonly detail: string;
}

async function obey(on: ModuleOnPty, word: string, rest: readonly string[]): Promise<Answer> {
  const { module } = on;
  const [first = '', second, third] = rest;
  switch (word) {
    case 'place':
      if (first === '') return { ok: false, detail: 'place needs the name of a finger' };
      module.place(first, second === 'poor');
      break;
    case 'lift':
      module.lift();
      break;
    case 'unplug':
      await on.unplug();
      break;
    case 'plug': {
      const done = await on.plug();
      if (!done.ok) return { ok: false, detail: done.error };
      break;
    }
    case 'restart':
      module.restart();
      break;
    case 'fault':
      return plan(on, first, second, third);
    case 'obeyed':
      return { ok: true, detail: module.obeyed().join(' ') };
    default:
      return { ok: false, detail: HELP };
  }
  return { ok: true, detail: '' };
}

function plan(on: ModuleOnPty, name: string, at: string | undefined, times = '1'): Answer {
  const fault = moduleFaults.find((one) => one === name);
  const number = at === undefined ? undefined : instructions[at as keyof typeof instructions];
  const count = Number(times);
  if (fault === undefined || (at !== undefined && number === undefined))
    return { ok: false, detail: HELP };
  if (!Number.isInteger(count) || count < 1 || count > 1_000)
    return { ok: false, detail: 'TIMES is a whole number from 1 to 1000' };
  on.module.plan({ fault, times: count, ...(number === undefined ? {} : { on: number }) });
  return { ok: true, detail: '' };
}

/** One line each time: this command talks for as long as it runs. */
function say(json: boolean | undefined, facts: object, words: string): void {
  process.stdout.write(`${json === true ? JSON.stringify(facts) : words}\n`);
}

function isProfile(name: string): name is ModuleProfileName {
  return moduleProfileNames.some((one) => one === name);
}
