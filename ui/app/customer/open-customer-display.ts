import { SHELL_MARK } from '../link-environment.ts';
import { pathOf } from '../router.ts';

/** One window by this name: opened twice, it comes to the front. */
const WINDOW_NAME = 'tillside-customer';

/** Whether this page opens the customer display itself; the desktop program puts it on the second screen by itself. */
export function canOpenCustomerDisplay(): boolean {
  return !(SHELL_MARK in window);
}

/** Opens the customer display in a window to be dragged to the second screen; it shares this tab's permission. */
export function openCustomerDisplay(): void {
  window.open(pathOf('customer'), WINDOW_NAME, 'popup,width=1024,height=768');
}
