import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useParams } from "wouter";

import { api, type Problem } from "../../api/client";
import type { Form, Scored } from "../../api/types";
import { keep, readKept } from "../../lib/browser";
import { Button, Fault, Hint, Waiting } from "../../ui/controls";
import { Scores } from "./Scores";
import { type Given, TakeForm } from "./TakeForm";
import { keepTaking } from "./taking";

interface Asked {
  title: string;
  consent: string;
  is_open: boolean;
  form: Form;
}

/** What a link to an instrument opens: the questionnaire and nothing else. */
export default function Take() {
  const { token } = useParams<{ token: string }>();
  const at = `/api/take/${encodeURIComponent(token)}`;
  const doneKey = `personae.taken.${token}`;
  const [done, setDone] = useState(() => readKept<Scored>(doneKey));
  const asked = useQuery<Asked, Problem>({ queryKey: ["take", token], queryFn: () => api.get(at), staleTime: Infinity, retry: false, enabled: done === null });
  const send = useMutation<Scored, Problem, Given>({
    mutationFn: (given) => api.post(at, { ...given, consent: true }),
    onSuccess: (scored) => { keepTaking(token, null); keep(doneKey, scored); setDone(scored); window.scrollTo(0, 0); },
  });
  const title = asked.data?.title ?? "Questionnaire";
  useEffect(() => { document.title = title; }, [title]);
  return (
    <main className="page narrow">
      <h1>{done ? "Thank you" : title}</h1>
      {done ? (
        <>
          <p>Your answers were sent. You can close this page.</p>
          <Scores scored={done} />
          <div><Button onClick={() => { keep(doneKey, null); send.reset(); setDone(null); }}>Somebody else answers in this browser</Button></div>
        </>
      ) : null}
      {asked.error ? <Fault problem={asked.error} {...(asked.error.code === "offline" ? { retry: () => void asked.refetch() } : {})} /> : null}
      {!done && asked.isPending ? <Waiting lines={4} /> : null}
      {asked.data && !done && !asked.data.is_open ? <Hint tone="warn">As many have taken part as were wanted. Thank you for your will to help.</Hint> : null}
      {asked.data && !done && asked.data.is_open ? <TakeForm form={asked.data.form} consent={asked.data.consent} place={token} isSending={send.isPending} onSend={(given) => send.mutate(given)} /> : null}
      {send.error && !done ? <Fault problem={send.error} /> : null}
    </main>
  );
}
