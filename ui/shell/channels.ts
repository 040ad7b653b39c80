/** IPC channels between pages and the main process; there are no others. */
export const PORT_CHANNEL = 'tillside:port';
export const PORT_REQUEST_CHANNEL = 'tillside:port-request';
/** From the shell's own pages only: try again, or leave kiosk. */
export const ACTION_CHANNEL = 'tillside:shell-action';
