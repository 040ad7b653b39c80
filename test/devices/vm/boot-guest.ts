import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { sharedPath } from '../../support/shared.ts';
import { FINDING_MARK, type Finding } from './findings.ts';

/** Longest that boot and everything in the guest may take, in seconds; a quiet machine needs a quarter of it. */
const GUEST_LIMIT_S = 840;
/** What the guest said, for the message of a failure. */
const KEPT_CHARS = 6_000;

/** What came of one boot. */
export interface GuestRun {
  readonly findings: readonly Finding[];
  /** Null where a signal ended the script. */
  readonly exitCode: number | null;
  /** The end of everything that it printed. */
  readonly words: string;
}

/**
 * Boots the virtual machine of `../shared/hid-vm` once, runs `file` in it as root and ends it. The machine is a QEMU
 * process of the script's own, without network; it ends with its command, at the time limit, or with this process.
 *
 * @param file a module that this machine's Node can run; the guest sees the same files, and cannot change them.
 */
export async function bootGuest(file: string): Promise<GuestRun> {
  const script = spawn(
    sharedPath('hid-vm/hid-vm.sh'),
    ['-m', 'hid usb', '-u', '-t', String(GUEST_LIMIT_S), '--', process.execPath, file],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const stop = (): void => void script.kill('SIGTERM');
  process.once('exit', stop);
  let words = '';
  let printed = '';
  script.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8');
  });
  script.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-KEPT_CHARS);
  });
  const [exitCode] = (await once(script, 'close')) as [number | null];
  process.removeListener('exit', stop);
  const lines = printed.split('\n');
  return {
    exitCode,
    findings: lines
      .filter((line) => line.startsWith(FINDING_MARK))
      .map((line) => JSON.parse(line.slice(FINDING_MARK.length)) as Finding),
    words: `${lines.filter((line) => !line.startsWith(FINDING_MARK)).join('\n')}\n${words}`.slice(
      -KEPT_CHARS,
    ),
  };
}
