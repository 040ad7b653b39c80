import type { IpcRenderer } from 'electron';
import type { Text } from '../../agent/contract/text.ts';
import { ACTION_CHANNEL } from './channels.ts';

/** Sends the marked forms of a shell's page to the main process and shows why it refused. */
export function serveForms(
  page: Pick<Document, 'addEventListener' | 'querySelector'>,
  ipc: Pick<IpcRenderer, 'invoke'>,
): void {
  let busy = false;
  page.addEventListener('submit', (event) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const { action } = form.dataset;
    // One answer at a time: a second press counts as no second try.
    if (action === undefined || busy) return;
    busy = true;
    const fields = Object.fromEntries(new FormData(form));
    void ipc
      .invoke(ACTION_CHANNEL, { action, ...fields })
      .then(({ refusal }: { refusal?: Text }) => {
        const status = page.querySelector('[role="status"]');
        if (status !== null)
          status.textContent = refusal === undefined ? '…' : `${refusal['zh-CN']} / ${refusal.en}`;
        for (const input of form.querySelectorAll<HTMLInputElement>('input[type="password"]'))
          input.value = '';
      })
      .finally(() => {
        busy = false;
      });
  });
}
