import { useState } from "preact/hooks";
import { logIn } from "./api";
import { Dialog } from "./dialog";

export function Login(props: { again: boolean }) {
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    try {
      await logIn(String(form.get("name")), String(form.get("password")));
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  }
  return (
    <Dialog title={props.again ? "Log in again" : "deepvein"}>
      <p class="muted">
        {props.again
          ? "Your session has ended. Nothing is lost: the page goes on where it was."
          : "Screening of the legs for deep vein thrombosis. Research use only."}
      </p>
      <form onSubmit={submit}>
        <label>
          Name
          <input name="name" autocomplete="username" required autofocus maxLength={64} />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            maxLength={1024}
          />
        </label>
        {trouble && (
          <p role="alert" class="trouble">
            {trouble}
          </p>
        )}
        <div class="row end">
          <button type="submit" class="main" disabled={busy}>
            Log in
          </button>
        </div>
      </form>
    </Dialog>
  );
}
