import { useCallback, useEffect, useState } from "react";

export type Theme = "light" | "dark";

const KEY = "personae.theme";

function preferred(): Theme {
  const kept = localStorage.getItem(KEY);
  if (kept === "light" || kept === "dark") return kept;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Sets the theme before anything is drawn. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = preferred();
}

/** The theme, which follows the system until the user picks one. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(preferred);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  useEffect(() => {
    const query = window.matchMedia("(prefers-color-scheme: dark)");
    const follow = () => setTheme(preferred());
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  const flip = useCallback(() => {
    setTheme((now) => {
      const next = now === "dark" ? "light" : "dark";
      localStorage.setItem(KEY, next);
      return next;
    });
  }, []);
  return [theme, flip];
}
