/** IPC channels between pages and the main process; there are no others. */
export const PORT_CHANNEL = 'tillside:port';
export const PORT_REQUEST_CHANNEL = 'tillside:port-request';
/** From the page at the camera only: whether it is to be seen. */
export const CAPTURE_CHANNEL = 'tillside:capture-shown';
/** From the shell's own pages only: try again, or leave kiosk. */
export const ACTION_CHANNEL = 'tillside:shell-action';
