/**
 * The two scripts that compile WebAssembly: the workers that decode codes and describe faces, by the names that the build
 * gives them. A worker has the content policy that it was served with and not that of its page, so no page needs it.
 */
const WASM_SCRIPTS = /^\/assets\/(capture|code)-worker-[A-Za-z0-9_-]+\.js$/;

/**
 * What `script-src` allows for a file of the screens.
 * @param path of the request, without its query
 */
export function scriptSources(path: string): string {
  return WASM_SCRIPTS.test(path) ? "script-src 'self' 'wasm-unsafe-eval'" : "script-src 'self'";
}
