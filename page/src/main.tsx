import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { logOut, onSession, resume, type Session } from "./api";
import { Dashboard } from "./dashboard";
import { Login } from "./login";
import { useAddress, Link } from "./route";
import { StudyPage } from "./study/page";
import { Worklist } from "./worklist";
import "./style.css";

function theme(): string {
  return localStorage.getItem("deepvein:theme") ?? "dark";
}

function App() {
  const [session, setSession] = useState<Session | null>(null);
  const [asked, setAsked] = useState(false);
  const [known, setKnown] = useState(false);
  const [look, setLook] = useState(theme());
  const address = useAddress();
  useEffect(() => {
    const stop = onSession((now) => {
      setSession(now);
      setAsked(true);
      if (now !== null) setKnown(true);
    });
    void resume();
    return stop;
  }, []);
  useEffect(() => {
    document.documentElement.dataset.theme = look;
    localStorage.setItem("deepvein:theme", look);
  }, [look]);
  const study = /^\/studies\/(\d+)$/.exec(address);
  return (
    <>
      {known && (
        <header class="top">
          <nav aria-label="Pages">
            <Link href="/" class="brand">
              deepvein
            </Link>
            <Link href="/" current={address === "/"}>
              Work list
            </Link>
            <Link href="/dashboard" current={address === "/dashboard"}>
              Dashboard
            </Link>
          </nav>
          <span class="notice">research use only</span>
          <span class="who">
            <button
              type="button"
              class="quiet"
              onClick={() => setLook(look === "dark" ? "light" : "dark")}
              aria-label={look === "dark" ? "Light theme" : "Dark theme"}
            >
              {look === "dark" ? "☀" : "☾"}
            </button>
            {session?.name}
            <button type="button" class="quiet" onClick={() => void logOut()}>
              Log out
            </button>
          </span>
        </header>
      )}
      {/* What is open stays open below the log-in, and goes on after it. */}
      {known &&
        (study ? (
          <StudyPage key={study[1]} id={Number(study[1])} />
        ) : address === "/dashboard" ? (
          <Dashboard />
        ) : (
          <Worklist />
        ))}
      {asked && session === null && <Login again={known} />}
    </>
  );
}

render(<App />, document.getElementById("page")!);
