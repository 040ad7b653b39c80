import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import type { Account } from './folders.ts';

const ENTRY_FILE = 'tillside.desktop';

/**
 * Makes the program start, or not, when the till's account signs in: a login item on Windows, an XDG autostart entry on
 * Linux, where Electron has none. Throws the system's errors.
 * @param program what to start: the installed program, or the AppImage around it
 */
export function setAutoStart(
  app: Pick<App, 'setLoginItemSettings'>,
  account: Account,
  program: string,
  on: boolean,
): void {
  if (account.platform !== 'linux') return app.setLoginItemSettings({ openAtLogin: on });
  const { env, homeDir } = account;
  const config = env['XDG_CONFIG_HOME']?.startsWith('/')
    ? env['XDG_CONFIG_HOME']
    : join(homeDir, '.config');
  const folder = join(config, 'autostart');
  const entry = join(folder, ENTRY_FILE);
  if (on) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(entry, desktopEntry(env['APPIMAGE'] ?? program));
  } else if (existsSync(entry)) rmSync(entry);
}

/** Desktop Entry Specification 1.5: the command is quoted, and `%` doubled. */
function desktopEntry(program: string): string {
  const quoted = program.replaceAll(/(["`$\\])/g, '\\$1').replaceAll('%', '%%');
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Tillside',
    `Exec="${quoted.replaceAll('\\', '\\\\')}"`,
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}
