import { useEffect, useRef, useState } from "preact/hooks";
import { request, type Listed } from "./api";
import { KeyHelp, useKeys, type Key } from "./keys";
import { go, Link } from "./route";
import { ageAndSex, ago, brief, day, percent, person, PRIORITY, STATUS } from "./words";

const PAGE = 50;

const COLUMNS: [string, string | null][] = [
  ["State", null],
  ["Probability", "probability"],
  ["Where", null],
  ["Extent", null],
  ["Patient", "patient"],
  ["Age · sex", null],
  ["Study", "date"],
  ["Priority", null],
  ["Waiting", "newest"],
  ["Reader", null],
];

export function Worklist() {
  const [page, setPage] = useState<Listed[] | null>(null);
  const [total, setTotal] = useState(0);
  const [status, setStatus] = useState("");
  const [search, setSearch] = useState("");
  const [order, setOrder] = useState("urgency");
  const [ascending, setAscending] = useState(false);
  const [offset, setOffset] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [changes, setChanges] = useState(0);
  const [help, setHelp] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Work list · deepvein";
    const events = new EventSource("/api/events");
    events.addEventListener("changed", () => setChanges((count) => count + 1));
    return () => events.close();
  }, []);
  useEffect(() => {
    let gone = false;
    const asked = new URLSearchParams({
      order, search, ascending: String(ascending), offset: String(offset), limit: String(PAGE),
    });
    if (status) asked.set("status", status);
    const timer = setTimeout(async () => {
      const answer = await request(`/api/studies?${asked}`);
      const found = (await answer.json()) as Listed[];
      if (gone) return;
      setPage(found);
      setTotal(Number(answer.headers.get("x-total-count") ?? found.length));
    }, 120);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [order, ascending, search, status, offset, changes]);
  const rows = page ?? [];
  const at = Math.min(chosen, Math.max(0, rows.length - 1));
  const table: Key[] = [
    { keys: ["ArrowDown", "j"], does: "next study", act: () => setChosen(Math.min(at + 1, rows.length - 1)) },
    { keys: ["ArrowUp", "k"], does: "study before", act: () => setChosen(Math.max(at - 1, 0)) },
    { keys: ["Enter", "o"], does: "open the study", act: () => rows[at] && go(`/studies/${rows[at].id}`) },
    { keys: ["/"], does: "search", act: () => box.current?.focus() },
    { keys: ["PageDown"], does: "next page", act: () => offset + PAGE < total && setOffset(offset + PAGE) },
    { keys: ["PageUp"], does: "page before", act: () => setOffset(Math.max(0, offset - PAGE)) },
    { keys: ["?"], does: "show the keys", act: () => setHelp(true) },
  ];
  useKeys(table);
  function sortBy(column: string): void {
    if (order === column) {
      if (ascending) setOrder("urgency");
      setAscending(!ascending);
    } else {
      setOrder(column);
      setAscending(false);
    }
    setOffset(0);
  }
  return (
    <main class="list">
      <div class="tools">
        <h1>Work list</h1>
        <input
          ref={box}
          type="search"
          placeholder="Search name, number, place"
          aria-label="Search"
          value={search}
          onInput={(event) => {
            setSearch(event.currentTarget.value);
            setOffset(0);
          }}
        />
        <div class="chips" role="group" aria-label="Show">
          {["", ...Object.keys(STATUS)].map((name) => (
            <button
              type="button"
              key={name}
              aria-pressed={status === name}
              onClick={() => {
                setStatus(name);
                setOffset(0);
              }}
            >
              {name === "" ? "all" : STATUS[name]}
            </button>
          ))}
        </div>
        <span class="count" aria-live="polite">
          {page === null ? "loading…" : `${total} ${total === 1 ? "study" : "studies"}`}
        </span>
      </div>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              {COLUMNS.map(([name, key]) => (
                <th
                  key={name}
                  scope="col"
                  aria-sort={order !== key ? undefined : ascending ? "ascending" : "descending"}
                >
                  {key === null ? (
                    name
                  ) : (
                    <button type="button" class="sort" onClick={() => sortBy(key)}>
                      {name} {order === key ? (ascending ? "↑" : "↓") : ""}
                    </button>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((study, index) => (
              <Row
                key={study.id}
                study={study}
                chosen={index === at}
                onPoint={() => setChosen(index)}
              />
            ))}
          </tbody>
        </table>
        {page !== null && rows.length === 0 && (
          <p class="empty">{search || status ? "No study fits." : "No study has arrived yet."}</p>
        )}
      </div>
      <footer class="pager">
        <button type="button" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE))}>
          ‹ before
        </button>
        <span>
          {total === 0 ? 0 : offset + 1}–{Math.min(offset + PAGE, total)} of {total}
        </span>
        <button type="button" disabled={offset + PAGE >= total} onClick={() => setOffset(offset + PAGE)}>
          next ›
        </button>
        <button type="button" class="quiet" onClick={() => setHelp(true)}>
          <kbd>?</kbd> keys
        </button>
      </footer>
      {help && <KeyHelp table={table} onClose={() => setHelp(false)} />}
    </main>
  );
}

function Row(props: { study: Listed; chosen: boolean; onPoint: () => void }) {
  const { study } = props;
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (props.chosen) row.current?.scrollIntoView({ block: "nearest" });
  }, [props.chosen]);
  const urgent = study.status === "screened" && study.verdict === "DVT suspected";
  return (
    <tr
      ref={row}
      class={[props.chosen ? "chosen" : "", urgent ? "urgent" : "", study.status].join(" ")}
      aria-selected={props.chosen}
      onMouseDown={props.onPoint}
      onDblClick={() => go(`/studies/${study.id}`)}
    >
      <td>
        <span class={`state ${study.status}`}>{STATUS[study.status] ?? study.status}</span>
      </td>
      <td class="number">
        {study.probability !== null && (
          <span class="meter" aria-hidden="true">
            <span style={{ width: `${100 * study.probability}%` }} />
          </span>
        )}
        {percent(study.probability)}
      </td>
      {study.status === "failed" || study.status === "left_out" ? (
        <td class="long where muted" colSpan={2} title={study.reason}>
          {brief(study.reason)}
        </td>
      ) : (
        <>
          <td class="long where" title={study.places ?? ""}>
            {study.places || <span class="muted">{study.verdict === "no DVT found" ? "none" : study.verdict || "—"}</span>}
          </td>
          <td class="number">{study.extent_mm === null ? "—" : `${Math.round(study.extent_mm / 10)} cm`}</td>
        </>
      )}
      <td class="long who" title={`${person(study.patient_name)} ${study.patient_id}`}>
        <Link href={`/studies/${study.id}`} class="patient">
          {person(study.patient_name)}
        </Link>
        <span class="muted"> {study.patient_id}</span>
      </td>
      <td class="number">{ageAndSex(study.age, study.sex)}</td>
      <td class="long" title={study.description}>
        {day(study.study_date)} <span class="muted">{study.description}</span>
      </td>
      <td>{study.priority === null ? "—" : PRIORITY[study.priority] ?? study.priority}</td>
      <td class="number">{ago(study.received, Date.now())}</td>
      <td class="muted">{study.review === "" ? "" : `${study.reviewer} (${study.review})`}</td>
    </tr>
  );
}
