/** Beside the images: findings with their decisions, remarks, comment and signature. */
import type { Result } from "../api";
import type { Choice } from "./choice";
import { Findings } from "./findings";
import type { Reviewing } from "./review";

export function Side(props: {
  result: Result;
  review: Reviewing;
  choice: Choice;
  onAdd: () => void;
  onSign: () => void;
}) {
  const { review, choice } = props;
  const { locked, words } = review;
  return (
    <section class="side" aria-label="Findings and review">
      <Findings
        shown={choice.shown}
        decisions={words.decisions}
        chosen={choice.chosen}
        asking={choice.asking}
        locked={locked}
        onChoose={choice.choose}
        onAccept={choice.accept}
        onReject={choice.reject}
        onAsk={choice.ask}
        onComment={choice.comment}
      />
      {choice.shown.length === 0 && (
        <p class="empty">
          {props.result.verdict === "suspected"
            ? "No single thrombus was marked; the suspicion is of the study as a whole."
            : "No thrombus was marked."}
        </p>
      )}
      <button type="button" class="add" disabled={locked} onClick={props.onAdd}>
        <kbd>+</kbd> add a missed thrombus
      </button>
      <Remarks remarks={props.result.remarks} />
      <label class="comment">
        Comment
        <textarea
          id="comment"
          rows={3}
          maxLength={2000}
          disabled={locked}
          value={words.comment}
          onChange={(event) => review.change({ ...words, comment: event.currentTarget.value })}
        />
      </label>
      <div class="sign">
        {review.review.state === "signed" ? (
          <button type="button" onClick={review.reopen}>
            Amend
          </button>
        ) : (
          <button type="button" class="main" disabled={locked || choice.open > 0} onClick={props.onSign}>
            {choice.open > 0 ? `${choice.open} to decide` : "Sign"} {choice.open === 0 && <kbd>s</kbd>}
          </button>
        )}
      </div>
    </section>
  );
}

function Remarks({ remarks }: { remarks: Result["remarks"] }) {
  if (remarks.length === 0) return null;
  return (
    <details class="remarks">
      <summary>
        {remarks.length} {remarks.length === 1 ? "remark" : "remarks"}
      </summary>
      <ul>
        {remarks.map((remark) => (
          <li key={remark.code + remark.text}>{remark.text}</li>
        ))}
      </ul>
    </details>
  );
}
