import { setTimeout as sleep } from 'node:timers/promises';
import { startAgent } from './agent.ts';
import { find, same } from './report.ts';
import { definitionOf, definitionsOf, reachBoth, type Stage, textsOf } from './stage.ts';
import { plugLooseHid } from './uhid-device.ts';
import { until } from './until.ts';
import { type ScannerIds, ways } from './usb-scanner.ts';

/** An HID scanner that sends old codes the moment somebody opens it. The kernel keeps 63 for a reader. */
const BURSTING: ScannerIds = { vid: '0c2e', pid: '0b07', serial: 'SN-BURST' };
/** One of a maker whose trigger report is known. */
const KNOWN: ScannerIds = { vid: '0c2e', pid: '0b07', serial: 'SN-KNOWN' };
const STALE_REPORTS = 100;
/** How long a thing that must not happen is given to happen. */
const QUIET_MS = 500;
/** More than two reports of 56 bytes. */
const LONG_CODE = '8018401234567890123450'.padEnd(150, 'x');

/** A scanner's life with an agent while its cable stays in. */
export async function findOutAboutClaims(stage: Stage): Promise<void> {
  await find('reports and bytes that waited in the kernel before the claim are dropped', () =>
    claimWithOldCodes(stage),
  );
  await find(
    'a serial and an HID scanner bound by USB serial number are claimed and read on a real kernel',
    () => readBoth(stage),
  );
  await find(
    'a scanner of a known maker is told by a test scan to begin reading, and to stop once it has read the code',
    () => testScan(),
  );
  await find('both are listed as found, with the definition that binds them by serial number', () =>
    listBoth(stage),
  );
  await find(
    'both are released before the computer sleeps and come back after it, and nothing from between is read',
    () => sleepAndWake(stage),
  );
  await find(
    'a second agent sees `busy` on both scanners, steals nothing, and takes over when the first lets go (Device busy in another process)',
    () => shareWithAnother(stage),
  );
}

async function claimWithOldCodes(stage: Stage): Promise<string> {
  const burst = await plugLooseHid(BURSTING);
  // The kernel says when a reader has opened it: these come before the first read.
  burst.onOpened(() => {
    for (let nth = 1; nth <= STALE_REPORTS; nth += 1) burst.send(`STALE-${nth}`);
  });
  await stage.scanner.plug();
  for (const way of ways) stage.scanner.leave(way, 'STALE');
  await stage.begin([definitionOf('hid', 'burst', BURSTING)]);
  await reachBoth(stage.agent(), 'ready');
  await stage.agent().reaches('burst', 'ready');
  burst.send('FRESH');
  await sleep(QUIET_MS);
  await stage.scan('FRESH');
  same('codes of the burst', stage.agent().texts('burst'), ['FRESH']);
  const { dropped } = await stage.agent().statistics('burst');
  if (dropped === 0) throw new Error('nothing waited: this proves nothing');
  burst.unplug();
  return `dropped of the burst: ${dropped}`;
}

async function testScan(): Promise<string> {
  const scanner = await plugLooseHid(KNOWN);
  const agent = await startAgent([definitionOf('hid', 'known', KNOWN)]);
  await agent.reaches('known', 'ready');
  const code = await agent.beginTest('known');
  await until('a pulled trigger', () => scanner.told().length > 0);
  scanner.send(code);
  await until('a released trigger', () => scanner.told().length > 1);
  await agent.stop();
  scanner.unplug();
  same('what reached the scanner', scanner.told(), ['0404', '0400']);
  same('codes of the till', agent.texts('known'), []);
  return scanner.told().join(', ');
}

async function readBoth(stage: Stage): Promise<string> {
  for (const text of ['6901234567892', LONG_CODE]) await stage.scan(text);
  const identities = await Promise.all(
    ways.map(async (way) => (await stage.agent().summary(way)).identity),
  );
  for (const { serial } of identities) same('serial number', serial, stage.scanner.serial);
  return identities.map(({ path, portPath }) => `${path} at ${portPath}`).join(', ');
}

async function listBoth(stage: Stage): Promise<string> {
  const found = await stage.agent().discover();
  const bound = found.map(({ definition, twin }) => JSON.stringify({ ...definition, twin }));
  for (const { driver, usb } of definitionsOf(stage.scanner)) {
    const wanted = JSON.stringify({ driver, usb, twin: false });
    if (!bound.includes(wanted)) throw new Error(`no ${wanted} in ${bound.join(', ')}`);
  }
  return found.map(({ maker, name, mode }) => `${maker} ${name} (${mode})`).join(', ');
}

async function sleepAndWake(stage: Stage): Promise<string> {
  await stage.agent().suspend();
  await reachBoth(stage.agent(), 'paused');
  for (const way of ways) stage.scanner.leave(way, 'ASLEEP');
  await stage.agent().wake();
  await reachBoth(stage.agent(), 'ready');
  await sleep(QUIET_MS);
  await stage.scan('AWAKE');
  return 'paused, ready';
}

async function shareWithAnother(stage: Stage): Promise<string> {
  const second = await startAgent(definitionsOf(stage.scanner));
  await reachBoth(second, 'busy');
  await stage.scan('FOR-THE-FIRST');
  await sleep(QUIET_MS);
  same(
    'codes of the second',
    textsOf(second),
    ways.map(() => []),
  );
  const told = ways.map((way) => second.lastChange(way)?.detail);
  await stage.agent().stop();
  await reachBoth(second, 'ready');
  stage.goOnWith(second);
  await stage.scan('FOR-THE-SECOND');
  return `the second was told: ${told.join(', ')}`;
}
