/** The node's HTTP interface. A call that finds nobody logged in waits until somebody is, so nothing is lost. */

export interface Session {
  name: string;
  role: string;
  csrf: string;
}

export interface Listed {
  id: number;
  study_uid: string;
  patient_id: string;
  patient_name: string;
  sex: string;
  age: number | null;
  accession_number: string;
  study_date: string;
  description: string;
  status: string;
  reason: string;
  received: string;
  priority: number | null;
  verdict: string | null;
  probability: number | null;
  findings: number | null;
  places: string | null;
  extent_mm: number | null;
  review: string;
  reviewer: string;
  deliveries: Record<string, string>;
}

export interface Finding {
  number: number;
  place: string;
  side: string;
  level: string;
  extent_mm: number;
  volume_ml: number;
  diameter_mm: number;
  occlusion: string;
  probability: number;
  key_point_mm: [number, number, number];
  start_mm: number;
  end_mm: number;
}

export interface Decision {
  choice: "accepted" | "rejected";
  reason: string;
  comment: string;
}

export interface Review {
  version: number;
  number: number;
  state: "none" | "draft" | "signed";
  decisions: Record<string, Decision>;
  verdict: string;
  comment: string;
  drawn: boolean;
  changed_by: string;
  changed: string;
}

export interface View {
  shape: [number, number, number];
  affine: number[][];
  spacing_mm: [number, number, number];
  /** Voxels that one of the review volume stands for: slices, rows, columns. */
  steps: [number, number, number];
  /** Likewise of the preview; null where there is none. */
  preview: [number, number, number] | null;
  grid: string;
  window: [number, number];
  overview_mm: [number, number, number, number];
  veins: { name: string; side: string; points_mm: [number, number, number][] }[];
  slope: number;
  intercept: number;
  /** By the number of the finding; shape is plane, row, column. */
  straight: Record<
    string,
    {
      shape: [number, number, number];
      row_mm: number;
      pixel_mm: number;
      points_mm: [number, number, number][];
    }
  >;
}

export interface Result {
  verdict: string;
  verdict_text: string;
  probability: number | null;
  operating_point: { threshold: number };
  findings: Finding[];
  remarks: { code: string; text: string }[];
  profile: { positions_mm: number[]; probability: number[] };
  models: { name: string; version: string }[];
  notice: string;
  synthetic: boolean;
  modality: string;
}

export interface Study {
  id: number;
  study_uid: string;
  patient_name: string;
  patient_id: string;
  sex: string;
  age: number | null;
  study_date: string;
  description: string;
  state: string;
  reason: string;
  result: Result | null;
  view: View | null;
  review: Review;
}

/** An answer that is no success; `review` is how a review stands that somebody else changed. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly review: Review | null = null,
  ) {
    super(message);
  }
}

type Listener = (session: Session | null) => void;

const AGAIN_MS = 2000;

let session: Session | null = null;
let waiting: (() => void)[] = [];
const listeners = new Set<Listener>();

export function onSession(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(now: Session | null): void {
  session = now;
  for (const listener of listeners) listener(now);
}

async function refusal(answer: Response): Promise<Refused> {
  const said = (await answer.json().catch(() => null)) as
    | { detail?: unknown; review?: Review }
    | null;
  const detail = said?.detail;
  const text =
    typeof detail === "string"
      ? detail
      : Array.isArray(detail)
        ? detail.map((one: { msg?: string }) => one.msg ?? "").join("; ")
        : `the server answered ${answer.status}`;
  return new Refused(answer.status, text, said?.review ?? null);
}

export async function logIn(name: string, password: string): Promise<void> {
  const answer = await fetch("/api/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, password }),
  });
  if (!answer.ok) throw await refusal(answer);
  const before = session?.name ?? lastName;
  const now = (await answer.json()) as Session;
  // What another person left open is not shown to this one.
  if (before !== "" && before !== now.name) {
    location.assign("/");
    return;
  }
  lastName = now.name;
  tell(now);
  const ready = waiting;
  waiting = [];
  for (const go of ready) go();
}

let lastName = "";

export async function logOut(): Promise<void> {
  await request("/api/session", { method: "DELETE" });
  location.assign("/");
}

/** Whoever is logged in already, if anybody. */
export async function resume(): Promise<void> {
  const answer = await fetch("/api/session");
  if (answer.ok) {
    const now = (await answer.json()) as Session;
    lastName = now.name;
    tell(now);
  } else tell(null);
}

export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const headers = new Headers(init.headers);
    if (session !== null) headers.set("x-csrf-token", session.csrf);
    const answer = await fetch(path, { ...init, headers }).catch(() => null);
    if (answer === null) {
      // The network is away; what was asked waits for it.
      await new Promise((go) => setTimeout(go, AGAIN_MS));
      continue;
    }
    // 403: another window logged in anew, so that this one's token is an old one.
    if (answer.status !== 401 && !(answer.status === 403 && init.method)) {
      if (!answer.ok) throw await refusal(answer);
      return answer;
    }
    if (answer.status === 403) {
      const before: string = session?.csrf ?? "";
      await resume();
      const after: string = (session as Session | null)?.csrf ?? "";
      if (after === before) throw await refusal(answer);
      continue;
    }
    await new Promise<void>((go) => {
      waiting.push(go);
      tell(null);
    });
  }
}

export async function getJson<T>(path: string): Promise<T> {
  return (await (await request(path)).json()) as T;
}

export async function getBytes(path: string): Promise<ArrayBuffer> {
  return await (await request(path)).arrayBuffer();
}

export async function sendJson<T>(method: string, path: string, body: unknown): Promise<T> {
  const answer = await request(path, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as T;
}
