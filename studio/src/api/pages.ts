import { useInfiniteQuery } from "@tanstack/react-query";

import { api, type Problem } from "./client";
import type { Page } from "./types";

type Query = Record<string, string | number | null | undefined>;

/** A paged list that grows by asking for more. */
export function usePages<T>(path: string, query: Query = {}, limit = 50, enabled = true) {
  const answer = useInfiniteQuery<Page<T>, Problem, { pages: Page<T>[] }, unknown[], string | null>({
    queryKey: [path, query, limit],
    queryFn: ({ pageParam, signal }) => api.get<Page<T>>(path, { ...query, limit, cursor: pageParam }, signal),
    initialPageParam: null,
    getNextPageParam: (last) => last.next,
    enabled,
    placeholderData: (before) => before,
  });
  const items = answer.data?.pages.flatMap((page) => page.items) ?? [];
  const total = answer.data?.pages[0]?.total ?? null;
  return { ...answer, items, total };
}
