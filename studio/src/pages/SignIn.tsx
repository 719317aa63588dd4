import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, type Problem } from "../api/client";
import { forgetOthers } from "../api/session";
import type { Session } from "../api/types";
import { Button, Fault, TextField } from "../ui/controls";

/** Asked for where the server is open to other machines. */
export function SignIn() {
  const client = useQueryClient();
  const [key, setKey] = useState("");
  const enter = useMutation<Session, Problem>({
    mutationFn: () => api.post<Session>("/api/session", { key: key.trim() }),
    onSuccess: (session) => { forgetOthers(client); client.setQueryData(["session"], session); },
  });
  return (
    <main className="page" style={{ maxWidth: 460, paddingTop: "12vh" }}>
      <div className="row"><img src="/icon.svg" alt="" width={34} height={34} /><h1>personae studio</h1></div>
      <form className="card pad stack" onSubmit={(event) => { event.preventDefault(); enter.mutate(); }}>
        <TextField label="Key" type="password" autoComplete="current-password" value={key} onText={setKey} required hint="Whoever runs this server makes keys; it begins with the letters they told you." />
        {enter.error ? <Fault problem={enter.error} /> : null}
        <Button kind="primary" type="submit" disabled={!key.trim() || enter.isPending}>Enter</Button>
      </form>
    </main>
  );
}
