import { scriptSources } from '../contract/wasm-scripts.ts';

/**
 * Headers of everything the till's server answers. The policy lets pages load only from this server and talk only to
 * it, and lets nobody put them into a frame. Inline styles are allowed because the component library sets positions and
 * colours by style attributes and one style element; scripts never are. WebAssembly is for two workers alone, see
 * {@link scriptSources}; the pages may use the camera and nothing else of the machine.
 * @param host own `Host`, port included
 * @param path of the request, without its query
 */
export function securityHeaders(host: string, path: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'self'",
    `connect-src 'self' ws://${host}`,
    scriptSources(path),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return {
    'Content-Security-Policy': policy,
    'Permissions-Policy':
      'camera=(self), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=()',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    Vary: 'Origin',
  };
}
