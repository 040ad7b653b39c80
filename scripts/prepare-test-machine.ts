import { spawnSync } from 'node:child_process';
import { type MachineNeed, machineNeeds } from './machine-needs.ts';

/** Longest that one call of an installer may take. */
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/**
 * Makes sure that the machine has what the heavy tests need.
 *
 * As root on Debian what is missing is installed; elsewhere the lines returned say what is
 * missing and how to get it, and the tests concerned skip by name (they fail when CI=true).
 *
 * @returns the needs still missing, empty when the machine is ready.
 */
export function prepareTestMachine(say: (line: string) => void): MachineNeed[] {
  const missing = missingNeeds();
  if (missing.length === 0) return [];

  if (canInstall()) {
    installPackages(missing.filter(isPackage), say);
    for (const need of missing) setUp(need, say);
  }

  const left = missingNeeds();
  for (const need of left) say(`missing: ${need.package}, needed for ${need.purpose}`);
  const packages = left.filter(isPackage).map((need) => need.package);
  if (packages.length > 0) say(`on Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}`);
  for (const { setUp: command } of left) if (command) say(`as root: ${command.join(' ')}`);
  return left;
}

function isPackage(need: MachineNeed): boolean {
  return need.setUp === undefined;
}

function installPackages(needs: readonly MachineNeed[], say: (line: string) => void): void {
  if (needs.length === 0) return;
  const packages = needs.map((need) => need.package);
  say(`installing ${packages.join(', ')} with apt-get`);
  // A machine without a mirror for the lists may still have the packages in its cache.
  if (!run('apt-get', ['update', '-q']))
    say('apt-get update failed; trying with the lists at hand');
  const installed = run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages]);
  if (!installed) say('apt-get failed; its last words are above');
}

/** Runs the program that brings a need of more than one package; nothing for the others. */
function setUp(need: MachineNeed, say: (line: string) => void): void {
  if (need.setUp === undefined) return;
  const [program, ...args] = need.setUp;
  say(`setting up ${need.package}`);
  if (!run(program, args)) say(`${program} failed; its last words are above`);
}

function missingNeeds(): MachineNeed[] {
  return machineNeeds.filter((need) => !need.isPresent());
}

function canInstall(): boolean {
  return (
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0
  );
}

/** Runs an installer quietly; on failure shows the end of what it printed. */
function run(program: string, args: readonly string[]): boolean {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: INSTALL_TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (result.status !== 0) {
    const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
    process.stderr.write(`${output.trim().split('\n').slice(-15).join('\n')}\n`);
  }
  return result.status === 0;
}
