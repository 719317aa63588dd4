import { Button } from "./controls";

interface MoreProps {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

export function More({ list }: { list: MoreProps }) {
  if (!list.hasNextPage) return null;
  return (
    <div className="row" style={{ justifyContent: "center" }}>
      <Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>Show more</Button>
    </div>
  );
}
