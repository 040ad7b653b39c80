/**
 * A two-way message channel: the end of a forked process, of an Electron utility
 * process, or a pair in one process. Messages are structured-cloneable.
 */
export type MessagePortLike = {
  postMessage(message: unknown): void;
  onMessage(receive: (message: unknown) => void): void;
  close(): void;
};
