import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "wouter";

import { api, type Problem } from "../../api/client";
import type { Form, Scored } from "../../api/types";
import { Fault, Waiting } from "../../ui/controls";
import { Scores } from "./Scores";
import { TakeForm } from "./TakeForm";

/** What a link to an instrument opens: the questionnaire and nothing else. */
export default function Take() {
  const { token } = useParams<{ token: string }>();
  const at = `/api/take/${encodeURIComponent(token)}`;
  const asked = useQuery<{ title: string; consent: string; form: Form }, Problem>({ queryKey: ["take", token], queryFn: () => api.get(at), staleTime: Infinity, retry: false });
  const send = useMutation<Scored, Problem, { answers: Record<string, number | null>; seconds: number }>({ mutationFn: (given) => api.post(at, { ...given, consent: true }) });
  return (
    <main className="page narrow">
      <h1>{asked.data?.title ?? "Questionnaire"}</h1>
      {asked.error ? <Fault problem={asked.error} /> : null}
      {asked.isPending ? <Waiting lines={4} /> : null}
      {send.error ? <Fault problem={send.error} /> : null}
      {send.data ? <Scores scored={send.data} /> : asked.data ? <TakeForm form={asked.data.form} consent={asked.data.consent} isSending={send.isPending} onSend={(answers, seconds) => send.mutate({ answers, seconds })} /> : null}
    </main>
  );
}
