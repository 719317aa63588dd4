import { useQuery } from "@tanstack/react-query";

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
