import { X } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";

interface Act {
  label: string;
  run: () => void;
}

interface Toast {
  id: number;
  text: string;
  act?: Act | undefined;
}

type Say = (text: string, act?: Act) => void;

const Context = createContext<Say>(() => undefined);

/** Says something in passing: read out politely, gone after some seconds; with what can be done about it. */
export function useToast(): Say {
  return useContext(Context);
}

export function Toasts({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Toast[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => setShown((all) => all.filter((toast) => toast.id !== id)), []);
  const say = useCallback<Say>((text, act) => {
    const id = next.current++;
    setShown((all) => [...all.slice(-2), { id, text, act }]);
    window.setTimeout(() => drop(id), act ? 20_000 : 6000);
  }, [drop]);
  const value = useMemo(() => say, [say]);
  return (
    <Context.Provider value={value}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {shown.map((toast) => (
          <div className="toast" key={toast.id}>
            <span className="grow">{toast.text}</span>
            {toast.act ? <button type="button" className="act" onClick={() => { toast.act?.run(); drop(toast.id); }}>{toast.act.label}</button> : null}
            <button type="button" aria-label="Dismiss" onClick={() => drop(toast.id)}><X size={15} aria-hidden /></button>
          </div>
        ))}
      </div>
    </Context.Provider>
  );
}
