import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Account } from './agent.ts';

/** The group of the packaged rule: the one that systemd gives serial ports. */
const DIALOUT_GID = 20;

/** The person signed in at the till's screen: no group of any device. */
export const CASHIER_ACCOUNT: Account = { uid: 1_001, gid: 1_001, home: '/run/cashier' };
/** Whom a till runs as that is a service. */
export const SERVICE_ACCOUNT: Account = { uid: 1_002, gid: DIALOUT_GID, home: '/run/service' };

/** The packaged rule, copied beside this program by `../build-guest.ts`. */
export const RULE_FILE = fileURLToPath(new URL('./70-tillside-scanners.rules', import.meta.url));

/** Makes the two accounts, and the first of them the one that sits at the till, as logind would write it down. */
export function seatCashier(): void {
  for (const { uid, gid, home } of [CASHIER_ACCOUNT, SERVICE_ACCOUNT]) {
    appendFileSync('/etc/passwd', `tillside${uid}:x:${uid}:${gid}::${home}:/bin/false\n`);
    mkdirSync(home, { recursive: true });
    execFileSync('chown', [`${uid}:${gid}`, home]);
  }
  mkdirSync('/run/systemd/seats', { recursive: true });
  writeFileSync(
    '/run/systemd/seats/seat0',
    `IS_SEAT0=1\nCAN_TTY=1\nACTIVE=c1\nACTIVE_UID=${CASHIER_ACCOUNT.uid}\nUIDS=${CASHIER_ACCOUNT.uid}\n`,
  );
}

/** Installs the packaged rule by the three steps that its head names. */
export function installRule(): void {
  mkdirSync('/etc/udev/rules.d', { recursive: true });
  copyFileSync(RULE_FILE, join('/etc/udev/rules.d', basename(RULE_FILE)));
  const udevadm = (...args: string[]): void =>
    void execFileSync('udevadm', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      // The guest's files are a chroot on the machine's, where udevadm would do nothing.
      env: { ...process.env, SYSTEMD_IGNORE_CHROOT: '1' },
    });
  udevadm('control', '--reload');
  udevadm('trigger', '--subsystem-match=hidraw', '--subsystem-match=tty');
  udevadm('settle', '-t', '60');
}
