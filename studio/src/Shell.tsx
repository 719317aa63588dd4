import { useQueryClient } from "@tanstack/react-query";
import { ClipboardList, FlaskConical, LogOut, type LucideIcon, MessagesSquare, Moon, Scale, Sun, UserRound, Users } from "lucide-react";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";

import { api, problemOf } from "./api/client";
import { forgetOthers, useSession } from "./api/session";
import { useTheme } from "./lib/theme";
import { SignIn } from "./pages/SignIn";
import { Button, Fault } from "./ui/controls";
import { Shortcuts } from "./ui/shortcuts";

const PAGES: [path: string, title: string, icon: LucideIcon, key: string][] = [
  ["/personas", "Personas", UserRound, "p"],
  ["/chat", "Chat", MessagesSquare, "c"],
  ["/runs", "Runs", FlaskConical, "r"],
  ["/population", "People", Users, "o"],
  ["/instruments", "Tests", ClipboardList, "i"],
  ["/rating", "Rating", Scale, "t"],
];

const TITLES: Record<string, string> = { "/population": "Population", "/instruments": "Instruments" };

const Simulated = createContext<(shown: string) => void>(() => undefined);

/** Shows the SIMULATED banner for as long as the calling page says that a simulated respondent answered. */
export function useSimulated(is: boolean, what = "gave the answers on this page"): void {
  const show = useContext(Simulated);
  useEffect(() => {
    show(is ? what : "");
    return () => show("");
  }, [is, what, show]);
}

export function Shell({ children }: { children: ReactNode }) {
  const [path, go] = useLocation();
  const [theme, flip] = useTheme();
  const [simulated, setSimulated] = useState("");
  const session = useSession();
  const client = useQueryClient();

  useEffect(() => {
    const signedOut = () => void client.invalidateQueries({ queryKey: ["session"] });
    window.addEventListener("personae:signed-out", signedOut);
    return () => window.removeEventListener("personae:signed-out", signedOut);
  }, [client]);

  const signOut = async () => {
    await api.remove("/api/session");
    go("/personas");
    forgetOthers(client);
    await client.invalidateQueries({ queryKey: ["session"] });
  };

  const current = PAGES.find(([root]) => path.startsWith(root));
  useEffect(() => {
    document.title = current ? `${TITLES[current[0]] ?? current[1]} · personae studio` : "personae studio";
  }, [current]);

  if (session.data?.needs_key && session.data.user === null) return <SignIn />;

  return (
    <Simulated.Provider value={setSimulated}>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>Skip to the page</a>
      <div className="shell">
        <header className="side">
          <Link href="/personas" className="brand"><img src="/icon.svg" alt="" width={26} height={26} /><span>personae</span></Link>
          <nav className="nav" aria-label="Pages">
            {PAGES.map(([root, title, Icon]) => (
              <Link key={root} href={root} aria-current={current?.[0] === root ? "page" : undefined}>
                <Icon size={18} aria-hidden />
                <span className="nav-long">{TITLES[root] ?? title}</span>
                <span className="nav-short" aria-hidden>{title}</span>
              </Link>
            ))}
          </nav>
          <div className="foot">
            <div className="hide-narrow tiny muted stack tight">
              <span>Model <span className="mono">{session.data?.default_model ?? "…"}</span></span>
              <span>Version {session.data?.version ?? "…"}</span>
              {session.data?.needs_key && session.data.user ? <span>Signed in as {session.data.user}</span> : null}
            </div>
            <div className="row">
              {session.data?.needs_key && session.data.user ? <Button kind="quiet" small icon={LogOut} aria-label={`Sign out ${session.data.user}`} onClick={() => void signOut()} /> : null}
              <Button kind="quiet" small icon={theme === "dark" ? Sun : Moon} aria-label={theme === "dark" ? "Light theme" : "Dark theme"} onClick={flip} />
              <Shortcuts pages={PAGES.map(([root, title, , key]) => [key, TITLES[root] ?? title, () => go(root)])} />
            </div>
          </div>
        </header>
        <main className="main" id="main" tabIndex={-1}>
          {simulated ? (
            <div className="simulated" role="note">
              <strong>SIMULATED</strong>
              <span>A simulated respondent {simulated}. This says nothing about any language model.</span>
            </div>
          ) : null}
          {session.error ? <div className="page"><Fault problem={problemOf(session.error)} retry={() => void session.refetch()} /></div> : children}
        </main>
      </div>
    </Simulated.Provider>
  );
}
