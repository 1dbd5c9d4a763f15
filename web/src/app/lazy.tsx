/** Screens that are loaded when they are first shown, and what is shown when one cannot be. */

import { Component, type ComponentChildren, type ComponentType, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, EmptyState, Spinner } from "../design";
import { useT } from "../i18n";

export interface Lazy<P> {
  (props: P): JSX.Element;
  /** Loads it before it is needed. A failure is told when it is shown. */
  preload(): void;
}

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): Lazy<P> {
  let loaded: ComponentType<P> | null = null;
  let loading: Promise<void> | null = null;
  const fetchOnce = (): Promise<void> => {
    loading ??= load().then(
      (component) => {
        loaded = component;
      },
      (error: unknown) => {
        loading = null; // the next one who asks tries again
        throw error;
      },
    );
    return loading;
  };

  function Later(props: P): JSX.Element {
    const [, redraw] = useState({});
    const [failure, setFailure] = useState<unknown>(null);
    useEffect(() => {
      if (loaded === null) fetchOnce().then(() => redraw({}), setFailure);
    }, []);
    if (failure !== null) throw failure;
    const Screen = loaded;
    return Screen === null ? <Loading /> : <Screen {...props} />;
  }
  Later.preload = (): void => void fetchOnce().catch(() => undefined);
  return Later;
}

export function Loading(): JSX.Element {
  return (
    <main class="app-loading" id="main">
      <Spinner />
    </main>
  );
}

/** Never a blank page: what breaks inside is told, with a way on. */
export class Boundary extends Component<{ children: ComponentChildren }, { broken: boolean }> {
  override state = { broken: false };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ broken: true });
  }

  override render(): ComponentChildren {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken(): JSX.Element {
  const t = useT();
  return (
    <main class="page page-narrow" id="main">
      <EmptyState
        icon="warning"
        title={t("broken.title")}
        whole
        action={
          <Button kind="primary" icon="retry" onClick={() => location.reload()}>
            {t("broken.reload")}
          </Button>
        }
      >
        {t("broken.text")}
      </EmptyState>
    </main>
  );
}
