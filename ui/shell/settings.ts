import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { err, ok, type Result } from '../../agent/contract/result.ts';
import type { ShellProblem } from '../../agent/contract/shell-message.ts';
import { text } from '../../agent/contract/text.ts';

export const SETTINGS_FILE = 'shell.json';
export const SETTINGS_MAX_BYTES = 64 * 1024;

/** Settings of the window and of the start; those of the till are in a file of their own. Every field has a default. */
export const shellSettingsSchema = z.strictObject({
  /** Fills the screen and cannot be left without a manager's PIN. */
  kiosk: z.boolean().default(false),
  /** Starts when the till's account signs in. */
  autoStart: z.boolean().default(false),
  /** Which screen the window opens with. */
  screen: z.enum(['cashier', 'manager']).default('cashier'),
  /** Which display the window opens on, counted from 0; the first where there are fewer. */
  display: z.int().min(0).max(15).default(0),
  /** Shows the customer display on a second display where there is one. */
  customerScreen: z.boolean().default(true),
  /** Opens the page at the camera, by which members who agreed to it are recognised; seen only while it looks. */
  faceCamera: z.boolean().default(false),
  /** Settings file of the till; absent = `till.json` beside this file, where it exists. */
  tillSettings: z.string().min(1).max(1_024).optional(),
  /** Data folder of the till; absent = the account's own folder for program data. */
  dataDir: z.string().min(1).max(1_024).optional(),
});
export type ShellSettings = z.infer<typeof shellSettingsSchema>;

/** Reads and checks the settings of the shell; without a file, the defaults. A wrong field is named. */
export function loadSettings(file: string): Result<ShellSettings, ShellProblem> {
  if (!existsSync(file)) return ok(shellSettingsSchema.parse({}));
  let raw: unknown;
  try {
    const body = readFileSync(file);
    if (body.length > SETTINGS_MAX_BYTES)
      throw new Error(`larger than ${SETTINGS_MAX_BYTES} bytes`);
    raw = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return err({
      code: 'shell-settings-unreadable',
      message: text('窗口设置文件无法读取', 'The settings file of the window cannot be read'),
      remedy: text(
        `检查 ${file} 的 JSON 格式，再重试`,
        `Check that ${file} is JSON, then try again`,
      ),
      detail: `${file}: ${why}`,
    });
  }
  const parsed = shellSettingsSchema.safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.');
  return err({
    code: 'shell-settings-invalid',
    message: text(`窗口设置 ${field} 不对`, `The setting ${field} of the window is wrong`),
    remedy: text(`修正 ${file} 后重试`, `Correct ${file}, then try again`),
    detail: `${file}: ${field}: ${issue?.message}`,
  });
}
