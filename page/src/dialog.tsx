/** A dialog of the browser's own: it keeps the focus inside and closes with Escape. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

export function Dialog(props: {
  title: string;
  onClose?: () => void;
  children: ComponentChildren;
}) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    box.current?.showModal();
  }, []);
  return (
    <dialog
      ref={box}
      aria-label={props.title}
      onCancel={(event: Event) => {
        event.preventDefault();
        props.onClose?.();
      }}
      onKeyDown={(event: KeyboardEvent) => event.stopPropagation()}
    >
      <h2>{props.title}</h2>
      {props.children}
    </dialog>
  );
}
