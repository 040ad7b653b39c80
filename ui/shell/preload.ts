/** The only script with a foot in both worlds: it passes one port to the till's page and carries the forms of the shell's. */
import { contextBridge, ipcRenderer } from 'electron';
import { CAPTURE_PAGE, SHELL_ORIGIN, TILL_ORIGIN } from './addresses.ts';
import { passCapture } from './pass-capture.ts';
import { passPort } from './pass-port.ts';
import { serveForms } from './serve-forms.ts';

if (location.origin === TILL_ORIGIN) {
  // What the page looks for to know that it runs in the desktop program.
  contextBridge.exposeInMainWorld('tillsideShell', { kind: 'desktop' });
  passPort(window, ipcRenderer);
  if (location.pathname === CAPTURE_PAGE) passCapture(window, ipcRenderer);
}
if (location.origin === SHELL_ORIGIN) serveForms(document, ipcRenderer);
