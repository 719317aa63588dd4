import { X } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";

interface Toast {
  id: number;
  text: string;
}

const Context = createContext<(text: string) => void>(() => undefined);

/** Says something in passing: read out politely, gone after some seconds. */
export function useToast(): (text: string) => void {
  return useContext(Context);
}

export function Toasts({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Toast[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => setShown((all) => all.filter((toast) => toast.id !== id)), []);
  const say = useCallback((text: string) => {
    const id = next.current++;
    setShown((all) => [...all.slice(-2), { id, text }]);
    window.setTimeout(() => drop(id), 6000);
  }, [drop]);
  const value = useMemo(() => say, [say]);
  return (
    <Context.Provider value={value}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {shown.map((toast) => (
          <div className="toast" key={toast.id}>
            <span className="grow">{toast.text}</span>
            <button type="button" aria-label="Dismiss" onClick={() => drop(toast.id)}><X size={15} aria-hidden /></button>
          </div>
        ))}
      </div>
    </Context.Provider>
  );
}
