import type { Command } from 'commander';
import { type Status, text } from '../../contract/index.ts';
import { type AdminRequest, askAgent } from '../admin-channel.ts';
import { complain, EXIT, print, withDataOption, withJsonOption } from './io.ts';
import { readPin } from './read-pin.ts';

interface AskOptions {
  readonly data: string;
  readonly manager?: string;
  readonly pin?: string;
  readonly json?: boolean;
}

/** Commands that ask the agent which is running on a data folder. */
export function registerAgentCommands(program: Command): void {
  withJsonOption(
    withDataOption(
      program
        .command('link')
        .description('fresh one-time links that open the screens of the running till'),
    ),
  ).action((options: AskOptions) =>
    ask(options, { command: 'link' }, (value) => {
      const links = value as { cashier: string; manager: string };
      return `cashier  ${links.cashier}\nmanager  ${links.manager}`;
    }),
  );
  const pair = program
    .command('pair')
    .description('open pairing at the running till for two minutes and show the code for the POS')
    .requiredOption('--manager <id>', 'staff id of a manager')
    .requiredOption('--pin <pin>', "the manager's PIN");
  withJsonOption(withDataOption(pair)).action((options: AskOptions) =>
    ask(
      options,
      { command: 'pair', managerId: options.manager ?? '', pin: options.pin ?? '' },
      (value) => {
        const window = value as { code: string; expiresAt: string };
        return `pairing code ${window.code}, until ${window.expiresAt}`;
      },
    ),
  );
  const time = program
    .command('time')
    .description("show the till's time, or have a manager confirm that the system clock is right")
    .option('--confirm', 'take the system clock for right as it stands; asks for the PIN')
    .option('--manager <id>', 'staff id of a manager');
  withJsonOption(withDataOption(time)).action(tellTime);
  withJsonOption(
    withDataOption(program.command('stop').description('stop the running till')),
  ).action((options: AskOptions) => ask(options, { command: 'stop' }, () => 'stopping'));
}

async function tellTime(options: AskOptions & { readonly confirm?: boolean }): Promise<void> {
  if (options.confirm !== true)
    return ask(options, { command: 'status' }, (value) => {
      const { now, clockTrusted, clockAheadMs } = value as Status;
      const right = clockTrusted && clockAheadMs === undefined;
      return `${now}${right ? '' : '  (to be confirmed: till time --confirm --manager ID)'}`;
    });
  if (options.manager === undefined)
    return complain(options.json, {
      code: 'manager-missing',
      message: text('没有给出店长的员工编号', 'No manager is named'),
      remedy: text('加上 --manager 员工编号', 'Add --manager ID'),
    });
  const pin = await readPin();
  return ask(options, { command: 'confirm-time', managerId: options.manager, pin }, (value) => {
    const { before, now } = value as { before: string; now: string };
    return `the till's time was ${before} and is ${now}`;
  });
}

async function ask(
  options: AskOptions,
  request: AdminRequest,
  show: (value: unknown) => string,
): Promise<void> {
  const answer = await askAgent(options.data, request);
  if (answer.ok) return print(options.json, answer.value, () => show(answer.value));
  const { code, message } = answer.error;
  const notRunning = code === 'agent-not-running';
  complain(
    options.json,
    {
      code,
      message: text(
        notRunning ? '这个数据文件夹没有正在运行的收银台' : `收银台拒绝：${message}`,
        notRunning ? 'No till is running on this data folder' : `The till refused: ${message}`,
      ),
      remedy: notRunning
        ? text('先启动：till run --data DIR', 'Start it first: till run --data DIR')
        : text('检查员工编号、密码和岗位', 'Check staff id, PIN and role'),
      detail: message,
    },
    notRunning ? EXIT.usage : EXIT.problems,
  );
}
