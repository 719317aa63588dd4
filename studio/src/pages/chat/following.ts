import { type RefObject, useCallback, useEffect, useRef } from "react";

const NEAR = 260;

/**
 * Keeps the end of a thread in view while it grows: at first, and from each time on that the function it gives is called, until
 * somebody scrolls up or does something in the thread.
 */
export function useFollowing(thread: RefObject<HTMLElement | null>, isThere: boolean): () => void {
  const isFollowing = useRef(true);
  const toEnd = () => window.scrollTo({ top: document.documentElement.scrollHeight });
  useEffect(() => {
    const element = thread.current;
    if (!element) return;
    const isNear = () => window.innerHeight + window.scrollY > document.documentElement.scrollHeight - NEAR;
    const leave = () => { isFollowing.current = false; };
    let last = window.scrollY;
    const scroll = () => {
      const now = window.scrollY;
      if (now < last - 4) isFollowing.current &&= isNear(); // a page that got shorter has not been scrolled
      else if (now > last + 4 && isNear()) isFollowing.current = true;
      last = now;
    };
    const grow = new ResizeObserver(() => { if (isFollowing.current) toEnd(); });
    grow.observe(element);
    element.addEventListener("pointerdown", leave);
    element.addEventListener("keydown", leave);
    window.addEventListener("scroll", scroll, { passive: true });
    return () => {
      grow.disconnect();
      element.removeEventListener("pointerdown", leave);
      element.removeEventListener("keydown", leave);
      window.removeEventListener("scroll", scroll);
    };
  }, [thread, isThere]);
  return useCallback(() => { isFollowing.current = true; toEnd(); }, []);
}
