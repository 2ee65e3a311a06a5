/** Addresses of the page without loading it anew. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

const MOVED = "deepvein:moved";

export function go(href: string): void {
  history.pushState(null, "", href);
  dispatchEvent(new Event(MOVED));
}

export function useAddress(): string {
  const [address, setAddress] = useState(location.pathname);
  useEffect(() => {
    const moved = () => setAddress(location.pathname);
    addEventListener(MOVED, moved);
    addEventListener("popstate", moved);
    return () => {
      removeEventListener(MOVED, moved);
      removeEventListener("popstate", moved);
    };
  }, []);
  return address;
}

export function Link(props: {
  href: string;
  class?: string;
  current?: boolean;
  /** For screen readers, where the link shows a sign alone. */
  label?: string;
  children: ComponentChildren;
}) {
  return (
    <a
      href={props.href}
      class={props.class}
      aria-label={props.label}
      aria-current={props.current ? "page" : undefined}
      onClick={(event: MouseEvent) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(props.href);
      }}
    >
      {props.children}
    </a>
  );
}
