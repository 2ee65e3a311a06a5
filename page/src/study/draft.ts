/**
 * What was changed and has not reached the server yet, kept in the browser until it has: the end of a
 * session, a reload or a broken network lose nothing.
 */
import type { Decision } from "../api";

export interface Slab {
  first: number;
  last: number;
  /** zlib-compressed labels, base64. */
  packed: string;
}

export interface Draft {
  grid: string;
  version: number;
  words?: { decisions: Record<string, Decision>; verdict: string; comment: string };
  slab?: Slab;
}

const key = (study_uid: string) => `deepvein:draft:${study_uid}`;

export function keep(study_uid: string, draft: Draft): void {
  localStorage.setItem(key(study_uid), JSON.stringify(draft));
}

export function kept(study_uid: string): Draft | null {
  try {
    return JSON.parse(localStorage.getItem(key(study_uid)) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

export function drop(study_uid: string): void {
  localStorage.removeItem(key(study_uid));
}

/** First and one past the last slice in which two label volumes differ; null for none. */
export function changedSlices(
  before: Uint8Array,
  after: Uint8Array,
  slice: number,
): [number, number] | null {
  let first = -1;
  for (let at = 0; at < after.length; at++)
    if (before[at] !== after[at]) {
      first = Math.floor(at / slice);
      break;
    }
  if (first < 0) return null;
  let end = after.length - 1;
  while (before[end] === after[end]) end--;
  return [first, Math.floor(end / slice) + 1];
}

export async function pack(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function unpack(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([packed as BlobPart]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export function toText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

export function toBytes(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
