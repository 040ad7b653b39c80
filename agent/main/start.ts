import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { complain } from './commands/io.ts';
import { DEFAULT_PORT, readPort } from './config.ts';
import { claimDemoFolder, resetDemo } from './demo-folder.ts';
import { type DemoSetUp, setUpDemo, worksAt } from './demo-till.ts';
import { type HeadlessTill, startHeadless, UI_FOLDER } from './headless.ts';

const PROGRAM_FOLDER = fileURLToPath(new URL('../../', import.meta.url));
const UI_SOURCES = ['ui/app', 'agent/contract'];

interface StartOptions {
  readonly open: boolean;
  readonly reset?: boolean;
  readonly port: string;
  readonly data: string;
  readonly json?: boolean;
  readonly logLevel: string;
}

/** `npm start`: the demo chain on one till, its screens in the browser. */
await new Command('start')
  .description('A whole till to try: demo chain, simulated scanner, screens in the browser')
  .option('--no-open', 'do not open the browser')
  .option('--reset', 'forget what the demo has stored and begin anew')
  .option('--port <number>', 'port to listen at; 0 = any free one', String(DEFAULT_PORT))
  .option('--data <dir>', 'where the demo keeps its data', join(PROGRAM_FOLDER, 'data', 'demo'))
  .option('--log-level <level>', 'error, warn, info or debug', 'warn')
  .option('--json', 'print exactly one JSON object on standard output')
  .action(start)
  .parseAsync();

async function start(options: StartOptions): Promise<void> {
  const dataDir = resolve(options.data);
  const port = readPort(options.port);
  if (!port.ok) return complain(options.json, port.error);
  if (options.reset === true) {
    const reset = resetDemo(dataDir);
    if (!reset.ok) return complain(options.json, reset.error);
  }
  await buildScreens();
  const folders = claimDemoFolder(dataDir);
  if (!folders.ok) return complain(options.json, folders.error);
  const demo = setUpDemo(folders.value, Date.now(), { port: port.value });
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((settle) => {
    stop = settle;
  });
  const started = await startHeadless({
    config: demo.config,
    dataDir: demo.folders.till,
    keyFile: demo.folders.keyFile,
    logLevel: options.logLevel,
    documents: { '/demo.json': demo.page },
    prepare: (store) => demo.prepare(store),
    onStopRequest: stop,
  });
  if (!started.ok) return complain(options.json, started.error);
  const till = started.value;
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  announce(till, demo, options);
  await stopped;
  await till.close();
  // The terminal's reader and the browser opener would keep the process waiting.
  process.exit(0);
}

function announce(till: HeadlessTill, demo: DemoSetUp, options: StartOptions): void {
  const links = () => ({
    demo: till.link('/demo'),
    cashier: till.link('/'),
    manager: till.link('/manager'),
  });
  const first = links();
  if (options.json === true) {
    process.stdout.write(
      `${JSON.stringify({ address: till.address, port: till.port, links: first, staff: demo.page.staff, dataDir: demo.folders.till })}\n`,
    );
  } else {
    process.stdout.write(`${welcome(till, demo, first)}\n`);
  }
  if (options.open && process.stdout.isTTY) openBrowser(first.demo);
  if (!process.stdin.isTTY || options.json === true) return;
  createInterface({ input: process.stdin }).on('line', () => {
    const fresh = links();
    process.stdout.write(
      `demo     ${fresh.demo}\ncashier  ${fresh.cashier}\nmanager  ${fresh.manager}\n`,
    );
  });
}

function welcome(
  till: HeadlessTill,
  demo: DemoSetUp,
  links: { demo: string; cashier: string; manager: string },
): string {
  const people = demo.chain.staff
    .filter(worksAt(demo.config.place.store.storeId))
    .map(({ staffId, pin, role }) => `${role} ${staffId} PIN ${pin}`)
    .join(' · ');
  const member = demo.chain.showcase[0];
  return [
    '',
    `  Tillside 演示 / demo   ${demo.config.place.store.name['zh-CN']} · ${demo.chain.members.length} members · 60 rules · ${demo.chain.articles.length} articles`,
    '',
    `  收银员和演示收银机 / cashier beside the demo register`,
    `    ${links.demo}`,
    `  收银员 / cashier alone`,
    `    ${links.cashier}`,
    `  店长 / manager`,
    `    ${links.manager}`,
    `  POS API  ${till.address}/v1/openapi.json`,
    '',
    `  登录 / sign in   ${people}`,
    `  试试 / try       扫码 ${member?.card} 或手机尾号 6688 / scan ${member?.card}, or the last four digits 6688`,
    `                   配对 / pair a POS: npm run till -- pair --data ${demo.folders.till} --manager 150 --pin 2222`,
    '',
    '  每个链接只能打开一次；按回车得到新的链接，Ctrl+C 停止。',
    '  Each link opens one screen once; Enter gives fresh ones, Ctrl+C stops. The data stays; --reset begins anew.',
    '',
  ].join('\n');
}

/** Builds the screens where the sources are newer than what was built. */
async function buildScreens(): Promise<void> {
  const built = join(UI_FOLDER, 'index.html');
  const sources = UI_SOURCES.map((folder) => join(PROGRAM_FOLDER, folder));
  if (existsSync(built) && Math.max(...sources.map(newestIn)) <= statSync(built).mtimeMs) return;
  process.stderr.write('building the screens ...\n');
  const { build } = await import('vite');
  await build({
    configFile: join(PROGRAM_FOLDER, 'ui/app/vite.config.ts'),
    root: join(PROGRAM_FOLDER, 'ui/app'),
    logLevel: 'warn',
  });
}

function newestIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (newest, entry) => Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs),
      0,
    );
}

/** Opens the default browser; where there is none the printed address serves as well. */
function openBrowser(address: string): void {
  const [command, args] =
    process.platform === 'win32'
      ? ['cmd', ['/c', 'start', '', address.replaceAll('&', '^&')]]
      : process.platform === 'darwin'
        ? ['open', [address]]
        : ['xdg-open', [address]];
  const child = spawn(command as string, args as string[], { stdio: 'ignore', detached: true });
  child.on('error', () =>
    process.stderr.write('no browser could be opened; use the address above\n'),
  );
  child.unref();
}
