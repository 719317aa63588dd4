import { type QueryClient, useQuery } from "@tanstack/react-query";

import { api, type Problem } from "./client";
import type { Session } from "./types";

export function useSession() {
  return useQuery<Session, Problem>({ queryKey: ["session"], queryFn: () => api.get<Session>("/api/session"), staleTime: 60_000 });
}

/** Models as choices of a select. */
export function modelOptions(session: Session | undefined): [string, string][] {
  return (session?.models ?? []).map((model) => [model.name, model.is_simulated ? `${model.name} (simulated)` : model.name]);
}

export function isSimulated(session: Session | undefined, model: string | null | undefined): boolean {
  return session?.models.some((known) => known.name === model && known.is_simulated) ?? false;
}

/** Drops all that was read and typed by whoever used this browser before; how it shows the studio stays. */
export function forgetOthers(client: QueryClient): void {
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  for (const key of Object.keys(localStorage)) if (/^personae\.(said|draft|take\.self)\./.test(key)) localStorage.removeItem(key);
}
