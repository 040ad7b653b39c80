import { spawnSync } from 'node:child_process';
import { type MachineNeed, machineNeeds } from './machine-needs.ts';

/** Longest that one apt-get call may take. */
const APT_TIMEOUT_MS = 10 * 60_000;

/**
 * Makes sure that the machine has what the heavy tests need.
 *
 * As root on Debian the missing packages are installed; elsewhere the lines returned say what is
 * missing and how to get it, and the tests concerned skip by name (they fail when CI=true).
 *
 * @returns the needs still missing, empty when the machine is ready.
 */
export function prepareTestMachine(say: (line: string) => void): MachineNeed[] {
  const missing = missingNeeds();
  if (missing.length === 0) return [];

  if (canInstall()) {
    const packages = missing.map((need) => need.package);
    say(`installing ${packages.join(', ')} with apt-get`);
    // A machine without a mirror for the lists may still have the packages in its cache.
    if (!apt(['update', '-q'])) say('apt-get update failed; trying with the lists at hand');
    const installed = apt(['install', '-y', '-q', '--no-install-recommends', ...packages]);
    if (!installed) say('apt-get failed; its last words are above');
  }

  const left = missingNeeds();
  for (const need of left) {
    say(`missing: ${need.package}, needed for ${need.purpose}`);
  }
  if (left.length > 0) {
    say(`on Debian or Ubuntu: sudo apt-get install ${left.map((n) => n.package).join(' ')}`);
  }
  return left;
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

/** Runs apt-get quietly; on failure shows the end of what it printed. */
function apt(args: string[]): boolean {
  const result = spawnSync('apt-get', args, {
    encoding: 'utf8',
    timeout: APT_TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (result.status !== 0) {
    const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
    process.stderr.write(`${output.trim().split('\n').slice(-15).join('\n')}\n`);
  }
  return result.status === 0;
}
