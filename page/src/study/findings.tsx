/** The findings one below the other, each with its decision. */
import { useEffect, useRef } from "preact/hooks";
import type { Decision, Finding } from "../api";
import { percent, REASONS } from "../words";

export interface Shown {
  number: number;
  finding: Finding | null;
}

export function Findings(props: {
  shown: Shown[];
  decisions: Record<string, Decision>;
  chosen: number | null;
  asking: number | null;
  locked: boolean;
  onChoose: (number: number) => void;
  onAccept: (number: number) => void;
  onReject: (number: number, reason: string) => void;
  onAsk: (number: number | null) => void;
  onComment: (number: number, comment: string) => void;
}) {
  return (
    <ol class="findings" aria-label="Findings">
      {props.shown.map((one) => (
        <One key={one.number} one={one} {...props} />
      ))}
    </ol>
  );
}

function One(props: Parameters<typeof Findings>[0] & { one: Shown }) {
  const { number, finding } = props.one;
  const decision = props.decisions[String(number)];
  const chosen = props.chosen === number;
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (chosen) item.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <li
      ref={item}
      class={`finding ${chosen ? "chosen" : ""} ${decision?.choice ?? "open"}`}
      aria-current={chosen}
    >
      <button type="button" class="jump" onClick={() => props.onChoose(number)}>
        <span class={`tag colour${(number - 1) % 6}`}>{number}</span>
        <span class="place">{finding?.place ?? "added by the reader"}</span>
        {finding && <span class="probability">{percent(finding.probability)}</span>}
        {finding && (
          <span class="measures">
            {Math.round(finding.extent_mm)} mm · {finding.volume_ml.toFixed(1)} ml · ⌀{" "}
            {finding.diameter_mm.toFixed(0)} mm · {finding.occlusion} · {finding.level}
          </span>
        )}
      </button>
      <div class="decide">
        <button
          type="button"
          class="accept"
          disabled={props.locked}
          aria-pressed={decision?.choice === "accepted"}
          onClick={() => props.onAccept(number)}
        >
          accept
        </button>
        <button
          type="button"
          class="reject"
          disabled={props.locked}
          aria-pressed={decision?.choice === "rejected"}
          aria-expanded={props.asking === number}
          onClick={() => props.onAsk(props.asking === number ? null : number)}
        >
          {decision?.choice === "rejected"
            ? `rejected: ${REASONS.find(([code]) => code === decision.reason)?.[1] ?? ""}`
            : "reject…"}
        </button>
      </div>
      {props.asking === number && (
        <div class="reasons" role="group" aria-label="Reason for rejecting">
          {REASONS.map(([code, text], index) => (
            <button type="button" key={code} onClick={() => props.onReject(number, code)}>
              <kbd>{index + 1}</kbd> {text}
            </button>
          ))}
        </div>
      )}
      {decision !== undefined && (chosen || decision.comment !== "") && (
        <input
          class="remark"
          aria-label={`Comment on finding ${number}`}
          placeholder="comment"
          maxLength={2000}
          disabled={props.locked}
          value={decision.comment}
          onChange={(event) => props.onComment(number, event.currentTarget.value)}
        />
      )}
    </li>
  );
}
