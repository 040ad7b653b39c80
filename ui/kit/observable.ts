import { useSyncExternalStore } from 'react';

/** A value that screens can watch. */
export interface Observable<T> {
  get(): T;
  /** Calls `listener` after each change; answers the function that ends it. */
  subscribe(listener: () => void): () => void;
}

/** An {@link Observable} with its setter; a setter that changes nothing tells nobody. */
export interface Cell<T extends object> extends Observable<T> {
  set(change: Partial<T>): void;
}

/** Holds `initial`; `set` replaces the named parts. */
export function createCell<T extends object>(initial: T): Cell<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(change) {
      const keys = Object.keys(change) as (keyof T)[];
      if (keys.every((key) => Object.is(value[key], change[key]))) return;
      value = { ...value, ...change };
      for (const listener of [...listeners]) listener();
    },
  };
}

/** The present value of an observable, followed. */
export function useObservable<T>(observable: Observable<T>): T {
  return useSyncExternalStore(observable.subscribe, observable.get);
}
