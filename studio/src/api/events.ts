import { useEffect, useRef, useState } from "react";

/** Listens to server-sent events for as long as it is enabled; gives whether the line is up. */
export function useEvents(url: string, enabled: boolean, handlers: Record<string, (data: unknown) => void>): boolean {
  const [isUp, setUp] = useState(false);
  const latest = useRef(handlers);
  latest.current = handlers;
  const names = Object.keys(handlers).join(" ");
  useEffect(() => {
    if (!enabled) return;
    const source = new EventSource(url);
    source.onopen = () => setUp(true);
    source.onerror = () => setUp(false);
    for (const name of names.split(" ")) {
      source.addEventListener(name, (event) => latest.current[name]?.(JSON.parse((event as MessageEvent<string>).data)));
    }
    source.addEventListener("end", () => source.close());
    return () => { source.close(); setUp(false); };
  }, [url, enabled, names]);
  return isUp;
}
