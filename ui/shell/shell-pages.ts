import type { ShellProblem } from '../../agent/contract/shell-message.ts';

/**
 * The shell's own pages: one file each, both languages, no script. The preload script acts on forms that are marked
 * with `data-action` and writes an answer into the element with the role `status`.
 */

/** Shown in place of the screens when the agent is not started again. */
export function stoppedPage(
  problem: ShellProblem | undefined,
  logFile: string,
  inKiosk: boolean,
): string {
  const { message, remedy, code, detail } = problem ?? UNKNOWN;
  return page(
    '收银台程序已停止 / The till program has stopped',
    `<p class="what" lang="zh-CN">${html(message['zh-CN'])}</p>
<p class="what" lang="en">${html(message.en)}</p>
<h2>怎么办 / What to do</h2>
<p lang="zh-CN">${html(remedy['zh-CN'])}。收银机可以照常收款；会员权益要等本程序恢复。</p>
<p lang="en">${html(remedy.en)}. The register goes on taking payments; member benefits wait until this program runs again.</p>
<form data-action="retry"><button type="submit" autofocus>再试一次 / Try again</button></form>
${inKiosk ? LEAVE_STOPPED : ''}<p role="status"></p>
<dl>
<dt>代码 / Code</dt><dd>${html(code)}${detail === undefined ? '' : ` · ${html(detail)}`}</dd>
<dt>日志 / Log</dt><dd>${html(logFile)}</dd>
</dl>`,
  );
}

/** Asks a manager for id and PIN before the window leaves kiosk. */
export function leaveKioskPage(): string {
  return page(
    '退出全屏 / Leave kiosk',
    `<form data-action="leave-kiosk" autocomplete="off">
<label>店长工号 / Manager number<input name="managerId" maxlength="64" autofocus required></label>
<label>PIN<input name="pin" type="password" inputmode="numeric" maxlength="8" required></label>
<button type="submit">退出全屏 / Leave kiosk</button>
</form>
<p role="status"></p>`,
  );
}

const LEAVE_STOPPED = `<form data-action="leave-stopped"><button type="submit">退出全屏 / Leave kiosk</button></form>
`;

const UNKNOWN: ShellProblem = {
  code: 'agent-stopped',
  message: { 'zh-CN': '本机服务没有运行', en: 'The till program is not running' },
  remedy: { 'zh-CN': '请再试一次', en: 'Try again' },
};

const STYLE = `
:root { color-scheme: light dark; font: 18px/1.6 "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { max-width: 44rem; padding: 2rem; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .25rem; }
p { margin: .25rem 0; }
.what { font-weight: 600; }
button, input { font: inherit; min-height: 48px; padding: 0 1.25rem; box-sizing: border-box; }
button { margin: 1rem 0 0; border: 0; border-radius: 8px; background: #0f5c63; color: #fff; font-weight: 600; }
form + form button { background: transparent; color: CanvasText; border: 1px solid; }
:focus-visible { outline: 3px solid light-dark(#2b8488, #6fbcb9); outline-offset: 2px; }
label { display: block; margin: 0 0 .75rem; }
input { display: block; width: 100%; margin-top: 6px; border: 1px solid light-dark(#64747d, #93a3ac); border-radius: 8px; }
dl { margin: 1.5rem 0 0; display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; font-size: .85rem; }
dd { margin: 0; overflow-wrap: anywhere; }
`;

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head>
<body><main><h1>${html(title)}</h1>
${body}
</main></body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function html(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
