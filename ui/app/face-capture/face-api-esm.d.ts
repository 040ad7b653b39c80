/** The page's build of face-api.js; what is used of it is typed in `drivers/face/face-api-embedder.ts`. */
declare module 'face-api.js/dist/face-api.esm.js' {
  export const tf: unknown;
  export const env: { setEnv(parts: Readonly<Record<string, unknown>>): void };
}
