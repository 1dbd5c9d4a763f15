/** A value that can be watched. `use` is how a component reads it. */

import { useEffect, useState } from "preact/hooks";

export interface Store<T> {
  get(): T;
  set(next: T): void;
  update(change: (value: T) => T): void;
  /** Calls `heard` after each change, until the function that it returns is called. */
  subscribe(heard: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  const set = (next: T): void => {
    if (Object.is(next, value)) return;
    value = next;
    for (const heard of [...listeners]) heard();
  };
  return {
    get: () => value,
    set,
    update: (change) => set(change(value)),
    subscribe(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
  };
}

/** The part of a store that `select` picks; the component is drawn again when that part changes. */
export function useStore<T, S = T>(
  store: Store<T>,
  select: (value: T) => S = (value) => value as unknown as S,
): S {
  const picked = select(store.get());
  const [, redraw] = useState({});
  useEffect(() => {
    let last = select(store.get());
    if (!Object.is(last, picked)) redraw({}); // it changed between drawing and listening
    return store.subscribe(() => {
      const now = select(store.get());
      if (!Object.is(now, last)) {
        last = now;
        redraw({});
      }
    });
  }, [store]);
  return picked;
}
