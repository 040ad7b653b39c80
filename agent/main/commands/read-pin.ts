import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/**
 * Asks for a PIN on standard error and reads one line of standard input, so that it stands neither in the list of
 * processes nor in the shell's history. On a terminal nothing is echoed; a pipe works too.
 */
export async function readPin(): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write('PIN: ');
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
  // With a terminal and an output that goes nowhere, the line editor switches the terminal's own echo off.
  const lines = createInterface({
    input: stdin,
    output: muted,
    terminal: stdin.isTTY === true,
    historySize: 0,
  });
  try {
    for await (const line of lines) return line.trim();
    return '';
  } finally {
    lines.close();
    stdin.pause();
    stderr.write('\n');
  }
}
