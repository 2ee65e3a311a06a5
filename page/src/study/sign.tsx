import { useState } from "preact/hooks";
import { Dialog } from "../dialog";

const ME = "deepvein:signer";

interface Signer {
  family_name: string;
  given_name: string;
  organization: string;
}

function remembered(): Signer {
  try {
    return JSON.parse(localStorage.getItem(ME) ?? "") as Signer;
  } catch {
    return { family_name: "", given_name: "", organization: "" };
  }
}

export function SignDialog(props: {
  shown: number;
  rejected: number;
  open: number;
  verdict: string;
  verdicts: Record<string, string>;
  onVerdict: (verdict: string) => void;
  onSign: (who: Signer) => Promise<void>;
  onClose: () => void;
}) {
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const me = remembered();
  const follows = props.shown > 0 ? "suspected" : "not_suspected";
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const who: Signer = {
      family_name: String(form.get("family_name")),
      given_name: String(form.get("given_name")),
      organization: String(form.get("organization")),
    };
    localStorage.setItem(ME, JSON.stringify(who));
    setBusy(true);
    setTrouble("");
    try {
      await props.onSign(who);
      props.onClose();
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  }
  return (
    <Dialog title="Sign" onClose={busy ? undefined : props.onClose}>
      <p>
        <strong>{props.verdicts[props.verdict || follows]}</strong>: {props.shown} kept,{" "}
        {props.rejected} rejected. A verified report and the corrected masks are written and sent.
      </p>
      {props.open > 0 && (
        <p role="alert" class="trouble">
          {props.open} findings have no decision yet.
        </p>
      )}
      <form onSubmit={submit}>
        {props.shown === 0 && (
          <label>
            Verdict
            <select
              value={props.verdict}
              onChange={(event) => props.onVerdict(event.currentTarget.value)}
            >
              <option value="">{props.verdicts.not_suspected}</option>
              <option value="not_assessable">{props.verdicts.not_assessable}</option>
            </select>
          </label>
        )}
        <div class="pair">
          <label>
            Family name
            <input name="family_name" required maxLength={64} defaultValue={me.family_name} autofocus />
          </label>
          <label>
            Given name
            <input name="given_name" maxLength={64} defaultValue={me.given_name} />
          </label>
        </div>
        <label>
          Organization
          <input name="organization" required maxLength={64} defaultValue={me.organization} />
        </label>
        {trouble && (
          <p role="alert" class="trouble">
            {trouble}
          </p>
        )}
        <div class="row end">
          <button type="button" disabled={busy} onClick={props.onClose}>
            Cancel
          </button>
          <button type="submit" class="main" disabled={busy || props.open > 0}>
            {busy ? "Signing…" : "Sign"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
