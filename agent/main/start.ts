import { spawn } from 'node:child_process';
import { existsSync, fstatSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { DEMO_SEED, type DemoChain, generateDemoChain } from '../../demo/chain.ts';
import { assert, ok, type Result } from '../contract/index.ts';
import { both, complain } from './commands/io.ts';
import { DEFAULT_PORT, readPort } from './config.ts';
import { claimDemoFolder, type DemoFolders, resetDemo } from './demo-folder.ts';
import { demoPage, worksAt } from './demo-page.ts';
import { type DemoHq, type DemoTill, startDemoHq, startDemoTill } from './demo-processes.ts';
import type { StartError } from './open-locked.ts';

const PROGRAM_FOLDER = fileURLToPath(new URL('../../', import.meta.url));
const SCREENS = [
  { page: 'app', sources: ['ui/app', 'ui/kit', 'agent/contract'] },
  { page: 'hq', sources: ['ui/hq', 'ui/kit', 'sync/protocol', 'agent/contract'] },
  {
    page: 'pass',
    sources: ['ui/pass', 'sync/protocol', 'agent/contract', 'agent/domain/credential'],
  },
] as const;
/** Where the screens of a program lie once they are built. */
const BUILT = { app: 'ui', hq: 'hq-ui', pass: 'pass' } as const;
/** Headquarters listens so many ports above the first till. */
const HQ_PORT_OFFSET = 10;

interface StartOptions {
  readonly open: boolean;
  readonly reset?: boolean;
  readonly port: string;
  readonly data: string;
  readonly json?: boolean;
  readonly logLevel: string;
}

/** `npm start`: headquarters and three tills of the demo chain, their screens in the browser. */
await new Command('start')
  .description(
    'A whole chain to try: headquarters, three tills, simulated scanners, screens in the browser',
  )
  .option('--no-open', 'do not open the browser')
  .option('--reset', 'forget what the demo has stored and begin anew')
  .option('--port <number>', 'port of the first till; 0 = any free ones', String(DEFAULT_PORT))
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
  const claimed = claimDemoFolder(dataDir);
  if (!claimed.ok) return complain(options.json, claimed.error);
  for (const { page, sources } of SCREENS) await buildScreens(page, sources);
  const stopped = Promise.withResolvers<void>();
  process.once('SIGINT', stopped.resolve);
  process.once('SIGTERM', stopped.resolve);
  const started = await startChain(claimed.value, port.value, options.logLevel);
  if (!started.ok) {
    complain(options.json, started.error);
    // Whatever was started before has been stopped; the terminal's reader would keep the process waiting.
    process.exit();
  }
  announce(started.value, options);
  listen(started.value, options);
  await stopped.promise;
  await stopChain(started.value);
  process.exit(0);
}

/** All at once: Ctrl+C has reached each of them, and none may be taken for one that ended by itself. */
async function stopChain({ hq, tills }: Pick<DemoProcesses, 'hq' | 'tills'>): Promise<void> {
  await Promise.all([...tills.map((till) => till.stop()), hq.stop()]);
}

interface DemoProcesses {
  readonly chain: DemoChain;
  readonly hq: DemoHq;
  readonly tills: readonly DemoTill[];
  readonly console: string;
}

/** Headquarters and tills side by side; a till that is not registered waits for headquarters to give it a ticket. */
async function startChain(
  folders: DemoFolders,
  port: number,
  logLevel: string,
): Promise<Result<DemoProcesses, StartError>> {
  note('总部和收银台正在启动 / headquarters and the tills are starting ...');
  const at = (offset: number): number => (port === 0 ? 0 : port + offset);
  const hqStarts = startDemoHq({ data: folders.hq, port: at(HQ_PORT_OFFSET), logLevel, note });
  const nowMs = Date.now();
  const chain = generateDemoChain({ seed: DEMO_SEED, nowMs });
  const tillsStart = folders.tills.map(({ data, keyFile }, nth) => {
    const { tillId, storeId } = placeOfTill(chain, nth);
    const page = demoPage(chain, storeId, nowMs);
    const order = { tillId, storeId, data, keyFile, port: at(nth), logLevel, page };
    const ticket = async () => {
      const hq = await hqStarts;
      return hq.ok ? hq.value.ticket(tillId, storeId) : null;
    };
    return startDemoTill(order, ticket, note);
  });
  const [hq, ...tills] = await Promise.all([hqStarts, ...tillsStart]);
  const failed = [hq, ...tills].find((each) => !each.ok);
  if (failed !== undefined && !failed.ok) {
    await Promise.all([hq, ...tills].map((each) => (each.ok ? each.value.stop() : undefined)));
    return failed;
  }
  assert(hq.ok, 'nothing has failed');
  return ok({
    chain,
    hq: hq.value,
    tills: tills.flatMap((till) => (till.ok ? [till.value] : [])),
    console: await hq.value.console(),
  });
}

/** Two tills of the first store and one of the second. */
function placeOfTill(chain: DemoChain, nth: number): { tillId: string; storeId: string } {
  const [first, second] = chain.stores;
  const storeId = nth < 2 ? first?.storeId : second?.storeId;
  const inStore = chain.tills.filter(({ store }) => store.storeId === storeId);
  const till = inStore[nth < 2 ? nth : 0];
  assert(till !== undefined, 'the demo chain has two stores and two tills in the first');
  return { tillId: till.tillId, storeId: till.store.storeId };
}

