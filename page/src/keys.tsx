/** Keys of a page: one table that acts and that `?` shows. */
import { useEffect, useRef } from "preact/hooks";
import { Dialog } from "./dialog";

export interface Key {
  keys: string[];
  does: string;
  act: () => void;
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  );
}

export function useKeys(table: Key[]): void {
  const now = useRef(table);
  now.current = table;
  useEffect(() => {
    // Before the viewer, which has keys of its own.
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector("dialog[open]") !== null) return;
      if (typing(event.target)) {
        if (event.key === "Escape") (event.target as HTMLElement).blur();
        return;
      }
      const found = now.current.find((key) => key.keys.includes(event.key));
      if (found === undefined) {
        if (event.target instanceof HTMLCanvasElement) event.stopPropagation();
        return;
      }
      // A button that has the focus is pressed by Enter and space as everywhere.
      if (event.target instanceof HTMLButtonElement && (event.key === "Enter" || event.key === " ")) return;
      event.preventDefault();
      event.stopPropagation();
      found.act();
    };
    addEventListener("keydown", pressed, true);
    return () => removeEventListener("keydown", pressed, true);
  }, []);
}

const SHOWN: Record<string, string> = {
  ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", " ": "space",
  PageUp: "page ↑", PageDown: "page ↓",
};

export function KeyHelp(props: { table: Key[]; onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={props.onClose}>
      <dl class="keys">
        {props.table.map((key) => (
          <div key={key.does}>
            <dt>
              {key.keys.map((name) => (
                <kbd key={name}>{SHOWN[name] ?? name}</kbd>
              ))}
            </dt>
            <dd>{key.does}</dd>
          </div>
        ))}
      </dl>
      <div class="row end">
        <button type="button" class="main" onClick={props.onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
