/** What the tabs of one browser share: that somebody is signed in, news of it, and taking turns. */

/** `leaving`: signed out here, and the server does not know yet. */
export type Mark = "in" | "leaving" | null;
export type News = "in" | "out";

export interface Tabs {
  mark(): Mark;
  setMark(mark: Mark): void;
  /** Whether this tab came in as a guest; a reload keeps that. */
  guest(): boolean;
  setGuest(on: boolean): void;
  tell(news: News): void;
  onNews(heard: (news: News) => void): void;
  alone<T>(job: () => Promise<T>): Promise<T>;
}

const MARK = "meetmates.signedIn";
const GUEST = "meetmates.guest";
const CHANNEL = "meetmates.session";
const LOCK = "meetmates.refresh";

/** The tabs of this browser. Where it keeps nothing or knows no channel, each tab is on its own. */
export function browserTabs(): Tabs {
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
  // Locks are for secure pages alone; elsewhere the server's 20 s make two tabs safe.
  const locks = navigator.locks as LockManager | null | undefined;
  return {
    mark: () => {
      const kept = read(() => localStorage, MARK);
      return kept === "in" || kept === "leaving" ? kept : null;
    },
    setMark: (mark) => write(() => localStorage, MARK, mark),
    guest: () => read(() => sessionStorage, GUEST) === "yes",
    setGuest: (on) => write(() => sessionStorage, GUEST, on ? "yes" : null),
    tell: (news) => channel?.postMessage(news),
    onNews: (heard) =>
      channel?.addEventListener("message", ({ data }) => {
        if (data === "in" || data === "out") heard(data);
      }),
    alone: (job) => (locks ? (locks.request(LOCK, job) as ReturnType<typeof job>) : job()),
  };
}

function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

function write(storage: () => Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // it holds until the page is closed
  }
}