function announce(demo: DemoProcesses, options: StartOptions): void {
  const { hq, tills, console } = demo;
  const [first] = tills;
  assert(first !== undefined, 'the demo has a till');
  const { address, port, links, order } = first;
  if (options.json === true) {
    const { staff } = order.page;
    const all = tills.map((till) => ({
      tillId: till.order.tillId,
      storeId: till.order.storeId,
      address: till.address,
      port: till.port,
      links: till.links,
      dataDir: till.order.data,
      keyFile: till.order.keyFile,
      pid: till.pid(),
    }));
    process.stdout.write(
      `${JSON.stringify({ address, port, links, staff, dataDir: order.data, tills: all, hq: { url: hq.url, console, pid: hq.pid() } })}\n`,
    );
  } else {
    process.stdout.write(`${welcome(demo)}\n`);
  }
  if (options.open && process.stdout.isTTY) openBrowser(links.demo);
}

/** Takes lines: `h` stops headquarters or starts it again, an empty one gives fresh links. */
function listen(demo: DemoProcesses, options: StartOptions): void {
  if (!process.stdin.isTTY && !isPipe(process.stdin.fd)) return;
  // One after the other: a second h while headquarters still closes means that it shall come back.
  let turned = Promise.resolve();
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line.trim() === 'h') turned = turned.then(() => toggleHq(demo.hq));
    else if (options.json !== true) void showFreshLinks(demo);
  });
}

async function toggleHq(hq: DemoHq): Promise<void> {
  if (hq.running()) {
    await hq.stop();
    return note(
      '总部已停止，收银台照常营业；再按 h 回车启动 / headquarters is stopped, the tills go on selling; h and Enter start it again',
    );
  }
  const started = await hq.start();
  note(
    started.ok
      ? '总部已恢复，收银台正在补传 / headquarters is back, the tills send what is missing'
      : both(started.error.message),
  );
}

async function showFreshLinks({ tills, hq }: DemoProcesses): Promise<void> {
  for (const till of tills) {
    const { demo, cashier, customer, manager, sync, camera } = await till.freshLinks();
    const { tillId } = till.order;
    process.stdout.write(
      `${tillId}\n  demo     ${demo}\n  cashier  ${cashier}\n  customer ${customer}\n  manager  ${manager}\n  sync     ${sync}\n  camera   ${camera}\n`,
    );
  }
  if (hq.running()) process.stdout.write(`hq\n  console  ${await hq.console()}\n`);
}

function isPipe(fd: number): boolean {
  return fstatSync(fd).isFIFO() || fstatSync(fd).isSocket();
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

function welcome({ chain, hq, tills, console }: DemoProcesses): string {
  const [first] = tills;
  assert(first !== undefined, 'the demo has a till');
  const people = chain.staff
    .filter(worksAt(first.order.storeId))
    .map(({ staffId, pin, role }) => `${role} ${staffId} PIN ${pin}`)
    .join(' · ');
  const member = chain.showcase[0];
  const stores = new Map<string, string>(
    chain.stores.map(({ storeId, name }) => [storeId, name['zh-CN']]),
  );
  return [
    '',
    `  Tillside 演示 / demo   1 HQ · ${tills.length} tills · ${chain.members.length} members · ${chain.articles.length} articles`,
    '',
    ...tills.flatMap(({ order, links }) => [
      `  ${stores.get(order.storeId) ?? ''}  ${order.tillId}`,
      `    收银员和演示收银机 / cashier beside the demo register  ${links.demo}`,
      `    顾客屏 / customer display                             ${links.customer}`,
      `    店长 / manager                                        ${links.manager}`,
      `    人脸摄像头（模拟） / camera for faces (simulated)     ${links.camera}`,
    ]),
    `  总部 / headquarters`,
    `    ${console}`,
    `  POS API  ${first.address}/v1/openapi.json`,
    '',
    `  登录 / sign in   ${people}`,
    `  试试 / try       在一台收银台扫码 ${member?.card} 并收款，另一台和总部几秒内可见`,
    `                   scan ${member?.card} at one till and take the money: the other till and headquarters show it within seconds`,
    '                   在总部"线上订单"入账，看收银台上的积分变化 / book an online order at headquarters and watch the points',
    '                   更多见演示页的"扫描" / more to try: the scanner on the demo page',
    '                   h 回车停止或启动总部，继续销售 / h and Enter stop or start headquarters; go on selling',
    `                   配对 / pair a POS: npm run till -- pair --data ${first.order.data} --manager 150 --pin 2222`,
    ...(hq.running() ? [] : ['  ! 总部没有运行 / headquarters does not run']),
    '',
    '  每个链接只能打开一次；按回车得到新的链接，Ctrl+C 停止。PGlite 不保证断电安全，仅供演示。',
    '  Each link opens one screen once; Enter gives fresh ones, Ctrl+C stops. The data stays; --reset begins anew.',
    '',
  ].join('\n');
}

/** Builds the screens of one program where the sources are newer than what was built. */
async function buildScreens(page: keyof typeof BUILT, folders: readonly string[]): Promise<void> {
  const built = join(PROGRAM_FOLDER, 'dist', BUILT[page], 'index.html');
  const sources = folders.map((folder) => join(PROGRAM_FOLDER, folder));
  if (existsSync(built) && Math.max(...sources.map(newestIn)) <= statSync(built).mtimeMs) return;
  note('正在生成页面 / building the screens ...');
  const { build } = await import('vite');
  await build({
    configFile: join(PROGRAM_FOLDER, 'ui', page, 'vite.config.ts'),
    root: join(PROGRAM_FOLDER, 'ui', page),
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
