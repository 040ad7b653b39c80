import { scriptSources } from '../../agent/contract/wasm-scripts.ts';

/** Screens: own files only, no frames, no forms; styles by attribute and WebAssembly as under the browser's server. */
const TILL_RULES = [
  "default-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/** The shell's own pages are one file without any script. */
const SHELL_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Headers of everything that is served under the program's scheme.
 * @param path of the request; the shell's own pages run no script whatever theirs is
 */
export function pageHeaders(
  page: 'till' | 'shell',
  contentType: string,
  path = '/',
): Readonly<Record<string, string>> {
  return {
    'Content-Type': contentType,
    'Content-Security-Policy':
      page === 'till' ? [...TILL_RULES, scriptSources(path)].join('; ') : SHELL_POLICY,
    'Permissions-Policy':
      page === 'till' ? 'camera=(self), microphone=(), geolocation=()' : 'camera=(), microphone=()',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    // The files change with the program and never under it.
    'Cache-Control': 'no-cache',
  };
}
