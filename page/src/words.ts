/** How values are said. */

export function person(name: string): string {
  const [family = "", given = ""] = name.split("^");
  return given ? `${family}, ${given}` : family || "—";
}

export function day(date: string): string {
  return /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date || "—";
}

/** A reason without the names of folders and files, which are UIDs: what is wrong comes first. */
export function brief(reason: string): string {
  return reason.replace(/ in \d+(\.\d+){4,}/g, "").replace(/\d+(\.\d+){4,}(\.dcm)?/g, "an image");
}

/** An LPS position as radiologists say it. */
export function where([x, y, z]: [number, number, number]): string {
  const said = (value: number, more: string, less: string) =>
    `${value < 0 ? less : more} ${Math.abs(value).toFixed(1)}`;
  return `${said(x, "L", "R")} ${said(y, "P", "A")} ${said(z, "S", "I")} mm`;
}

export function percent(share: number | null): string {
  return share === null ? "—" : `${Math.round(100 * share)} %`;
}

export function ago(moment: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(moment)) / 60000));
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / 1440)} d`;
}

export function ageAndSex(age: number | null, sex: string): string {
  return [age === null ? "" : `${age} y`, sex].filter((part) => part !== "").join(" · ") || "—";
}

export const STATUS: Record<string, string> = {
  receiving: "receiving",
  queued: "queued",
  running: "running",
  screened: "to read",
  reviewed: "signed",
  failed: "failed",
  left_out: "left out",
};

export const PRIORITY: Record<number, string> = { 0: "stat", 1: "routine", 2: "off-peak" };

export const VERDICT: Record<string, string> = {
  suspected: "DVT suspected",
  not_suspected: "no DVT found",
  not_assessable: "cannot be assessed",
};

export const REASONS: [string, string][] = [
  ["mixing", "mixing of blood and contrast"],
  ["artefact", "artefact"],
  ["not_a_vein", "not a deep vein"],
  ["chronic", "old wall changes"],
  ["too_faint", "not convincing"],
  ["other", "other"],
];

/** A sentence of the server's, which begins in lower case, as it stands alone. */
export function sentence(text: string): string {
  return text && text[0]!.toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}
