/** Saves a review in order, one change after the other, each on the version that the last one came to. */
import { getBytes, Refused, request, sendJson, type Decision, type Review } from "../api";
import { drop, keep, pack, toBytes, toText, unpack, type Draft } from "./draft";

export interface Words {
  decisions: Record<string, Decision>;
  verdict: string;
  comment: string;
}

/** Whether the server has all that a draft says: it came, but its answer did not. */
export async function arrivedBefore(id: number, draft: Draft, now: Review): Promise<boolean> {
  const { words, slab } = draft;
  if (words !== undefined) {
    const said = { decisions: now.decisions, verdict: now.verdict, comment: now.comment };
    if (plain(said) !== plain(words)) return false;
  }
  if (slab === undefined) return true;
  const there = new Uint8Array(
    await getBytes(`/api/studies/${id}/marks/review?first=${slab.first}&last=${slab.last}`),
  );
  const here = await unpack(toBytes(slab.packed));
  return here.length === there.length && here.every((label, at) => label === there[at]);
}

function plain(words: Words): string {
  const decisions = Object.entries(words.decisions)
    .map(([number, one]) => [number, one.choice, one.reason, one.comment])
    .sort();
  return JSON.stringify([decisions, words.verdict, words.comment]);
}

export class Keeper {
  private last: Promise<void> = Promise.resolve();
  private draft: Draft;
  private packing: Promise<void> = Promise.resolve();
  private stopped = false;
  private open = 0;

  constructor(
    private readonly id: number,
    private readonly study_uid: string,
    private readonly grid: string,
    private review: Review,
    private readonly tell: (review: Review, state: "saved" | "saving" | "conflict", why: string) => void,
  ) {
    this.draft = { grid, version: review.version };
  }

  /** Save decisions, verdict and comment. */
  words(words: Words): void {
    this.draft.words = words;
    this.remember();
    this.enqueue(async () => {
      const sent = this.draft.words;
      if (sent === undefined) return;
      const review = await sendJson<Review>("PUT", `/api/studies/${this.id}/review`, {
        version: this.review.version,
        ...sent,
      });
      this.arrived(review);
      if (this.draft.words === sent) delete this.draft.words;
    });
  }

  /**
   * Save the labels of slices of the full image. They hold all that the server has not said yes to, so that
   * the last ones kept here are enough; `arrived` is called when it has.
   */
  async slab(first: number, bytes: Uint8Array, slices: number, arrived: () => void): Promise<void> {
    // One after the other: of two that are packed at once the smaller, later one might be done first.
    this.packing = this.packing.then(async () => {
      const packed = await pack(bytes);
      const slab = { first, last: first + slices, packed: toText(packed) };
      this.draft.slab = slab;
      this.remember();
      this.enqueue(async () => {
        await this.send(slab, packed);
        arrived();
      });
    });
    await this.packing;
  }

  /** Send again what an earlier page had kept. */
  again(draft: Draft): void {
    this.draft = { ...draft };
    if (draft.slab !== undefined) {
      const slab = draft.slab;
      this.enqueue(() => this.send(slab, toBytes(slab.packed)));
    }
    if (draft.words !== undefined) this.words(draft.words);
  }

  private async send(slab: NonNullable<Draft["slab"]>, packed: Uint8Array): Promise<void> {
    const asked = new URLSearchParams({
      version: String(this.review.version),
      first: String(slab.first),
      last: String(slab.last),
      grid: this.grid,
    });
    const answer = await request(`/api/studies/${this.id}/review/marks?${asked}`, {
      method: "PUT",
      headers: { "content-type": "application/octet-stream" },
      body: packed as BodyInit,
    });
    this.arrived((await answer.json()) as Review);
    if (this.draft.slab === slab) delete this.draft.slab;
  }

  /** Once all that was given so far is saved, or cannot be. */
  async settled(): Promise<void> {
    await this.packing;
    await this.last;
  }

  /** Sign once all is saved; the promise fails with the server's reason. */
  async sign(who: { family_name: string; given_name: string; organization: string }): Promise<void> {
    await this.settled();
    if (this.stopped) throw new Error("the review changed meanwhile: load the page again");
    const review = await sendJson<Review>("POST", `/api/studies/${this.id}/review/sign`, {
      version: this.review.version,
      ...who,
    });
    this.arrived(review);
    this.tell(review, "saved", "");
  }

  async reopen(): Promise<void> {
    await this.settled();
    const review = await sendJson<Review>("POST", `/api/studies/${this.id}/review/reopen`, {
      version: this.review.version,
    });
    this.arrived(review);
    this.tell(review, "saved", "");
  }

  private arrived(review: Review): void {
    this.review = review;
    this.draft.version = review.version;
  }

  private remember(): void {
    keep(this.study_uid, this.draft);
    this.tell(this.review, "saving", "");
  }

  private enqueue(change: () => Promise<void>): void {
    this.open += 1;
    this.last = this.last.then(async () => {
      if (this.stopped) return;
      try {
        await change();
        this.open -= 1;
        if (this.open > 0) return;
        if (this.draft.slab === undefined && this.draft.words === undefined) drop(this.study_uid);
        this.tell(this.review, "saved", "");
      } catch (error) {
        if (error instanceof Refused && error.review !== null && error.review.state !== "signed") {
          if (await arrivedBefore(this.id, this.draft, error.review).catch(() => false)) {
            this.arrived(error.review);
            this.draft = { grid: this.grid, version: error.review.version };
            this.open -= 1;
            if (this.open > 0) return;
            drop(this.study_uid);
            this.tell(this.review, "saved", "");
            return;
          }
        }
        this.stopped = true;
        const why = error instanceof Error ? error.message : String(error);
        const now = error instanceof Refused && error.review !== null ? error.review : this.review;
        this.tell(now, "conflict", why);
      }
    });
  }
}
